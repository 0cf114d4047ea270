// The status of an NHS number after a decision: verified only by a national record that is the person's.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PersonChanges } from "#canonical/model";
import type { NationalWord } from "#canonical/packs";
import { hasValidCheckDigit } from "#canonical/rules";
import { BAD_NUMBER, decided, found, identity, NUMBER, OTHER_NUMBER } from "./sides.ts";

const born = fc.constantFrom("1980-05-17", "1980-05-18", "1980", null);
const given = fc.constantFrom("Anne", "ANNE", "Una", null);
const family = fc.constantFrom("Example", "Sample", null);
const number = fc.constantFrom(NUMBER, OTHER_NUMBER, BAD_NUMBER, null);
const persons = fc.record({ nhsNumber: number, familyName: family, givenName: given, birthDate: born });
const answers = fc.oneof(
  fc.constantFrom<NationalWord>(
    { outcome: "none" },
    { outcome: "several" },
    { outcome: "invalidated" },
    { outcome: "insufficient" },
    { outcome: "unasked" },
  ),
  fc.tuple(persons, fc.constantFrom(NUMBER, OTHER_NUMBER)).map(([fields, own]) => found({ ...fields, nhsNumber: own })),
);

describe("a number", () => {
  test("counts as verified only where the national record has that number and contradicts neither birth date nor both names", () => {
    let verified = 0;
    fc.assert(
      fc.property(persons, fc.boolean(), answers, (said, isNew, national) => {
        const told = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
        const input = { erp: isNew ? null : said, proposed: (isNew ? told : {}) as PersonChanges, national };
        const { nhsNumberStatus, fields } = decided(input);
        if (nhsNumberStatus !== "01") return;
        verified += 1;
        expect(national.outcome).toBe("found");
        const record = national.outcome === "found" ? national.record : undefined;
        const held = fields.find(({ field }) => field === "nhsNumber")?.verdict ?? "same";
        if (held === "same" || said.nhsNumber !== null) {
          expect(said.nhsNumber).toBe(record?.nhsNumber);
          expect(hasValidCheckDigit(`${said.nhsNumber}`)).toBe(true);
        }
        const [here, there] = [said.birthDate ?? "", record?.fields.birthDate ?? ""];
        expect(here.startsWith(there) || there.startsWith(here)).toBe(true);
        const differs = (a: string | null, b: string | null | undefined) =>
          Boolean(a && b && a.toUpperCase() !== b.toUpperCase());
        const isGivenOther = differs(said.givenName, record?.fields.givenName);
        expect(isGivenOther && (isNew || differs(said.familyName, record?.fields.familyName))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    expect(verified).toBeGreaterThan(0);
  });

  test.each([
    ["a twin of the national record", { givenName: "Una" }, "steward"],
    ["the person of the national record", {}, "proceed"],
  ] as const)("of somebody new who is named as %s leads to that", (_, other, verdict) => {
    const decision = decided({ erp: null, proposed: { ...identity, ...other }, national: found() });
    expect(decision.person.verdict).toBe(verdict);
  });

  test("comes with a death told of somebody new: that takes two people, and the rest is registered", () => {
    const proposed = { ...identity, deceased: true, deathDate: "2026-01-02" };
    const { fields, ask } = decided({ erp: null, proposed, national: found() });
    const verdicts = new Map(fields.map(({ field, verdict }) => [field, verdict]));
    expect([verdicts.get("familyName"), verdicts.get("deceased"), verdicts.get("deathDate")]).toEqual([
      "apply",
      "approve",
      "approve",
    ]);
    expect(ask?.quorum).toBe(2);
  });
});
