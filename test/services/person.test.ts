// How statements about a person add up: by the time of the event, field by field.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyStatement, type KnownFields, saidIn, valuesOf } from "../../src/services/demographics/person.ts";

type Statement = { at: number; fields: { familyName?: string; town?: string | null } };
const text = fc.constantFrom("A", "B", "C");
const statement: fc.Arbitrary<Statement> = fc.record({
  at: fc.integer({ min: 1, max: 50 }),
  fields: fc.record({ familyName: text, town: fc.option(text, { nil: null }) }, { requiredKeys: [] }),
});
const said = ({ at, fields }: Statement, raw = {}) =>
  saidIn({ fields, raw, eventAt: new Date(at).toISOString(), source: "test" });
const apply = (known: KnownFields, one: Statement) => applyStatement(known, said(one));

describe("what is known of a person", () => {
  test("does not depend on the order in which statements of different times arrive", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(statement, { selector: (one) => one.at, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (statements, seeds) => {
          const inOrder = statements
            .toSorted((a, b) => a.at - b.at)
            .reduce<KnownFields>((known, one) => apply(known, one).fields, {});
          const keyed = statements.map((one) => ({ one, seed: seeds.next().value as number }));
          const shuffled = keyed
            .toSorted((a, b) => a.seed - b.seed)
            .reduce<KnownFields>((known, { one }) => apply(known, one).fields, {});
          expect(valuesOf(shuffled)).toEqual(valuesOf(inOrder));
        },
      ),
    );
  });

  test("is never overwritten by something older", () => {
    const { fields } = apply({}, { at: 10, fields: { familyName: "NEW", town: "X" } });
    const older = apply(fields, { at: 9, fields: { familyName: "OLD", town: "X" } });
    expect(older).toMatchObject({ changed: {}, outdated: ["familyName"] });
    expect(valuesOf(older.fields)).toEqual({ familyName: "NEW", town: "X" });
  });

  test("takes from an older statement what newer ones did not speak of", () => {
    const { fields } = apply({}, { at: 10, fields: { familyName: "NEW" } });
    expect(apply(fields, { at: 9, fields: { familyName: "OLD", town: "X" } })).toMatchObject({
      changed: { town: "X" },
      outdated: ["familyName"],
    });
  });

  test("takes the later arrival of two statements of one time", () => {
    const { fields } = apply({}, { at: 10, fields: { town: "X" } });
    expect(apply(fields, { at: 10, fields: { town: "Y" } }).changed).toEqual({ town: "Y" });
  });

  test("holds the text as it was sent beside a value that is not that text, and only there", () => {
    const first = said({ at: 1, fields: { familyName: "A", town: "X" } }, { familyName: " a " });
    const { fields } = applyStatement({}, first);
    expect(fields.familyName).toMatchObject({ value: "A", raw: " a " });
    expect(fields.town).not.toHaveProperty("raw");
    const again = applyStatement(fields, said({ at: 2, fields: { familyName: "A" } }, { familyName: "A." }));
    expect(again.fields.familyName, "as whoever is named as the source now sent it").toMatchObject({
      at: 2,
      raw: "A.",
    });
  });

  test("does not change when the same is said again", () => {
    fc.assert(
      fc.property(statement, (one) => {
        const { fields } = apply({}, one);
        expect(apply(fields, one)).toEqual({ fields, changed: {}, outdated: [] });
      }),
    );
  });

  test("tells removal from silence", () => {
    const { fields } = apply({}, { at: 1, fields: { town: "X", familyName: "N" } });
    expect(apply(fields, { at: 2, fields: { town: null } }).changed).toEqual({ town: null });
  });
});
