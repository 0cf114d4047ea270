// Holds each comparison to its levels, and the blocking keys to bringing together what one slip parts.

import { describe, expect, test } from "vitest";
import { comparer } from "#services/matching";
import { extra, jane, keysOf, levelsOf, prepared } from "./rig.ts";

type Fields = Parameters<typeof prepared>[0];

const bothWays = (a: Fields, b: Fields) => [levelsOf(a, b), levelsOf(b, a)] as const;
const names = (given: string, family: string): Fields => ({ givenName: given, familyName: family });

describe("names", () => {
  test.each([
    ["Jane Threlfall", "JANE THRELFALL", "same/same"],
    ["Zoë O'Brien", "zoe o_brien", "same/same"],
    ["Jane McDonald", "Jane MacDonald", "same/same"],
    ["Anna van_der_Berg", "Anna Berg", "same/same"],
    ["Mrs_Jane Threlfall", "Jane Threlfall", "same/same"],
    ["Jane_Ann Threlfall", "Jane Threlfall", "part/same"],
    ["Mary_Ann Threlfall", "Mary_Jane Threlfall", "part/same"],
    ["Bill Threlfall", "William Threlfall", "nickname/same"],
    ["Priyankaa Threlfal", "Priyanka Threlfall", "close/close"],
    ["J Threlfall", "Jane Threlfall", "initial/same"],
    ["J Threlfall", "Mary Threlfall", "differs/same"],
    ["Jane Lloyd-Jones", "Jane Jones", "same/part"],
    ["Jane Threlfall", "Jane Atkinson", "same/differs"],
    ["Jane Threlfall", "Oliver Threlfall", "differs/same"],
    ["Baby Threlfall", "Jane Threlfall", "missing/same"],
    ["Jane Unknown", "Jane Threlfall", "same/missing"],
    ["Threlfall Jane", "Jane Threlfall", "swapped"],
    ["Threlfal Jane", "Jane Threlfall", "swapped"],
  ])("%s and %s are %s", (one, other, level) => {
    const [a, b] = [one, other].map((text) =>
      names(...(text.split(" ").map((name) => name.replaceAll("_", " ")) as [string, string])),
    );
    expect(bothWays(a!, b!).map(({ name }) => name)).toEqual([level, level]);
  });

  test("a middle name that somebody goes by agrees in part", () => {
    const [there] = bothWays(
      { givenName: "Ann", familyName: "Shaw" },
      { givenName: "Jane", middleNames: "Ann", familyName: "Shaw" },
    );
    expect(there.name).toBe("part/same");
  });

  test("two given names that many have are known to be two names", () => {
    const compare = comparer(extra, { given: () => 0.01, family: () => 0.01, town: () => 0.5, extra: () => 0.1 });
    const rare = comparer(extra, { given: () => 0.00001, family: () => 0.01, town: () => 0.5, extra: () => 0.1 });
    const pair = [prepared(names("Joann", "Shaw")), prepared(names("Joanna", "Shaw"))] as const;
    expect([compare(...pair).bothGivenKnown, rare(...pair).bothGivenKnown]).toEqual([true, false]);
    expect(compare(pair[0], pair[0]).shares).toMatchObject({ given: 0.01, family: 0.01 });
  });
});

test.each([
  ["1980-05-23", "1980-05-23", "same"],
  ["1980-01-01", "1980-01-01", "default"],
  ["1980-05-12", "1980-12-05", "swapped"],
  ["1980-05-23", "1980-05-28", "digit"],
  ["1980-05-23", "1980-05-32", "missing"],
  ["1980-05-12", "1980-05-21", "digit"],
  ["1980-05-23", "1980-05-07", "parts"],
  ["1980-05-23", "1985-05-23", "digit"],
  ["1950-05-23", "1980-05-23", "generation"],
  ["1944-05-23", "1983-05-23", "generation"],
  ["1980-05", "1980-05-23", "partial"],
  ["1980", "1980-05", "partial"],
  ["1980-06", "1980-05-23", "year"],
  ["1980-05-23", "1980-08-04", "year"],
  ["1980-05-23", "1991-08-04", "differs"],
  ["1980-05-23", "", "missing"],
])("the birth dates %s and %s are %s", (one, other, level) => {
  expect(bothWays({ birthDate: one }, { birthDate: other }).map(({ birthDate }) => birthDate)).toEqual([level, level]);
});

