// Statements against what is known, proposed and refused: whatever their order, the newest of each field counts.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PersonChanges } from "#canonical/model";
import { type KnownFields, newest, saidOf, valuesOf } from "../../src/services/demographics/person.ts";
import { judgeStatement, newSubject, type Subject } from "../../src/services/demographics/statement.ts";

type Stated = { readonly at: number; readonly fields: PersonChanges };
const text = fc.constantFrom("A", "B", "C");
const statements = fc.uniqueArray(
  fc.record({
    at: fc.integer({ min: 1, max: 60 }),
    fields: fc.record(
      { town: fc.option(text, { nil: null }), familyName: text, birthDate: text },
      { requiredKeys: [] },
    ) as fc.Arbitrary<PersonChanges>,
  }),
  { selector: ({ at }) => at, maxLength: 12 },
);
const spoken = ({ at, fields }: Stated, source = "test") => ({
  fields,
  raw: {},
  eventAt: new Date(at).toISOString(),
  source,
});
const subject = (more: Partial<Subject> = {}): Subject => ({ ...newSubject("p"), version: 1, ...more });
const known = (values: PersonChanges, at = 10): KnownFields =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [field, { value, at, source: "test" }]));
const proposal = (fields: KnownFields) => ({ instanceId: "i", journeyId: "j", state: "asked" as const, fields });

/** What the newest statement about each field said. */
const newestOf = (all: readonly Stated[]): PersonChanges =>
  Object.assign({}, ...all.toSorted((a, b) => a.at - b.at).map(({ fields }) => fields));

/** Takes a statement in: fields of `asks` wait in a proposal, which a later statement takes over, the rest is known at once. */
function takeIn(before: Subject, statement: Stated, asks: ReadonlySet<string>): Subject {
  const { news, changed, restated, renewed } = judgeStatement(before, spoken(statement));
  if (news !== "changed")
    return { ...before, fields: restated, proposal: before.proposal && renewed ? proposal(renewed) : before.proposal };
  const all = saidOf(newest(renewed ?? before.proposal?.fields ?? {}, changed));
  const waits = all.filter(([field, { value }]) => asks.has(field) && (restated[field]?.value ?? null) !== value);
  const applied = all.filter((one) => !waits.includes(one));
  return {
    ...before,
    fields: { ...restated, ...Object.fromEntries(applied) },
    proposal: waits.length > 0 ? proposal(Object.fromEntries(waits)) : null,
  };
}

describe("statements in any order", () => {
  test.each([
    ["nothing waits for anybody", []],
    ["some fields wait for a person", ["birthDate"]],
    ["all fields wait for a person", ["birthDate", "town", "familyName"]],
  ])("end with the newest of each field, where %s", (_, waiting) => {
    const asks = new Set(waiting);
    fc.assert(
      fc.property(
        statements.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const end = shuffled.reduce((sum, one) => takeIn(sum, one, asks), subject());
          const approved = valuesOf(newest(end.fields, end.proposal?.fields ?? {}));
          const wanted = newestOf(all);
          for (const field of ["town", "familyName", "birthDate"] as const)
            expect(approved[field] ?? null).toBe(wanted[field] ?? null);
        },
      ),
    );
  });
});

describe("ten thousand statements about one person, shuffled", () => {
  const fields = ["town", "phone", "familyName", "birthDate"] as const;
  /** Each speaks of some fields; every eleventh of what it speaks of is a removal. */
  const told = (n: number): Stated => ({
    at: n,
    fields: Object.fromEntries(
      fields
        .filter((_, index) => (n * 31 + index * 17) % 5 < 2)
        .map((field, index) => [field, (n + index) % 11 === 0 ? null : `${field} ${n}`]),
    ),
  });
  // 7,919 and 10,000 have no common factor: every number comes once, never in order.
  const shuffled = Array.from({ length: 10_000 }, (_, index) => told(((index * 7_919) % 10_000) + 1));

  test.each([
    ["where nothing waits", []],
    ["where an identity waits for a person", ["familyName", "birthDate"]],
  ])("end with the newest of each field, %s", (_, waiting) => {
    const asks = new Set(waiting);
    const end = shuffled.reduce((sum, one) => takeIn(sum, one, asks), subject());
    const reached = valuesOf(newest(end.fields, end.proposal?.fields ?? {}));
    const wanted = newestOf(shuffled);
    for (const field of fields) expect([field, reached[field] ?? null]).toEqual([field, wanted[field] ?? null]);
  });
});

describe("the status of an NHS number", () => {
  test("is what verification found, whatever a statement says of it", () => {
    const status = fc.constantFrom("01", "02", "03", "04", "05", "06", "07", "08");
    fc.assert(
      fc.property(status, status, statements, (found, said, all) => {
        const before = subject({ fields: known({ nhsNumberStatus: found }, 0) });
        const end = all.reduce(
          (sum, one) => takeIn(sum, { ...one, fields: { ...one.fields, nhsNumberStatus: said } }, new Set()),
          before,
        );
        expect(end.fields.nhsNumberStatus).toEqual(before.fields.nhsNumberStatus);
      }),
    );
  });
});

describe("a statement", () => {
  const at = 20;
  test.each([
    ["changed, where it says something newer", { town: "X" }, "changed"],
    ["unchanged, where it says what is known", { town: "A" }, "unchanged"],
    ["joined, where it says what is proposed already", { town: "A", phone: "P" }, "joined"],
    ["changed, where it takes a proposal back", { phone: "K" }, "changed"],
    ["unchanged, where it repeats what was refused", { email: "R" }, "unchanged"],
    ["changed, where it differs from what was refused", { email: "S" }, "changed"],
    ["unchanged, where it only names a number that was replaced", { nhsNumber: "4000000004" }, "unchanged"],
    ["unchanged, where it only tells a status of the number", { nhsNumberStatus: "01" }, "unchanged"],
  ] as const)("is %s", (_, fields, news) => {
    const before = subject({
      fields: known({ town: "A", phone: "K", email: "E", nhsNumber: "4000000012" }),
      proposal: proposal(known({ phone: "P" })),
      refused: { email: "R" },
      numbers: [{ number: "4000000004", status: "01", current: false, supersededBy: "4000000012" }],
    });
    expect(judgeStatement(before, spoken({ at, fields })).news).toBe(news);
  });

  test("is superseded, where something newer is known or proposed", () => {
    const before = subject({ fields: known({ town: "A" }, 30), proposal: proposal(known({ phone: "P" }, 30)) });
    expect(judgeStatement(before, spoken({ at, fields: { town: "X" } })).news).toBe("superseded");
    expect(judgeStatement(before, spoken({ at, fields: { phone: "X" } })).news).toBe("superseded");
  });

  test("that says a verified value again leaves it verified", () => {
    const before = subject({ fields: { town: { value: "A", at: 1, source: "test", verified: true } } });
    const { restated } = judgeStatement(before, spoken({ at, fields: { town: "A" } }, "other"));
    expect(restated.town).toEqual({ value: "A", at, source: "other", verified: true });
  });
});
