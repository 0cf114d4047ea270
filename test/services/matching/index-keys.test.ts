// Promises of the index keys: what brings two persons together, and which locks keep their arrivals apart.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MatchRecord, preparer } from "#services/matching";
import { type Form, formReader, writeForm } from "../../../src/services/matching/persons/form.ts";
import { indexKeys, lockNumbers } from "../../../src/services/matching/persons/index-keys.ts";
import { numbers, said, somebody } from "./index-rig.ts";

const prepare = preparer({ environment: "test" });
const formOf = (fields: MatchRecord["fields"], former: string[] = []): Form => ({
  prepared: prepare({ fields }),
  former,
});

const names = fc.constantFrom("William", "Bill", "Zoë", "J", "Łukasz", "محمد", "O'Neill", "Smith-Jones", "Jane", "");
const record = fc.record(
  {
    givenName: names,
    middleNames: names,
    familyName: names,
    birthDate: fc.constantFrom("1980-05-23", "1980-01-01", "1980-05", "1980", "1981-05-23", "1980-23-05"),
    gender: fc.constantFrom("male", "female", "other"),
    postcode: fc.constantFrom("TA3 7LD", "TA3 7LE", "ZZ99 3VZ"),
    addressLine1: fc.constantFrom("12 Mill Lane", "12 Mill Street", "Rose Cottage"),
    town: fc.constantFrom("Taunton", "Stoke-on-Trent"),
    phone: fc.constantFrom("01632 960123", "01632 960124 ext 9"),
    email: fc.constantFrom("a@b.example", "a@c.example"),
    nhsNumber: fc.constantFrom("9000001870", "9000001871"),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<MatchRecord["fields"]>;
const former = fc.subarray(["9990000018", "9990000026"]);

describe("the form of a person in the index", () => {
  it("reads back as it was made ready", () => {
    const read = formReader();
    fc.assert(
      fc.property(record, former, (fields, numbersBefore) => {
        const form = formOf(fields, numbersBefore);
        expect(read(writeForm(form))).toEqual(form);
      }),
    );
  });
});

describe("the keys of the index", () => {
  it("are whole numbers that JavaScript and PostgreSQL both hold", () => {
    const keys = indexKeys(formOf(somebody(numbers(1))));
    expect(keys.length).toBeGreaterThan(6);
    for (const { key } of keys) expect(Number.isSafeInteger(key)).toBe(true);
  });

  it("bring nobody together whom no lock keeps apart", () => {
    let sharing = 0;
    const check = (a: Form, b: Form) => {
      const held = new Set(indexKeys(a).map(({ key }) => key));
      if (!indexKeys(b).some(({ key }) => held.has(key))) return;
      sharing += 1;
      const locks = new Set(lockNumbers([a]));
      expect(lockNumbers([b]).some((lock) => locks.has(lock))).toBe(true);
    };
    fc.assert(
      fc.property(record, record, former, former, (a, b, formerA, formerB) => {
        check(formOf(a, formerA), formOf(b, formerB));
      }),
      { numRuns: 2_000 },
    );
    const next = numbers(2);
    for (let round = 0; round < 2_000; round += 1) {
      const person = somebody(next);
      check(formOf(person), formOf(said(person, next)));
    }
    expect(sharing).toBeGreaterThan(2_000);
  });

  it("take locks in one order, each once", () => {
    const next = numbers(3);
    const locks = lockNumbers(Array.from({ length: 20 }, () => formOf(somebody(next))));
    expect(locks).toEqual([...new Set(locks)].sort((a, b) => a - b));
  });
});
