// Canonical JSON and commitments: one value, one text, one hash.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, commit, type Leaf, newSalt } from "#engine/audit";
import type { Json } from "../../../src/engine/audit/canonical-json.ts";
import { leafBody, storedLeaf } from "../../../src/engine/audit/leaf.ts";

const badLeaf = expect.objectContaining({ code: "AUDIT_BAD_LEAF" });
const values = fc
  .jsonValue({ noUnicodeString: false })
  .filter((value) => JSON.stringify(value).isWellFormed()) as fc.Arbitrary<Json>;
const wellFormed = values.filter((value) => !/\\u[dD][89abAB]/.test(JSON.stringify(value)));

const reversed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member as Json)]),
  );
};

describe("canonical JSON", () => {
  test("names are sorted by UTF-16 code units, as in RFC 8785 §3.2.3", () => {
    const value = {
      "\u20ac": "Euro",
      "\r": "CR",
      "\ufb33": "Dalet",
      "1": "One",
      "\ud83d\ude00": "Smiley",
      "\u0080": "Control",
      "\u00f6": "o",
    };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual([
      "One",
      "CR",
      "Control",
      "o",
      "Euro",
      "Smiley",
      "Dalet",
    ]);
  });

  test.each([
    [{ b: 1, a: [true, null, "x"] }, '{"a":[true,null,"x"],"b":1}'],
    [[333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0], "[333333333.3333333,1e+30,4.5,0.002,1e-27,0]"],
    ['\u20ac$\u000f\nA\'B"\\"/', '"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/"'],
    [{ a: undefined, b: {} }, '{"b":{}}'],
  ] satisfies [Json, string][])("%# is written as RFC 8785 asks", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test("reading and writing again changes nothing, and the order of names does not matter", () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });

  test("no raw control character is ever in it, so a newline can part two of them", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must be absent.
    fc.assert(fc.property(wellFormed, (value) => !/[\x00-\x1f]/.test(canonicalJson(value))));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, "\ud800", { "\udfff": 1 }, ["a", ["\udc00b"]]] satisfies Json[])(
    "%# cannot be written",
    (value) => {
      expect(() => canonicalJson(value)).toThrow(badLeaf);
    },
  );
});

describe("a leaf's body", () => {
  const texts = fc.string({ unit: "grapheme" });
  const leaves = fc.record(
    {
      at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(Date.UTC(9999, 0)) }),
      part: texts,
      name: texts,
      outcome: texts,
      journeyId: fc.uuid(),
      actor: texts,
      code: texts,
      attempt: fc.nat(),
      commitments: fc.dictionary(texts, texts),
      detail: fc.dictionary(texts, fc.oneof(texts, fc.integer(), fc.boolean())),
    },
    { requiredKeys: ["at", "part", "name", "outcome"] },
  ) as fc.Arbitrary<Leaf>;

  test("is canonical JSON of the whole leaf, which can be read back", () => {
    fc.assert(
      fc.property(leaves, (leaf) => {
        expect(leafBody(leaf)).toBe(canonicalJson({ ...leaf, at: leaf.at.toISOString() }));
        expect(storedLeaf(7, leafBody(leaf))).toEqual({ ...leaf, position: 7 });
      }),
    );
  });
});

describe("commitments", () => {
  const salt = Buffer.alloc(32, 7);

  test("a commitment is the same for the same salt and value, and 43 characters of base64url", () => {
    expect(commit(salt, "value")).toBe(commit(Buffer.alloc(32, 7), Buffer.from("value")));
    expect(commit(salt, "value")).toMatch(/^[\w-]{43}$/);
  });

  test("another salt or value makes another commitment, wherever the line between them is drawn", () => {
    const pairs = fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 40 }), fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(pairs, pairs, ([salt1, value1], [salt2, value2]) => {
        const same = Buffer.compare(salt1, salt2) === 0 && Buffer.compare(value1, value2) === 0;
        expect(commit(Buffer.from(salt1), value1) === commit(Buffer.from(salt2), value2)).toBe(same);
      }),
    );
    expect(commit(Buffer.alloc(17), Buffer.alloc(1))).not.toBe(commit(Buffer.alloc(16), Buffer.alloc(2)));
  });

  test("a salt that could be guessed is refused, and a new one is long and unlike the last", () => {
    expect(() => commit(Buffer.alloc(15), "value")).toThrow(badLeaf);
    expect(newSalt()).toHaveLength(32);
    expect(newSalt()).not.toEqual(newSalt());
  });
});
