// Postcodes: grammar, repair, pseudo postcodes and comparison.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparePostcode, readPostcode } from "#canonical/rules";
import { judgePostcode } from "../../src/canonical/rules/postcode.ts";

const letter = (letters: string) => fc.constantFrom(...letters);
const number = letter("123456789");
const inward = fc.tuple(letter("0123456789"), letter("ABDEFGHJLNPQRSTUWXYZ"), letter("ABDEFGHJLNPQRSTUWXYZ"));
const outward = fc.oneof(
  fc.tuple(letter("BEGLMNSW"), number),
  fc.tuple(letter("BEGLMNSW"), number, letter("0123456789")),
  fc.tuple(letter("ENW"), number, letter("ABCDEFGHJKPSTUW")),
  fc.tuple(fc.constantFrom("LS", "SO", "OX", "IP", "SS", "TS"), number),
  fc.tuple(fc.constantFrom("LS", "SO", "OX", "IP", "SS", "TS"), number, letter("0123456789")),
  fc.tuple(fc.constantFrom("SW", "EC", "WC"), number, letter("ABEHMNPRVWXY")),
);
const valid = fc.tuple(outward, inward).map(([out, rest]) => `${out.join("")} ${rest.join("")}`);

describe("reading a postcode", () => {
  it.each([
    ["ls1 4ap", "valid", "LS1 4AP"],
    [" SW1A1AA ", "valid", "SW1A 1AA"],
    ["LS1  4AP", "valid", "LS1 4AP"],
    ["m1-1ae", "valid", "M1 1AE"],
    ["GIR 0AA", "valid", "GIR 0AA"],
    ["BS0 1AA", "valid", "BS0 1AA"],
    ["S014 1AX", "repaired", "SO14 1AX"],
    ["0X1 2JD", "repaired", "OX1 2JD"],
    ["LSI 4AP", "repaired", "LS1 4AP"],
    ["LS1 4A5", "repaired", "LS1 4AS"],
    ["LS1 OAA", "repaired", "LS1 0AA"],
    ["151 1AA", "malformed", "151 1AA"],
    ["ZZ99 3VZ", "pseudo", "ZZ99 3VZ"],
    ["zz993cz", "pseudo", "ZZ99 3CZ"],
    ["BFPO 12", "pseudo", "BFPO 12"],
    ["BF1 0AA", "pseudo", "BF1 0AA"],
    ["LSS 1AA", "malformed", "LSS 1AA"],
    ["EN15 5L", "malformed", "EN15 5L"],
    ["EN15 5LXX", "malformed", "EN15 5LXX"],
    ["S0141AX", "repaired", "SO14 1AX"],
    ["OX9 O2TT", "malformed", "OX9 O2TT"],
    ["M1   1AE", "valid", "M1 1AE"],
    ["M60  1NW", "valid", "M60 1NW"],
    ["W1A  1HQ", "valid", "W1A 1HQ"],
    ["CR2  6XH", "valid", "CR2 6XH"],
    ["QS1 4AP", "malformed", "QS1 4AP"],
    ["LS1 4AC", "malformed", "LS1 4AC"],
    ["B01 1AA", "malformed", "B01 1AA"],
    ["not known", "malformed", "NOT KNOWN"],
    ["", "malformed", ""],
  ])("reads %j as %s %j", (text, kind, value) => {
    expect(readPostcode(text)).toEqual({ kind, value });
  });

  it("never changes a valid postcode but for case and spacing", () => {
    fc.assert(
      fc.property(valid, (code) => {
        expect(readPostcode(code)).toEqual({ kind: "valid", value: code });
      }),
    );
  });

  it("undoes one look-alike character, or leaves the code alone, but never gives another area and form", () => {
    const swaps: Record<string, string> = { O: "0", "0": "O", I: "1", "1": "I", S: "5", "5": "S" };
    fc.assert(
      fc.property(valid, fc.nat(), (code, seed) => {
        const places = [...code].flatMap((character, index) => (swaps[character] ? [index] : []));
        fc.pre(places.length > 0);
        const place = places[seed % places.length]!;
        const damaged = code.slice(0, place) + swaps[code[place]!] + code.slice(place + 1);
        const { kind, value } = readPostcode(damaged);
        const differences = [...value].filter((character, index) => character !== damaged[index]);
        expect(kind !== "repaired" || differences.every((character) => swaps[character] !== undefined)).toBe(true);
        expect(kind !== "repaired" || differences.length === 1).toBe(true);
      }),
    );
  });

  it("repairs only where the grammar wants the other of a letter and a digit, and keeps the sender's parts", () => {
    const text = fc.stringMatching(/^[A-Z0-9OIS150OIS15]{2,5}[ -]?[0-9OIS][A-Z015]{2,3}$/);
    const shape = /^(?:[A-Z]{1,2}[0-9][A-Z0-9]?) [0-9][A-Z]{2}$/;
    const alike: Record<string, string> = { O: "0", I: "1", S: "5" };
    const folded = (code: string) => code.replace(/[OIS]/g, (letter) => alike[letter]!);
    let repairs = 0;
    fc.assert(
      fc.property(text, (sent) => {
        const { kind, value } = readPostcode(sent);
        if (kind !== "repaired") return;
        repairs += 1;
        expect(readPostcode(value)).toEqual({ kind: "valid", value });
        expect(value).toMatch(shape);
        expect(folded(value.replace(" ", ""))).toBe(folded(sent.replace(/[ -]/, "")));
        if (/[ -]/.test(sent)) expect(folded(value)).toBe(folded(sent.replace("-", " ")));
        // The first letter, and the digit and the letters of the inward part, are fixed.
        for (const [index, character] of [...value].entries()) {
          if (index === 0 || index >= value.length - 2) expect(character).toMatch(/[A-Z]/);
          if (index === value.length - 3) expect(character).toMatch(/[0-9]/);
        }
      }),
      { numRuns: 3000 },
    );
    expect(repairs).toBeGreaterThan(20);
  });

  it("gives what it gave when it reads its own result", () => {
    fc.assert(
      fc.property(
        fc.oneof(valid, fc.string({ unit: "binary", maxLength: 12 }), fc.stringMatching(/^[A-Z0-9OIS15 ]{5,9}$/)),
        (text) => {
          const { value } = readPostcode(text);
          expect(readPostcode(value).value).toBe(value);
        },
      ),
    );
  });
});

