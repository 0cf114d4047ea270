// NHS numbers: the check digit's powers, the placeholders and the ranges.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Environment, hasValidCheckDigit, judgeNhsNumber, nhsCheckDigit } from "#canonical/rules";

const digit = fc.integer({ min: 0, max: 9 });
const nineDigits = fc.array(digit, { minLength: 9, maxLength: 9 }).map((digits) => digits.join(""));
const validNumber = nineDigits
  .filter((digits) => nhsCheckDigit(digits) !== undefined)
  .map((digits) => `${digits}${nhsCheckDigit(digits)}`);
const replaced = (text: string, index: number, character: string) =>
  text.slice(0, index) + character + text.slice(index + 1);

/** The first valid number that begins with `prefix`. */
function numberIn(prefix: string): string {
  for (let rest = 3; ; rest += 1) {
    const digits = prefix + String(rest).padStart(9 - prefix.length, "0");
    const check = nhsCheckDigit(digits);
    if (check !== undefined) return `${digits}${check}`;
  }
}

describe("the check digit", () => {
  it("catches every change of one digit", () => {
    fc.assert(
      fc.property(
        validNumber,
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (number, index, shift) => {
          const other = String((Number(number[index]) + shift) % 10);
          expect(hasValidCheckDigit(replaced(number, index, other))).toBe(false);
        },
      ),
    );
  });

  it("catches every swap of two neighbours", () => {
    fc.assert(
      fc.property(validNumber, fc.integer({ min: 0, max: 8 }), (number, index) => {
        fc.pre(number[index] !== number[index + 1]);
        const swapped = replaced(replaced(number, index, number[index + 1]!), index + 1, number[index]!);
        expect(hasValidCheckDigit(swapped)).toBe(false);
      }),
    );
  });

  it("is absent where modulus 11 gives 10", () => {
    expect(nhsCheckDigit("123456789")).toBeUndefined();
    expect(hasValidCheckDigit("1234567890")).toBe(false);
  });
});

describe("judging an NHS number", () => {
  const table: readonly [string, string, Environment, string | undefined, readonly string[]][] = [
    ["takes a spaced number of the test range in a test environment", "999 000 0018", "test", "9990000018", []],
    ["takes hyphens of any kind", "999\u2011000-0018", "test", "9990000018", []],
    ["refuses the test range when live", "9990000018", "live", undefined, ["DQ-NHS-006"]],
    ["refuses nine digits", "999000001", "test", undefined, ["DQ-NHS-002"]],
    ["refuses letters", "99900O0018", "test", undefined, ["DQ-NHS-002"]],
    ["refuses digits of another script", "٩٩٩٠٠٠٠٠١٨", "test", undefined, ["DQ-NHS-002"]],
    ["refuses a wrong check digit", "9990000019", "test", undefined, ["DQ-NHS-003"]],
    ["refuses a repeated digit whose check digit is right", "1111111111", "test", undefined, ["DQ-NHS-004"]],
    ["refuses zeros", "0000000000", "test", undefined, ["DQ-NHS-004"]],
    ["refuses a run of digits whose check digit is right", "9876543210", "test", undefined, ["DQ-NHS-004"]],
    ["flags the range 5", numberIn("50"), "live", numberIn("50"), ["DQ-NHS-005"]],
    ["flags the range 86 to 89", numberIn("87"), "live", numberIn("87"), ["DQ-NHS-005"]],
    ["flags Ireland's range", numberIn("80"), "live", numberIn("80"), ["DQ-NHS-005"]],
    ["flags a number below the CHI range", numberIn("00"), "live", numberIn("00"), ["DQ-NHS-005"]],
    [
      "flags a number that would be a CHI number of the 30th of February",
      numberIn("3002"),
      "live",
      numberIn("3002"),
      ["DQ-NHS-005"],
    ],
    ["names a CHI number", numberIn("0102"), "live", numberIn("0102"), ["DQ-NHS-007"]],
    ["names a CHI number of the 31st", numberIn("3112"), "live", numberIn("3112"), ["DQ-NHS-007"]],
    ["names an H&C number", numberIn("32"), "live", numberIn("32"), ["DQ-NHS-008"]],
    ["takes range 4 without remark", numberIn("400"), "live", numberIn("400"), []],
    ["takes range 7 without remark", numberIn("700"), "live", numberIn("700"), []],
  ];
  it.each(table)("%s", (_promise, text, environment, value, codes) => {
    expect(judgeNhsNumber(text, environment)).toEqual({ value, codes });
  });

  it("judges alike in both environments, but for the test range", () => {
    fc.assert(
      fc.property(validNumber, (number) => {
        const live = judgeNhsNumber(number, "live");
        const test = judgeNhsNumber(number, "test");
        if (number.startsWith("9") && test.value !== undefined) {
          expect([live, test]).toEqual([
            { value: undefined, codes: ["DQ-NHS-006"] },
            { value: number, codes: [] },
          ]);
        } else expect(live).toEqual(test);
      }),
    );
  });

  it("does not see spaces and hyphens, and takes its own result again", () => {
    fc.assert(
      fc.property(validNumber, fc.constantFrom(" ", "-", "\u2011", "\u00a0"), (number, gap) => {
        const spaced = `${number.slice(0, 3)}${gap}${number.slice(3, 6)}${gap}${number.slice(6)}`;
        expect(judgeNhsNumber(spaced, "test")).toEqual(judgeNhsNumber(number, "test"));
      }),
    );
  });

  it("never takes what has a wrong check digit, and never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          nineDigits.map((digits) => `${digits}7`),
        ),
        (text) => {
          const { value } = judgeNhsNumber(text, "test");
          expect(value === undefined || hasValidCheckDigit(value)).toBe(true);
        },
      ),
    );
  });
});