test.each([
  [{}, {}, "same/same"],
  [{ phone: "01632 960129" }, {}, "same/near"],
  [{ phone: "" }, {}, "same/missing"],
  [{ postcode: "TA3 7LE" }, {}, "same/same"],
  [{ addressLine1: "12 Mil Lane" }, {}, "same/same"],
  [{ addressLine1: "14 Mill Lane" }, {}, "postcode/same"],
  [{ postcode: "ZZ99 3VZ" }, {}, "address/same"],
  [{ postcode: "ZZ99 3VZ" }, { postcode: "ZZ99 3VZ", addressLine1: "" }, "town/same"],
  [{ postcode: "TA3 7QQ", addressLine1: "" }, {}, "sector/same"],
  [{ postcode: "TA3 9QQ", addressLine1: "" }, {}, "outcode/same"],
  [{ postcode: "", addressLine1: "", town: "Tauntn" }, {}, "town/same"],
  [{ postcode: "LS1 4AP", addressLine1: "3 Elm Road", town: "Leeds" }, {}, "differs/same"],
  [{ postcode: "", addressLine1: "", town: "" }, {}, "missing/same"],
])("home %j beside %j is %s", (one, other, level) => {
  const [a, b] = [
    { ...jane, ...one },
    { ...jane, ...other },
  ];
  expect(bothWays(a, b).map(({ household }) => household)).toEqual([level, level]);
});

test.each([
  ["9000001870", "900 000 1870", "same"],
  ["9000001870", "9000004527", "differs"],
  ["9000001870", "9000001871", "near"],
  ["9000001870", "9000001780", "near"],
  ["9000001870", "9000004528", "missing"],
  ["9000001870", "", "missing"],
  ["9999999999", "9999999999", "missing"],
])("the NHS numbers %s and %s are %s", (one, other, level) => {
  expect(bothWays({ nhsNumber: one }, { nhsNumber: other }).map(({ nhsNumber }) => nhsNumber)).toEqual([level, level]);
});

test.each([
  ["male", "male", "same"],
  ["male", "female", "differs"],
  ["male", "unknown", "missing"],
  ["other", "other", "missing"],
] as const)("the genders %s and %s are %s", (one, other, level) => {
  expect(bothWays({ gender: one }, { gender: other }).map(({ gender }) => gender)).toEqual([level, level]);
});

test.each([
  ["jane@one.example", "Jane@ONE.example", "same"],
  ["jane@one.example", "jane@two.example", "mailbox"],
  ["threlfall@one.example", "threlfal@two.example", "close"],
  ["jane@one.example", "oliver@one.example", "differs"],
  ["jane@one.example", "no address", "missing"],
])("the e-mail addresses %s and %s are %s", (one, other, level) => {
  expect(bothWays({ email: one }, { email: other }).map(({ email }) => email)).toEqual([level, level]);
});

test.each([
  [
    ["AB-123", "St Ives", "NSW"],
    ["ab 123", "ST IVES", "nsw"],
    ["same", "same", "same"],
  ],
  [
    ["AB-124", "St Yves", "VIC"],
    ["AB-123", "St Ives", "NSW"],
    ["near", "close", "differs"],
  ],
  [
    ["ZZ-999", "Bunbury", ""],
    ["AB-123", "St Ives", "NSW"],
    ["differs", "differs", "missing"],
  ],
])("the extra columns %j and %j are %j", (one, other, expected) => {
  const [a, b] = [one, other].map(([passport = "", suburb = "", state = ""]) =>
    prepared({}, { passport, suburb, state }),
  );
  expect([comparer(extra)(a!, b!).extra, comparer(extra)(b!, a!).extra]).toEqual([expected, expected]);
});

test.each([
  ["a slip in the family name", { familyName: "Trelfall", nhsNumber: "" }],
  ["a nickname", { givenName: "Janie", nhsNumber: "" }],
  ["names swapped", { givenName: "Threlfall", familyName: "Jane", nhsNumber: "" }],
  ["a wrong year", { birthDate: "1908-05-23" }],
  ["day and month swapped", { birthDate: "1980-03-25" }],
  ["a move and a marriage", { familyName: "Atkinson", addressLine1: "1 New Road", postcode: "LS1 4AP" }],
  ["no birth date", { birthDate: "" }],
  ["no names", { givenName: "", familyName: "" }],
])("two records share a blocking key in spite of %s", (_, change) => {
  const { phone: _phone, email: _mail, ...rest } = jane;
  const known = new Set(keysOf(rest));
  expect(keysOf({ ...rest, ...change }).some((key) => known.has(key))).toBe(true);
});

test("a code that stands for no place is in no blocking key", () => {
  const place = { postcode: "ZZ99 3VZ", birthDate: "1980-05-23", familyName: "Shaw" };
  expect(keysOf(place)).toEqual(keysOf({ ...place, postcode: "" }));
});

test.each([
  ["Jane Threlfall", "Janet Threlfall", "missing"],
  ["Jane Threlfall", "Oliver Threlfall", "missing"],
  ["Jane Threlfall", "Jane Atkinson", "missing"],
  ["Threlfall Jane", "Jane Threlfall", "missing"],
  ["Oliver Shaw", "Jane Threlfall", "close"],
])("mailboxes that are alike say nothing of %s and %s but where no name agrees", (one, other, level) => {
  const fieldsOf = (text: string, email: string) => ({
    ...names(...(text.split(" ") as [string, string])),
    email,
  });
  const [there, back] = bothWays(
    fieldsOf(one, "jane.threlfall@one.example"),
    fieldsOf(other, "janet.threlfall@two.example"),
  );
  expect([there.email, back.email]).toEqual([level, level]);
});
