// Holds similarity to the algorithm it stands for, and one edit to what an edit is.

import { jaroWinkler } from "@skyra/jaro-winkler";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  areDigitsOneEditApart,
  isOneEditApart,
  rememberingSimilarity,
} from "../../../src/services/matching/similarity.ts";

// Few letters, so that many are shared; some beyond ASCII, and one beyond the basic plane.
const word = fc.string({ unit: fc.constantFrom("A", "B", "C", "D", "É", "😀"), minLength: 1, maxLength: 9 });

test("what is told as 0 is less alike than 0.8, and all else is told exactly", () => {
  const similarity = rememberingSimilarity();
  let told = 0;
  fc.assert(
    fc.property(word, word, (one, other) => {
      const [a, b] = one < other ? [one, other] : [other, one];
      const exact = one === other ? 1 : jaroWinkler(a, b);
      if (exact >= 0.8) told += 1;
      expect(similarity(one, other)).toBe(exact >= 0.8 ? exact : 0);
    }),
    { numRuns: 5_000 },
  );
  expect(told).toBeGreaterThan(100);
});

test("one edit is a letter more, less, other, or swapped with its neighbour", () => {
  const edited = fc
    .tuple(word, fc.nat(8), fc.constantFrom("A", "B", "Z"), fc.nat(3))
    .map(([text, at, letter, kind]) => {
      const place = at % text.length;
      const swapped = text.slice(0, place) + (text[place + 1] ?? "") + text[place]! + text.slice(place + 2);
      const edits = [
        text.slice(0, place) + letter + text.slice(place),
        text.slice(0, place) + text.slice(place + 1),
        text.slice(0, place) + letter + text.slice(place + 1),
        swapped,
      ];
      return [text, edits[kind]!] as const;
    });
  fc.assert(
    fc.property(edited, ([text, other]) => {
      expect(isOneEditApart(text, other)).toBe(text !== other);
      expect(isOneEditApart(other, text)).toBe(text !== other);
    }),
  );
});

test.each([
  ["ABCD", "ABCD"],
  ["ABCD", "ABDE"],
  ["ABCD", "DBCA"],
  ["ABCD", "ABCDEF"],
  ["ABCD", "BCDE"],
])("%s and %s are not one edit apart", (one, other) => {
  expect(isOneEditApart(one, other)).toBe(false);
});

test.each([10, 36])("numbers in base %i are one edit apart where their digits are", (base) => {
  // Few digits that are alike, so that many pairs are one edit apart.
  const digits = fc
    .tuple(fc.constantFrom("1", "2"), fc.string({ unit: fc.constantFrom("0", "1", "2"), maxLength: 4 }))
    .map((parts) => parts.join(""));
  const told = { true: 0, false: 0 };
  fc.assert(
    fc.property(digits, digits, (one, other) => {
      if (one === other) return;
      const expected = isOneEditApart(one, other);
      told[`${expected}`] += 1;
      expect(areDigitsOneEditApart(Number.parseInt(one, base), Number.parseInt(other, base), base)).toBe(expected);
    }),
    { numRuns: 5_000 },
  );
  expect(Math.min(told.true, told.false)).toBeGreaterThan(500);
});
