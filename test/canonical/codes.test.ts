// Coded fields: gender, NHS number status, death flag and GP practice.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  judgeDeceased,
  judgeGender,
  judgeNhsNumberStatus,
  judgePracticeCode,
} from "../../src/canonical/rules/codes.ts";

describe("coded fields", () => {
  it.each([
    ["M", "male", []],
    ["1", "male", []],
    ["2", "female", []],
    ["02", "female", []],
    ["0", "unknown", ["DQ-GEN-001"]],
    ["9", "other", []],
    ["X", "other", []],
    ["U", "unknown", ["DQ-GEN-001"]],
    ["3", undefined, ["DQ-GEN-002"]],
    ["MALEX", undefined, ["DQ-GEN-002"]],
    ["constructor", undefined, ["DQ-GEN-002"]],
  ])("take the gender %j as %j", (text, value, codes) => {
    expect(judgeGender(text)).toEqual({ value, codes });
  });

  it.each([
    ["01", "01", []],
    ["8", "08", []],
    ["00", undefined, ["DQ-STA-001"]],
    ["9", undefined, ["DQ-STA-001"]],
    ["", undefined, ["DQ-STA-001"]],
  ])("take the NHS number status %j as %j", (text, value, codes) => {
    expect(judgeNhsNumberStatus(text)).toEqual({ value, codes });
  });

  it.each([
    ["Y", true, []],
    ["no", false, []],
    ["dead", undefined, ["DQ-DTH-002"]],
    ["toString", undefined, ["DQ-DTH-002"]],
  ])("take the death flag %j as %j", (text, value, codes) => {
    expect(judgeDeceased(text)).toEqual({ value, codes });
  });

  it.each([
    ["a99901", "A99901", []],
    ["12345", "12345", []],
    ["A1B2C", "A1B2C", []],
    ["A9990", "A9990", ["DQ-GPC-001"]],
    ["V81996", "V81996", []],
    ["V81997", "V81997", ["DQ-GPC-001"]],
    ["V81998", "V81998", ["DQ-GPC-001"]],
    ["v81999", "V81999", ["DQ-GPC-001"]],
  ])("take the practice code %j as %j", (text, value, codes) => {
    expect(judgePracticeCode(text)).toEqual({ value, codes });
  });

  it("are judged alike in every case, with blanks around them, and when their result is sent again", () => {
    const judges = [judgeGender, judgeNhsNumberStatus, judgeDeceased, judgePracticeCode];
    const text = fc.oneof(
      fc.constantFrom("m", "F", "male", "Unknown", "09", "1", "y", "FALSE", "a99901", "v81999", "surgery"),
      fc.stringMatching(/^[A-Za-z0-9]{1,7}$/),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(...judges), (code, judge) => {
        const judged = judge(code);
        expect(judge(code.toUpperCase())).toEqual(judged);
        expect(judge(`  ${code.toLowerCase()} `)).toEqual(judged);
        if (judged.value !== undefined) expect(judge(String(judged.value))).toEqual(judged);
      }),
    );
  });
});
