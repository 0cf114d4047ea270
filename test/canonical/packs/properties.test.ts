// What holds whatever is compared and whatever the pack says, as long as the schema takes it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NationalRecord } from "#canonical/contracts";
import { whereabouts } from "#canonical/model";
import {
  compareSources,
  type DecisionInput,
  decide,
  decideAgain,
  type NationalWord,
  type Pack,
  packFields,
  packSchema,
} from "#canonical/packs";
import { BAD_NUMBER, identity, NUMBER, OTHER_NUMBER, plainDemo } from "./sides.ts";

const identities: readonly string[] = ["birthDate", "nhsNumber", "gender", "deceased", "deathDate"];

/** A value that shows wherever it turns up. */
const MARK = "whereaboutsmark";
const place = fc.constantFrom(null, "", `${MARK} 1`, `${MARK} 2`, `${MARK.toUpperCase()} 1`);
const name = fc.constantFrom(null, "Example", "EXAMPLE", "Sample", "Anne", "Una");
const date = fc.constantFrom(null, "1980-05-17", "1980-05-18", "1980-05", "1980");
const valueOfField: Record<string, fc.Arbitrary<unknown>> = {
  nhsNumber: fc.constantFrom(null, NUMBER, OTHER_NUMBER, BAD_NUMBER),
  birthDate: date,
  deathDate: date,
  gender: fc.constantFrom(null, "male", "female", "unknown"),
  deceased: fc.constantFrom(null, true, false),
};
const arbitraryFields = fc
  .record(
    Object.fromEntries(
      packFields.map((field) => [
        field,
        fc.option(valueOfField[field] ?? (whereabouts.has(field) ? place : name), { nil: undefined }),
      ]),
    ),
  )
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
const nationalWord: fc.Arbitrary<NationalWord> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.constantFrom<NationalWord>(
      ...(["none", "several", "invalidated", "insufficient", "unasked"] as const).map((outcome) => ({ outcome })),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        fields: arbitraryFields,
        alike: fc.boolean(),
        restricted: fc.boolean(),
        dead: fc.boolean(),
        supersedes: fc.boolean(),
        number: fc.constantFrom(NUMBER, OTHER_NUMBER),
      })
      .map(
        ({ fields, alike, restricted, dead, supersedes, number }): NationalWord => ({
          outcome: "found",
          record: {
            nhsNumber: number,
            version: "1",
            restricted,
            fields: { ...fields, ...(alike ? identity : {}) },
            ...(dead ? { death: "formal" } : {}),
          } as NationalRecord,
          ...(supersedes ? { supersedes: number === NUMBER ? OTHER_NUMBER : NUMBER } : {}),
        }),
      ),
  },
);
const input = fc
  .record({
    erp: fc.option(arbitraryFields, { nil: null }),
    alike: fc.boolean(),
    proposed: arbitraryFields,
    national: nationalWord,
    restricted: fc.boolean(),
    duplicate: fc.boolean(),
  })
  .map(
    ({ alike, erp, ...others }) => ({ ...others, erp: erp && alike ? { ...erp, ...identity } : erp }) as DecisionInput,
  );

/** Packs of any kind, as plain values; the schema takes those in which the identities are asked about. */
const asking = fc.constantFrom("approve", "steward", "refuse");
const verdict = fc.constantFrom("apply", "approve", "steward", "refuse");
const ruling = (said: fc.Arbitrary<string>) => {
  const cell = fc.oneof(said, fc.record({ local: said, national: said }));
  return fc.record({ agrees: cell, differs: cell, silent: cell, unknown: cell });
};
const plain = plainDemo();
const plainPack = (graver: fc.Arbitrary<string>) =>
  fc
    .record({
      rules: fc.record({ low: ruling(verdict), medium: ruling(verdict), high: ruling(graver), grave: ruling(graver) }),
      fields: fc.record(
        Object.fromEntries(
          packFields.map((field) => [
            field,
            fc.record({
              risk: identities.includes(field)
                ? fc.constantFrom("high", "grave")
                : fc.constantFrom("low", "medium", "high"),
              authority: fc.constantFrom("local", "national"),
            }),
          ]),
        ),
      ),
      fill: fc.constantFrom("apply", "change"),
      respelling: fc.constantFrom("apply", "change"),
      normalisation: fc.constantFrom("folded", "exact").map((form) => ({ names: form, addresses: form, phones: form })),
      write: fc.subarray(packFields.filter((field) => !whereabouts.has(field))),
    })
    .map(({ write, ...changed }) => {
      const { approve, steward } = structuredClone(plain.approvals);
      // A death may be of high risk here, and that needs two as well.
      approve.high.quorum = 2;
      steward.high.quorum = 2;
      return { ...plain, ...changed, approvals: { approve, steward }, restricted: { write } };
    });
