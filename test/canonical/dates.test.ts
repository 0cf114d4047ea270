// Dates of birth and death: forms, calendar, limits.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dateInLondon, isAfter, readDate } from "#canonical/rules";
import { findAcrossFields } from "../../src/canonical/rules/across-fields.ts";
import { daysInMonth, judgeBirthDate, judgeDeathDate, latestDateOf } from "../../src/canonical/rules/dates.ts";

const today = "2026-08-01";

it("tells London's date at each side of its midnight, in winter, in summer and before there was a standard time", () => {
  const dates = [
    "2026-01-31T23:59:59.999Z",
    "2026-02-01T00:00:00.000Z",
    "2026-06-14T22:59:59.999Z",
    "2026-06-14T23:00:00.000Z",
    "2026-06-14T22:59:59.999Z",
    "1840-01-01T00:01:14.999Z",
    "1840-01-01T00:01:15.000Z",
  ].map((instant) => dateInLondon(new Date(instant)));
  expect(dates).toEqual([
    "2026-01-31",
    "2026-02-01",
    "2026-06-14",
    "2026-06-15",
    "2026-06-14",
    "1839-12-31",
    "1840-01-01",
  ]);
});

describe("reading a date", () => {
  it.each([
    ["1985-04-12", "1985-04-12"],
    ["19850412", "1985-04-12"],
    ["198504121230", "1985-04-12"],
    ["19850412233000.123+0100", "1985-04-12"],
    ["1985-04-12T23:30:00Z", "1985-04-12"],
    ["198504", "1985-04"],
    ["1985-04", "1985-04"],
    ["1985", "1985"],
    ["20000229", "2000-02-29"],
    ["19000229", undefined],
    ["20250229", undefined],
    ["20251301", undefined],
    ["20250100", undefined],
    ["00000000", undefined],
    ["12/04/1985", undefined],
    ["12 Apr 1985", undefined],
    ["", undefined],
  ])("reads %j as %j", (text, date) => {
    expect(readDate(text)).toBe(date);
  });

  it("reads every day of the calendar back, in both forms", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
        (date) => {
          const iso = date.toISOString().slice(0, 10);
          expect(readDate(iso)).toBe(iso);
          expect(readDate(iso.replaceAll("-", ""))).toBe(iso);
        },
      ),
    );
  });

  it("knows the days of every month", () => {
    for (let year = 1896; year <= 2104; year += 1)
      for (let month = 1; month <= 12; month += 1)
        expect(daysInMonth(year, month)).toBe(new Date(Date.UTC(year, month, 0)).getUTCDate());
  });

  it("compares only the parts both dates have", () => {
    expect(isAfter("1985-05", "1985")).toBe(false);
    expect(isAfter("1985-05", "1985-04-30")).toBe(true);
  });

  it("counts an instant as the latest date it has anywhere", () => {
    expect(latestDateOf("2026-06-14T23:05:00.000Z")).toBe("2026-06-15");
  });
});

describe("judging a birth date", () => {
  it.each([
    ["19850412", today, "1985-04-12", []],
    ["", today, undefined, ["DQ-DOB-002"]],
    ["2026-08-02", today, undefined, ["DQ-DOB-003"]],
    ["2026-08-01", today, "2026-08-01", []],
    ["2026", today, "2026", ["DQ-DOB-007"]],
    ["1899-12-31", today, undefined, ["DQ-DOB-004"]],
    ["1800-01-01", today, undefined, ["DQ-DOB-004"]],
    ["1901-02-03", "2031-02-04", undefined, ["DQ-DOB-004"]],
    ["1901-02-03", "2031-02-03", "1901-02-03", ["DQ-DOB-005"]],
    ["1906-07-31", today, "1906-07-31", ["DQ-DOB-005"]],
    ["1906-08-01", today, "1906-08-01", []],
    ["1970-01-01", today, "1970-01-01", ["DQ-DOB-006"]],
    ["1900-01-01", today, "1900-01-01", ["DQ-DOB-005", "DQ-DOB-006"]],
    ["198504", today, "1985-04", ["DQ-DOB-007"]],
  ])("judges %j on %s", (text, on, value, codes) => {
    expect(judgeBirthDate(text, on)).toEqual({ value, codes });
  });
});

const someDate = fc
  .date({ min: new Date("1850-01-01"), max: new Date("2100-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const partial = fc.tuple(someDate, fc.constantFrom(4, 7, 10)).map(([date, length]) => date.slice(0, length));

describe("any birth date", () => {
  it("is never taken from the future nor from before 1900, and is taken again as it was taken", () => {
    fc.assert(
      fc.property(partial, someDate, (date, on) => {
        const { value, codes } = judgeBirthDate(date, on);
        expect(value === undefined).toBe(codes.includes("DQ-DOB-003") || codes.includes("DQ-DOB-004"));
        if (value === undefined) return;
        expect(value).toBe(date);
        expect(isAfter(value, on)).toBe(false);
        expect(value >= "1900").toBe(true);
        expect(Number(on.slice(0, 4)) - Number(value.slice(0, 4))).toBeLessThanOrEqual(130);
        expect(codes.includes("DQ-DOB-007")).toBe(value.length < 10);
        expect(codes.includes("DQ-DOB-006")).toBe(value.endsWith("-01-01"));
        expect(judgeBirthDate(value.replaceAll("-", ""), on)).toEqual({ value, codes });
      }),
    );
  });

  it("after the death is found, and one on the day of it is not", () => {
    const codesOf = (birthDate: string, deathDate: string) =>
      findAcrossFields({ birthDate, deathDate, deceased: true }, { event: "A31", eventAt: "2100-12-31T00:00:00Z" });
    fc.assert(
      fc.property(someDate, someDate, (birth, death) => {
        expect(codesOf(birth, death).some(({ code }) => code === "DQ-DOB-008")).toBe(birth > death);
        expect(codesOf(birth, birth)).toEqual([]);
      }),
    );
  });

  it("after the event is found, however the sender's day differs from that of UTC", () => {
    const codesOf = (birthDate: string, eventAt: string) =>
      findAcrossFields({ birthDate }, { event: "A28", eventAt }).map(({ code }) => code);
    expect(codesOf("2026-06-16", "2026-06-14T23:05:00.000Z")).toEqual(["DQ-DOB-008"]);
    expect(codesOf("2026-06-15", "2026-06-14T23:05:00.000Z")).toEqual([]);
  });
});

describe("judging a death date", () => {
  it.each([
    ["20260731", "2026-07-31", []],
    ["20260802", undefined, ["DQ-DTH-002"]],
    ["2026", undefined, ["DQ-DTH-002"]],
    ["dead", undefined, ["DQ-DTH-002"]],
  ])("judges %j", (text, value, codes) => {
    expect(judgeDeathDate(text, today)).toEqual({ value, codes });
  });
});
