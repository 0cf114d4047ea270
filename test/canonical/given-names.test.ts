// Holds nicknames, phonetic keys and the parts of family names to what people mean by them.

import fc from "fast-check";
import { expect, test } from "vitest";
import { areNicknames, familyNameParts, formalNames, soundex } from "#canonical/rules";

test.each([
  ["BILL", "WILLIAM"],
  ["LIAM", "BILLY"],
  ["PEGGY", "MARGARET"],
  ["ALEX", "ALEXANDRA"],
  ["ALEX", "ALEXANDER"],
  ["MOHD", "MUHAMMAD"],
  ["WM", "WILLIAM"],
  ["PIOTR", "PETER"],
])("%s goes with %s", (a, b) => {
  expect([areNicknames(a, b), areNicknames(b, a)]).toEqual([true, true]);
});

test.each([
  ["ALEXANDER", "ALEXANDRA"],
  ["JOHN", "PETER"],
  ["", "JOHN"],
  ["XYLO", "XYLO"],
])("%s does not go with %s", (a, b) => {
  expect(areNicknames(a, b)).toBe(false);
});

test("a formal name stands before those it is short for", () => {
  expect(formalNames("WILLIAM")[0]).toBe("WILLIAM");
  expect(formalNames("ALEX")).toEqual(["ALEXANDER", "ALEXANDRA"]);
  expect(formalNames("XYLO")).toEqual([]);
});

// The examples of the US National Archives.
test.each([
  ["WASHINGTON", "W252"],
  ["LEE", "L000"],
  ["GUTIERREZ", "G362"],
  ["PFISTER", "P236"],
  ["JACKSON", "J250"],
  ["TYMCZAK", "T522"],
  ["ASHCRAFT", "A261"],
  ["", ""],
  ["1", ""],
])("%s sounds like %s", (word, code) => {
  expect(soundex(word)).toBe(code);
});

test("a phonetic key is a letter and three digits, or nothing", () => {
  fc.assert(fc.property(fc.string(), (word) => /^(?:[A-Z][0-6]{3})?$/.test(soundex(word.toUpperCase()))));
});

test.each([
  ["Lloyd-Jones", ["LLOYD", "JONES"]],
  ["O'Brien", ["OBRIEN"]],
  ["O Brien", ["OBRIEN"]],
  ["Mac Donald", ["MCDONALD"]],
  ["van der Berg", ["BERG"]],
  ["Saint John", ["STJOHN"]],
  ["García Márquez", ["GARCIA", "MARQUEZ"]],
  ["Smith née Jones", ["SMITH", "JONES"]],
  ["Smith formerly Jones", ["SMITH", "JONES"]],
  ["Nee", ["NEE"]],
  ["de", ["DE"]],
  ["", []],
])("the family name %s is made of %j", (name, parts) => {
  expect(familyNameParts(name)).toEqual(parts);
});
