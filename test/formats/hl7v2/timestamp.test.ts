// Timestamps: every precision, calendar validity, offsets, and local time across the changes of the clock.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTimestamp, timestampToInstant } from "#formats/hl7v2";
import { codeOf } from "./fault.ts";

describe("parseTimestamp", () => {
  it.each([
    ["2026", { iso: "2026", precision: "year" }],
    ["202602", { iso: "2026-02", precision: "month" }],
    ["20240229", { iso: "2024-02-29", precision: "day" }],
    ["2026041409", { iso: "2026-04-14T09:00", precision: "hour" }],
    ["202604140930", { iso: "2026-04-14T09:30", precision: "minute" }],
    ["20260414093012", { iso: "2026-04-14T09:30:12", precision: "second" }],
    ["20260414093012.5", { iso: "2026-04-14T09:30:12.5", precision: "fraction" }],
    ["20260414093012.1234", { iso: "2026-04-14T09:30:12.1234", precision: "fraction" }],
    ["202604140930+0100", { iso: "2026-04-14T09:30+01:00", precision: "minute", offset: "+01:00" }],
    ["20260414093012.1234-0930", { iso: "2026-04-14T09:30:12.1234-09:30", precision: "fraction", offset: "-09:30" }],
    ["20260414+0100", { iso: "2026-04-14", precision: "day", offset: "+01:00" }],
  ])("reads %s", (text, expected) => {
    expect(parseTimestamp(text)).toEqual(expected);
  });

  it.each([
    "",
    "26",
    "20261",
    "0000",
    "202613",
    "202600",
    "20260230",
    "20250229",
    "19000229",
    "20260400",
    "2026041424",
    "202604140960",
    "20260414093060",
    "20260414093012.",
    "20260414093012.12345",
    "202604140930.5",
    "20260414+1",
    "20260414+0160",
    "20260414+1500",
    "2026-04-14",
    "20260414 0930",
    " 20260414",
    "20260414\n",
    "２０２６",
  ])("refuses %j", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
    expect(timestampToInstant(text)).toBeUndefined();
  });
});

describe("timestampToInstant", () => {
  it.each([
    ["20260114093012", "2026-01-14T09:30:12Z"],
    ["20260714093012", "2026-07-14T08:30:12Z"],
    ["20260714093012.1239", "2026-07-14T08:30:12.123Z"],
    ["20260714", "2026-07-13T23:00:00Z"],
    ["2026", "2026-01-01T00:00:00Z"],
    ["202607", "2026-06-30T23:00:00Z"],
    ["20260714093012+0530", "2026-07-14T04:00:12Z"],
    ["20260714093012-0000", "2026-07-14T09:30:12Z"],
    ["202603290059", "2026-03-29T00:59:00Z"],
    ["202603290130", "2026-03-29T01:30:00Z"],
    ["202603290200", "2026-03-29T01:00:00Z"],
    ["202610250059", "2026-10-24T23:59:00Z"],
    ["202610250130", "2026-10-25T00:30:00Z"],
    ["202610250200", "2026-10-25T02:00:00Z"],
    ["19690701", "1969-06-30T23:00:00Z"],
    ["00990101+0000", "0099-01-01T00:00:00Z"],
  ])("places %s in London at %s", (text, expected) => {
    expect(new Date(timestampToInstant(text)!).toISOString()).toBe(new Date(expected).toISOString());
  });

  it.each([
    ["202603080230", "America/New_York", "2026-03-08T07:30:00Z"],
    ["202611010130", "America/New_York", "2026-11-01T05:30:00Z"],
    ["202604050145", "Australia/Lord_Howe", "2026-04-04T14:45:00Z"],
    ["202601010000", "UTC", "2026-01-01T00:00:00Z"],
  ])("places %s in %s at %s", (text, zone, expected) => {
    expect(new Date(timestampToInstant(text, zone)!).toISOString()).toBe(new Date(expected).toISOString());
  });

  it("finds every instant again from its UTC timestamp", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }), (date) => {
        const text = date.toISOString().replaceAll(/[-:TZ]/g, "");
        expect(timestampToInstant(text, "UTC")).toBe(date.getTime());
        expect(timestampToInstant(`${text}+0000`)).toBe(date.getTime());
      }),
    );
  });

  it("refuses a zone that does not exist", () => {
    expect(codeOf(() => timestampToInstant("2026", "Europe/Nowhere"))).toBe("CONFIG_INVALID");
  });
});
