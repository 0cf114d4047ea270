// Promises of the weight and the decision that hold for all records, not only for those we thought of.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Levels, type MatchRecord, scorer } from "#services/matching";
import { comparisons } from "../../../src/services/matching/levels.ts";
import { decided, extra, generic, jane, judged, keysOf, levelsOf, population, uk } from "./rig.ts";

type Fields = MatchRecord["fields"];

const oneOf = (...texts: string[]) => fc.constantFrom(...texts);
const date = fc
  .date({ min: new Date("1901-01-01"), max: new Date("2025-12-31"), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const fields: fc.Arbitrary<Fields> = fc.record(
  {
    nhsNumber: oneOf("9000001870", "9000004527", "9000001871", "12"),
    givenName: oneOf("Jane", "Janie", "Jayne", "J", "Mary Ann", "Mary", "Bill", "William", "Threlfall", "Baby", "Zoë"),
    middleNames: oneOf("Ann", "", "Mary"),
    familyName: oneOf("Threlfall", "Threlfal", "O'Brien", "Lloyd-Jones", "Jones", "Jane", "MacDonald", "T"),
    birthDate: fc.oneof(date, oneOf("1980-05-23", "1980-05-28", "1980-01-01", "1980", "1980-05", "")),
    gender: fc.constantFrom("male", "female", "unknown"),
    addressLine1: oneOf("12 Mill Lane", "12 Mil Lane", "3 Elm Road", ""),
    postcode: oneOf("TA3 7LD", "TA3 7LE", "TA3 9QQ", "LS1 4AP", "ZZ99 3VZ", ""),
    town: oneOf("Taunton", "Leeds"),
    phone: oneOf("01632 960123", "01632 960124", ""),
    email: oneOf("jane@threlfall.example", "jane@other.example"),
  },
  { requiredKeys: [] },
);
const runs = { numRuns: 400 };
const weigh = scorer(uk, { population, extra });

test("a pair is compared, weighed and decided the same either way round", () => {
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      expect(levelsOf(a, b)).toEqual(levelsOf(b, a));
      expect(decided(a, b)).toEqual(decided(b, a));
    }),
    runs,
  );
});

test("case, spacing, accents and the order of the fields make no difference", () => {
  const shout = (text: string) => ` ${text.toUpperCase().replaceAll(" ", "  ").normalize("NFD")} `;
  const spelt = new Set(["givenName", "middleNames", "familyName", "addressLine1", "postcode", "town"]);
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const entries = Object.entries(a).map(([name, value]) => [
        name,
        spelt.has(name) && value ? shout(value as string) : value,
      ]);
      const other: Fields = Object.fromEntries(entries.toReversed());
      expect(levelsOf(other, b)).toEqual(levelsOf(a, b));
      expect(keysOf(other).toSorted()).toEqual(keysOf(a).toSorted());
    }),
    runs,
  );
});

const agreement = {
  birthDate: ["differs", "year", "generation", "default", "partial", "parts", "digit", "swapped", "same"],
  gender: ["differs", "same"],
  nhsNumber: ["differs", "near", "same"],
  email: ["differs", "close", "mailbox", "same"],
} as const;
const given = ["differs", "near", "initial", "close", "nickname", "part", "same"];
const family = ["differs", "near", "initial", "close", "part", "same"];
const place = ["differs", "town", "outcode", "sector", "near", "address", "postcode", "same"];
const phone = ["differs", "near", "same"];
const joint = (one: readonly string[], other: readonly string[]) =>
  fc.tuple(fc.constantFrom(...one), fc.constantFrom(...other)).map((parts) => parts.join("/"));
const shares = { given: undefined, family: undefined, town: undefined, extra: [undefined, undefined, undefined] };
const levels: fc.Arbitrary<Levels> = fc.record({
  name: joint(given, family),
  birthDate: fc.constantFrom(...agreement.birthDate),
  gender: fc.constantFrom(...agreement.gender),
  household: joint(place, phone),
  nhsNumber: fc.constantFrom(...agreement.nhsNumber),
  email: fc.constantFrom(...agreement.email),
  extra: fc.constant(["missing", "missing", "missing"]),
  shares: fc.oneof(fc.constant(shares), fc.constant({ ...shares, given: 0.03, family: 0.02 })),
  sameIdentifier: fc.constant(false),
  bothGivenKnown: fc.constant(false),
});

