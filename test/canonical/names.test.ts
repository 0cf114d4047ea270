// Names: what is stored, what is found, what is compared, and the repair of damaged text.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cleanText,
  compareFamilyName,
  compareName,
  familyNameParts,
  nameTokens,
  normaliseName,
} from "#canonical/rules";
import { judgeName, type NameKind } from "../../src/canonical/rules/name.ts";

const misreadAsWindows1252 = (text: string) => new TextDecoder("windows-1252").decode(new TextEncoder().encode(text));
const unaccented = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "");
const latinName = fc
  .array(fc.constantFrom(..."abcdefgiklmnoprstuvyzABCEGHJKLMOPRSTZéèêëáàâäãåíîïóôöõúüçñøßÉÖÜÇñŁłśżŠšŽœ'- "), {
    maxLength: 20,
  })
  .map((letters) => letters.join(""));

/** Words that rules know, in any order. */
const phrase = fc
  .array(
    fc.constantFrom(
      ..."Mr DR. Jr OBE, van der Mac St Saint O' Baby Twin 1 of B Unknown José née AKA known as Anne-Marie".split(" "),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((words) => words.join(" "));

describe("judging a name", () => {
  const table: readonly [string, NameKind, string | undefined, readonly string[]][] = [
    ["  Brónagh   Anne ", "given", "Brónagh Anne", []],
    ["O\u2019Brien", "family", "O'Brien", []],
    ["McDONALD", "family", "McDONALD", []],
    ["van der Berg", "family", "van der Berg", []],
    ["Smith\u2013Jones", "family", "Smith-Jones", []],
    ["JosÃ©", "given", "José", ["DQ-NAM-004"]],
    ["Sm1th", "family", "Sm1th", ["DQ-NAM-004"]],
    ["J\ufffdrgen", "given", "J\ufffdrgen", ["DQ-NAM-004"]],
    ["Mrs Example", "family", "Example", ["DQ-NAM-005"]],
    ["Dr. Anne", "given", "Anne", ["DQ-NAM-005"]],
    ["Example, Jr.", "family", "Example", ["DQ-NAM-005"]],
    ["Lord", "family", "Lord", []],
    ["A", "given", "A", ["DQ-NAM-006"]],
    ["O.", "family", "O.", ["DQ-NAM-006"]],
    ["A", "middle", "A", []],
    ["Revd Anne", "given", "Anne", ["DQ-NAM-005"]],
    ["Example OBE", "family", "Example", ["DQ-NAM-005"]],
    ["Infanti", "family", "Infanti", []],
    ["Babysh D'Souza", "given", "Babysh D'Souza", []],
    ["Baby D'Souza", "given", "Baby D'Souza", []],
    ["Twinkle", "given", "Twinkle", []],
    ["Male", "family", "Male", []],
    ["Babyn", "family", "Babyn", []],
    ["Tester", "family", "Tester", []],
    ["Testa", "family", "Testa", []],
    ...(
      [
        ["BABY", "given"],
        ["Baby Girl", "given"],
        ["baby of Anne", "given"],
        ["TWIN 1", "given"],
        ["Twin two", "given"],
        ["A OF ANNE", "given"],
        ["B/O Anne", "given"],
        ["male", "given"],
        ["Male Infant", "given"],
        ["UNKNOWN", "family"],
        ["Unknown Male", "family"],
        ["not known", "given"],
        ["N/A", "given"],
        ["TEST", "family"],
        ["ZZTEST", "family"],
        ["Test-Patient", "family"],
        ["XXX", "family"],
        ["---", "given"],
        ["?", "given"],
        ["MR", "given"],
        ["Baby Girl Smith", "given"],
        ["BABY TWIN 1", "given"],
        ["BABYBOY", "given"],
        ["Twin of Anne", "given"],
        ["TBC", "given"],
        ["Surname", "family"],
      ] as const
    ).map(([text, kind]): [string, NameKind, undefined, readonly string[]] => [text, kind, undefined, ["DQ-NAM-003"]]),
  ];
  it.each(table)("judges %j as a %s name", (text, kind, value, codes) => {
    expect(judgeName(text, kind)).toEqual({ value, codes });
  });

  it("takes its own result again, unchanged", () => {
    fc.assert(
      fc.property(
        fc.oneof(latinName, latinName.map(misreadAsWindows1252), fc.string({ unit: "binary" }), phrase),
        fc.constantFrom<NameKind>("family", "given", "middle"),
        (text, kind) => {
          const { value } = judgeName(text, kind);
          if (value !== undefined) expect(judgeName(value, kind).value).toBe(value);
        },
      ),
    );
  });
});

describe("cleaning text", () => {
  it("turns UTF-8 that was read as windows-1252 back, once or twice over", () => {
    for (const name of ["José", "Müller", "Łukasz", "Zoë", "Renée", "à", "Šimon", "D\u2019Arcy"]) {
      expect(cleanText(misreadAsWindows1252(name))).toBe(name);
      expect(cleanText(misreadAsWindows1252(misreadAsWindows1252(name)))).toBe(name);
    }
  });

  it("leaves right text as it is", () => {
    fc.assert(
      fc.property(latinName, (name) => {
        expect(cleanText(name)).toBe(name.replace(/\s+/g, " ").trim());
      }),
    );
    for (const name of ["ANDRÉ\u2019S", "MÄ\u2019ÄTTÄ", "Ångström", "Đặng Thị", "محمد", "李小龍", "Ã", "Â"])
      expect(cleanText(name)).toBe(name);
  });

  it("is idempotent and leaves no control character, whatever it is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = cleanText(text);
        expect(cleanText(clean)).toBe(clean);
        expect(/\p{Cc}|\p{Cs}/u.test(clean)).toBe(false);
        expect(normaliseName(normaliseName(text))).toBe(normaliseName(text));
      }),
    );
  });
});