describe("judging a postcode", () => {
  it.each([
    ["LX1 4AP", undefined, "LX1 4AP", ["DQ-PCD-005"]],
    ["GIR 0AA", undefined, "GIR 0AA", []],
    ["JE2 3AB", "JE", "JE2 3AB", []],
    ["1012 AB", "NL", "1012 AB", []],
    ["1012 AB", "GBR", "1012 AB", ["DQ-PCD-002"]],
    ...["ZZ99 3VZ", "ZZ99 3WZ", "ZZ99 3CZ", "ZZ99 1WZ", "ZZ99 2WZ", "ZZ99 3GZ", "ZZ99 6CZ"].map(
      (code): [string, undefined, string, string[]] => [code, undefined, code, ["DQ-PCD-004"]],
    ),
  ])("judges %j in %j as %j", (text, country, value, codes) => {
    expect(judgePostcode(text, country)).toEqual({ value, codes });
  });
});

describe("comparing postcodes", () => {
  it("does not see case and spacing", () => {
    fc.assert(
      fc.property(valid, (code) => {
        expect(comparePostcode(code.toLowerCase().replace(" ", ""))).toBe(comparePostcode(code));
        expect(comparePostcode(code)).toBe(code.replace(" ", ""));
      }),
    );
  });

  it.each(["ZZ99 3VZ", "BFPO 12", "not known", ""])("finds nothing to compare in %j", (text) => {
    expect(comparePostcode(text)).toBeUndefined();
  });
});