test.each([uk, generic])("more agreement never weighs less, in any model", (model) => {
  const { total } = scorer(model, { population, extra });
  const raise = (order: readonly string[], level: string) =>
    order[Math.min(order.indexOf(level) + 1, order.length - 1)]!;
  fc.assert(
    fc.property(levels, (pair) => {
      const [one = "", other = ""] = pair.name.split("/");
      const [home = "", line = ""] = pair.household.split("/");
      const better: Levels[] = [
        ...Object.entries(agreement).map(([name, order]) => ({
          ...pair,
          [name]: raise(order, pair[name as keyof typeof agreement]),
        })),
        { ...pair, name: `${raise(given, one)}/${other}` },
        { ...pair, name: `${one}/${raise(family, other)}` },
        { ...pair, household: `${raise(place, home)}/${line}` },
        { ...pair, household: `${home}/${raise(phone, line)}` },
      ];
      for (const more of better) expect(total(more)).toBeGreaterThanOrEqual(total(pair) - 1e-9);
    }),
    runs,
  );
});

test("the weight is the sum of what the waterfall shows, and relatives only ever lower it", () => {
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const { total, prior, contributions, kinship } = weigh.explain(levelsOf(a, b));
      expect(contributions.reduce((sum, { weight }) => sum + weight, prior + kinship)).toBeCloseTo(total, 9);
      expect(kinship).toBeLessThanOrEqual(1e-9);
    }),
    runs,
  );
});

test("the same agreement weighs less in a larger population", () => {
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const inTown = scorer(uk, { population: 10_000, extra }).total(levelsOf(a, b));
      const inCountry = scorer(uk, { population: 10_000_000, extra }).total(levelsOf(a, b));
      expect(inCountry).toBeLessThanOrEqual(inTown + 1e-9);
    }),
    runs,
  );
});

test("a rare name weighs more than a common one, and a common one not less than a slip", () => {
  // Away from home, or relatives are the rivals, whom no name tells apart.
  const pair: Levels = { ...levelsOf(jane, jane), household: "differs/differs", email: "missing" };
  const withShare = (share: number) => weigh.total({ ...pair, shares: { ...pair.shares, given: share } }, "nhsNumber");
  expect(withShare(0.0001)).toBeGreaterThan(withShare(0.02));
  expect(withShare(0.9)).toBeGreaterThanOrEqual(weigh.total({ ...pair, name: "close/same" }, "nhsNumber"));
});

test("a veto always wins", () => {
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      expect(decided(a, b, { neverSame: true }).decision).toBe("none");
      const { nhsNumber, birthDate, name } = levelsOf(a, b);
      const { decision } = decided(a, b);
      if (nhsNumber === "differs") expect(decision).not.toBe("link");
      if (name.startsWith("differs/") && (birthDate === "differs" || birthDate === "year"))
        expect(decision).not.toBe("link");
      expect(judged(a, [b], [{ neverSame: true }]).link).toBeNull();
    }),
    runs,
  );
});

test("twins, and parent and child of one name, are never linked", () => {
  const numbers = fc.constantFrom("9000001870", "");
  fc.assert(
    fc.property(numbers, numbers, date, (one, other, birthDate) => {
      const twins = [
        { ...jane, nhsNumber: one },
        { ...jane, nhsNumber: other, givenName: "Oliver" },
      ] as const;
      expect(decided(...twins).decision).not.toBe("link");
      fc.pre(Math.abs(Number(birthDate.slice(0, 4)) - 1980) > 14);
      const namesakes = [
        { ...jane, nhsNumber: one },
        { ...jane, nhsNumber: "", birthDate },
      ] as const;
      expect(decided(...namesakes).decision).not.toBe("link");
    }),
    runs,
  );
});

test("no value of a record is in the verdict, whatever the record holds", () => {
  const marked = { ...jane, givenName: "Xquisite", familyName: "Zmarker", town: "Qtown", email: "marker@zz.example" };
  const said = JSON.stringify(judged(marked, [marked, { ...marked, birthDate: "1980-05-28" }])).toUpperCase();
  const values = [...Object.values(marked), "960123", "19800523", "TA37LD", "MARKER"].map((value) =>
    String(value).toUpperCase(),
  );
  expect(values.filter((value) => value !== "FEMALE" && said.includes(value))).toEqual([]);
  expect(comparisons.filter((name) => said.includes(name.toUpperCase())).length).toBeGreaterThan(4);
});

test("a probability is only given by a calibrated model", () => {
  const pair = levelsOf(jane, jane);
  expect(weigh.explain(pair)).not.toHaveProperty("probability");
  const { probability, total } = scorer({ ...uk, calibrated: true }, { population, extra }).explain(pair);
  expect(probability).toBeCloseTo(1 / (1 + 2 ** -total), 12);
});
