// Phone numbers, e-mail addresses, countries and address lines.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareAddressLine, compareEmail, comparePhone, readPhone } from "#canonical/rules";
import { judgeEmail, judgePhone } from "../../src/canonical/rules/contact.ts";
import { hasUkPostcodes, judgeCountry } from "../../src/canonical/rules/country.ts";
import { growth, NEAR_LINEAR } from "../growth.ts";

describe("reading a phone number", () => {
  it.each([
    ["01632 960123", "+441632960123"],
    ["(01632) 960-123", "+441632960123"],
    ["020 7946 0958", "+442079460958"],
    ["07700 900123", "+447700900123"],
    ["+44 (0)7700 900123", "+447700900123"],
    ["+4407700900123", "+447700900123"],
    ["00447700900123", "+447700900123"],
    ["447700900123", "+447700900123"],
    ["tel:+447700900123", "+447700900123"],
    ["01632 960123 ext 12", "+441632960123 ext 12"],
    ["01632 960123x12", "+441632960123 ext 12"],
    ["+353 20 912 3456", "+353209123456"],
    ["960123", undefined],
    ["0000000000", undefined],
    ["07700 90012", undefined],
    ["01632 960123 mum", undefined],
    ["none", undefined],
  ])("reads %j as %j", (text, number) => {
    expect(readPhone(text)).toBe(number);
  });

  it("reads its own result as itself, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[+0-9() x-]{6,18}$/)), (text) => {
        const { value } = judgePhone(text);
        if (value !== undefined) expect(judgePhone(value).value).toBe(value);
      }),
    );
  });

  it("keeps a number it cannot read if a person may dial it, and drops a remark", () => {
    expect(judgePhone("960123")).toEqual({ value: "960123", codes: ["DQ-TEL-001"] });
    expect(judgePhone("ex-directory")).toEqual({ value: undefined, codes: ["DQ-TEL-001"] });
  });

  it("drops one digit over and over, which nobody can dial", () => {
    expect(judgePhone("00000000000").value).toBeUndefined();
    expect(judgePhone("0000000001").value).toBe("0000000001");
  });

  it("finds the same line under every spelling of it", () => {
    const mobile = fc.stringMatching(/^7[0-9]{9}$/);
    const spelling = fc.constantFrom<(digits: string) => string>(
      (digits) => `0${digits}`,
      (digits) => `+44${digits}`,
      (digits) => `0044 ${digits}`,
      (digits) => `+44 (0)${digits.slice(0, 4)} ${digits.slice(4)}`,
      (digits) => `(0${digits.slice(0, 4)}) ${digits.slice(4, 7)}-${digits.slice(7)} ext. 7`,
      (digits) => `tel:+44${digits}`,
    );
    fc.assert(
      fc.property(mobile, spelling, (digits, spell) => {
        expect(comparePhone(spell(digits))).toBe(`+44${digits}`);
      }),
    );
  });

  it("compares lines, not spellings or extensions", () => {
    expect(comparePhone("+44 7700 900123")).toBe(comparePhone("07700900123"));
    expect(comparePhone("01632 960123 ext 12")).toBe("+441632960123");
    expect(comparePhone("960123")).toBeUndefined();
  });
});

describe("judging an e-mail address", () => {
  it.each([
    [" Anne.Example@Example.ORG ", "Anne.Example@example.org"],
    ["mailto:a+b@example.co.uk", "a+b@example.co.uk"],
    ["anne@example", undefined],
    ["anne@@example.org", undefined],
    ["anne..b@example.org", undefined],
    ["none", undefined],
  ])("reads %j as %j", (text, value) => {
    expect(judgeEmail(text)).toEqual({ value, codes: value === undefined ? ["DQ-EML-001"] : [] });
  });

  it("compares mailboxes without regard to case", () => {
    expect(compareEmail("ANNE@example.org")).toBe(compareEmail("anne@EXAMPLE.org"));
  });

  it("answers a hostile address in time linear in its length", () => {
    const judge = (size: number): void => {
      judgeEmail(`${"a.".repeat(size)}@`);
      judgeEmail(`a@${"b-".repeat(size)}`);
    };
    expect(growth(80_000, judge)).toBeLessThan(NEAR_LINEAR);
  });
});

describe("countries and address lines", () => {
  it.each([
    ["United Kingdom", "GB", true],
    ["england", "GB", true],
    ["gbr", "GBR", true],
    ["Jersey", "JE", true],
    ["Netherlands", "NL", false],
    ["FRA", "FRA", false],
    ["Atlantis", "Atlantis", false],
  ])("knows %s as %s", (text, code, isUk) => {
    expect(judgeCountry(text).value).toBe(code);
    expect(hasUkPostcodes(text)).toBe(isUk);
  });

  it("finds address lines with usual abbreviations the same", () => {
    expect(compareAddressLine("12, High Street")).toBe(compareAddressLine("12 HIGH ST."));
    expect(compareAddressLine("12 High Street")).not.toBe(compareAddressLine("21 High Street"));
  });
});
