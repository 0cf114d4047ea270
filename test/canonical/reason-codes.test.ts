// Every reason code of the table is found where it should be, and not beside it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Finding, type ReasonCode, reasonCodes } from "#canonical/model";
import { checkPerson, findBeyondRecord, refuses, type Surroundings } from "#canonical/rules";
import { type BeyondCase, beyondCases, type Input, options, recordCases, sent, sound } from "./reason-code-cases.ts";

const codes = Object.keys(reasonCodes) as ReasonCode[];
const fields = checkPerson(sent(sound), options).fields;
const findingsOf = ({ texts, event, live }: Input): readonly Finding[] =>
  checkPerson(sent({ ...sound, ...texts }, event), { ...options, environment: live ? "live" : "test" }).findings;

describe("the table of reason codes", () => {
  it("has the codes of every family without a gap", () => {
    const byFamily = Map.groupBy(codes, (code) => code.slice(0, -4));
    for (const [family, ofFamily] of byFamily)
      expect(ofFamily).toEqual(ofFamily.map((_, index) => `${family}-${String(index + 1).padStart(3, "0")}`));
    expect(Object.fromEntries([...byFamily].map(([family, { length }]) => [family.slice(3), length]))).toEqual({
      NHS: 12,
      DOB: 8,
      NAM: 7,
      GEN: 2,
      PCD: 5,
      ADR: 1,
      TEL: 2,
      EML: 1,
      GPC: 1,
      DTH: 2,
      STA: 1,
      LEN: 1,
    });
  });

  it("has an input and a near miss for every code", () => {
    const shown = new Set([...Object.keys(recordCases), ...Object.keys(beyondCases)]);
    expect(codes.filter((code) => !shown.has(code))).toEqual([]);
    expect([...shown].filter((code) => !(code in reasonCodes))).toEqual([]);
  });

  it("tells apart what one record is enough for", () => {
    const fromRecord = codes.filter((code) => reasonCodes[code].judgedFrom === "record");
    expect(Object.keys(recordCases).toSorted()).toEqual(fromRecord.toSorted());
  });
});

describe("a record alone", () => {
  it.each(Object.entries(recordCases))("yields %s at its field, and not for a near miss", (code, one) => {
    const { severity } = reasonCodes[code as ReasonCode];
    const findings = findingsOf(one.found);
    expect(findings).toContainEqual({ code, field: one.field, severity });
    if (severity === "reject") expect(refuses(findings)).toBe(true);
    expect(findingsOf(one.nearMiss).map((finding) => finding.code)).not.toContain(code);
  });
});

describe("what is known beside a record", () => {
  const table = Object.entries(beyondCases).flatMap(([code, cases]) =>
    cases.map((one): [string, BeyondCase] => [code, one]),
  );

  it.each(table)("yields %s at its field, and not for a near miss", (code, { field, found, nearMiss }) => {
    const finding = { code, field, severity: reasonCodes[code as ReasonCode].severity };
    expect(findBeyondRecord(fields, found)).toEqual([finding]);
    expect(findBeyondRecord(fields, nearMiss)).not.toContainEqual(finding);
  });

  it("says nothing of a field that is not said, nor where nobody was asked", () => {
    const asked: fc.Arbitrary<Surroundings> = fc.record(
      {
        nhsNumber: fc.constantFrom("current", "superseded", "invalidated", "another"),
        nhsNumberHolders: fc.nat({ max: 30 }),
        phoneHolders: fc.nat({ max: 30 }),
        postcode: fc.constantFrom("live", "ended", "absent"),
        gpPractice: fc.constantFrom("open", "closed", "absent"),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(asked, (known) => {
        const found = findBeyondRecord(fields, known);
        expect(found.length).toBeLessThanOrEqual(Object.keys(known).length);
        for (const { field } of found)
          expect(findBeyondRecord({ ...fields, [field]: null }, known).map((one) => one.field)).not.toContain(field);
        expect(findBeyondRecord({}, known)).toEqual([]);
      }),
    );
    expect(findBeyondRecord(fields, {})).toEqual([]);
  });
});