const anyPack = fc.oneof(plainPack(verdict), plainPack(asking));
const lawful = plainPack(asking).map((value): Pack => ({ ...packSchema.parse(value), digest: "of no account here" }));

const everyPack = { numRuns: 300 };

describe("whatever is compared, and whatever a lawful pack says", () => {
  test("the same input under the same pack is the same decision, and input and pack stay as they were", () => {
    fc.assert(
      fc.property(input, lawful, (sides, pack) => {
        const before = JSON.stringify([sides, pack]);
        const first = decideAgain(sides, pack);
        expect(decideAgain(JSON.parse(JSON.stringify(sides)) as DecisionInput, pack)).toEqual(first);
        expect(JSON.stringify([sides, pack])).toBe(before);
        expect(JSON.parse(JSON.stringify(first))).toEqual(first);
      }),
      everyPack,
    );
  });

  test("an identity or a death of a known person is never applied without a person, and a death never without two", () => {
    fc.assert(
      fc.property(input, lawful, (sides, pack) => {
        if (sides.erp === null) return;
        const { fields, ask } = decideAgain(sides, pack);
        for (const one of fields.filter(({ field }) => identities.includes(field)))
          expect(one.verdict).not.toBe("apply");
        if (ask?.fields.some((field) => field === "deceased" || field === "deathDate"))
          expect(ask.quorum).toBeGreaterThanOrEqual(2);
      }),
      everyPack,
    );
  });

  test("every field that needs somebody is in the one question, and nothing else is", () => {
    fc.assert(
      fc.property(input, lawful, (sides, pack) => {
        const { fields, ask, person } = decideAgain(sides, pack);
        const asked = fields
          .filter(({ verdict: one }) => one === "approve" || one === "steward")
          .map(({ field }) => field);
        expect(ask?.fields ?? []).toEqual(asked);
        expect(ask === null).toBe(asked.length === 0 && person.verdict === "proceed");
        if (ask) expect(ask.roles.length).toBeGreaterThan(0);
      }),
      everyPack,
    );
  });

  test("what the national service does not tell is never proposed as blank, and blank is only ever the hospital's word", () => {
    fc.assert(
      fc.property(input, lawful, (sides, pack) => {
        for (const { proposed, by, national, field } of compareSources({ ...sides, pack }).fields) {
          if (by === "national") expect(proposed).not.toBeNull();
          expect(national).not.toBeNull();
          if (proposed === null) expect([null, ""]).toContain(sides.proposed[field]);
        }
      }),
      everyPack,
    );
  });

  test("a restricted person's whereabouts come out nowhere and are never written", () => {
    fc.assert(
      fc.property(input, lawful, (sides, pack) => {
        const comparison = compareSources({ ...sides, pack });
        if (!comparison.restricted) return;
        for (const { withheld, field, stance } of comparison.fields) {
          if (withheld) expect([Object.hasOwn(sides.proposed, field), stance === "differs"]).toEqual([true, false]);
        }
        const decision = decide(comparison, pack);
        expect(JSON.stringify([comparison, decision]).toLowerCase()).not.toContain(MARK);
        for (const { field, verdict: one } of decision.fields)
          if (whereabouts.has(field)) expect(["refuse", "same"]).toContain(one);
      }),
      everyPack,
    );
  });

  test("nothing is applied where the national record is another's or was withdrawn", () => {
    fc.assert(
      fc.property(input, lawful, (sides, pack) => {
        const { person, fields } = decideAgain(sides, pack);
        if (person.stance !== "conflict" && person.stance !== "invalidated") return;
        expect(fields.map(({ verdict: one }) => one)).not.toContain("apply");
        expect(person.verdict).toBe("steward");
      }),
      everyPack,
    );
  });

  test("a pack made at random is taken only where it keeps the identities", () => {
    let [refused, accepted] = [0, 0];
    fc.assert(
      fc.property(anyPack, (value) => {
        const { data: pack } = packSchema.safeParse(value);
        if (!pack) refused += 1;
        else {
          accepted += 1;
          for (const field of identities as ("gender" | "deceased")[]) {
            const { risk: of, authority } = pack.fields[field];
            expect(Object.values(pack.rules[of]).map((one) => one[authority])).not.toContain("apply");
          }
        }
      }),
      everyPack,
    );
    expect(Math.min(refused, accepted)).toBeGreaterThan(0);
  });
});