describe("comparing names", () => {
  it.each([
    ["O'Brien", "OBRIEN"],
    ["O'Brien", "O Brien"],
    ["O'Brien", "o\u2019brien"],
    ["MacDonald", "McDonald"],
    ["MacDonald", "Mc Donald"],
    ["St John", "Saint John"],
    ["St. John", "SAINT-JOHN"],
    ["van der Berg", "Berg"],
    ["Al-Hassan", "Hassan"],
    ["Müller", "MULLER"],
    ["Łukaszewski", "Lukaszewski"],
    ["Strauß", "STRAUSS"],
    ["Smith-Jones", "Smith Jones"],
    ["Smith née Jones", "SMITH-JONES"],
    ["D'Arcy", "Darcy"],
    ["Ibn Sina", "Sina"],
  ])("finds the family names %s and %s the same", (one, other) => {
    expect(compareFamilyName(one)).toBe(compareFamilyName(other));
  });

  it.each([
    ["Smith", "Smyth"],
    ["Mace", "Mce"],
    ["Le", "Van"],
    ["Saint", "St"],
  ])("tells the family names %s and %s apart", (one, other) => {
    expect(compareFamilyName(one)).not.toBe(compareFamilyName(other));
  });

  it("does not see case, accents' encoding, or spacing", () => {
    fc.assert(
      fc.property(latinName, (name) => {
        for (const key of [compareName, compareFamilyName]) {
          expect(key(name.toLowerCase())).toBe(key(name));
          expect(key(name.toUpperCase())).toBe(key(name));
          expect(key(name.normalize("NFD"))).toBe(key(name));
          expect(key(`  ${name.replaceAll(" ", "   ")} `)).toBe(key(name));
          expect(key(unaccented(name))).toBe(key(name));
        }
        expect(familyNameParts(unaccented(name).toLowerCase())).toEqual(familyNameParts(name));
      }),
    );
  });

  it("finds nothing more to fold in its own result", () => {
    fc.assert(
      fc.property(fc.oneof(latinName, phrase), (name) => {
        for (const key of [compareName, compareFamilyName]) expect(key(key(name))).toBe(key(name));
        expect(familyNameParts(name).map(compareFamilyName)).toEqual(familyNameParts(name));
        expect(nameTokens(nameTokens(name).join(" "))).toEqual(nameTokens(name));
      }),
    );
  });

  it.each([
    ["Robert known as Bob", ["ROBERT", "BOB"]],
    ["Robert (Bob)", ["ROBERT", "BOB"]],
    ["Robert A.K.A. Bob", ["ROBERT", "BOB"]],
    ["Known As", ["KNOWN", "AS"]],
    ["Alias", ["ALIAS"]],
    ["Mary-Anne O'Neill", ["MARY", "ANNE", "ONEILL"]],
  ])("takes %j as %j", (text, tokens) => {
    expect(nameTokens(text)).toEqual(tokens);
  });
});
