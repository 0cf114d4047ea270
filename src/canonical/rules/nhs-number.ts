// NHS numbers: form, check digit (NHS Data Dictionary, modulus 11) and number ranges.

import type { ReasonCode } from "#canonical/model";
import { daysInMonth } from "./dates.ts";
import { type Judgement, notTaken, taken } from "./judgement.ts";

/** Where the number will be used; the test range 9xx is only taken in `test`. */
export type Environment = "live" | "test";

const separators = /[\s\p{Pd}.]/gu;
const tenDigits = /^[0-9]{10}$/;
const zero = "0".charCodeAt(0);
const sequences = new Set(["0123456789", "1234567890", "9876543210", "0987654321"]);

/** The check digit after the first nine digits, or `undefined` where modulus 11 gives 10 and the number is never issued. */
export function nhsCheckDigit(nineDigits: string): number | undefined {
  let sum = 0;
  for (let index = 0; index < 9; index += 1) sum += (nineDigits.charCodeAt(index) - zero) * (10 - index);
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? undefined : check;
}

/** Whether the text is ten digits with the right check digit. Says nothing of placeholders and ranges. */
export const hasValidCheckDigit = (digits: string): boolean =>
  tenDigits.test(digits) && nhsCheckDigit(digits) === digits.charCodeAt(9) - zero;

/** Judges one NHS number as sent; the value is the ten digits. */
export function judgeNhsNumber(text: string, environment: Environment): Judgement<string> {
  // Most are sent as ten digits: nothing is between them to take out.
  const digits = tenDigits.test(text) ? text : text.replace(separators, "");
  if (!tenDigits.test(digits)) return notTaken("DQ-NHS-002");
  if (/^(.)\1{9}$/.test(digits) || sequences.has(digits)) return notTaken("DQ-NHS-004");
  if (!hasValidCheckDigit(digits)) return notTaken("DQ-NHS-003");
  const code = rangeCode(digits, environment);
  if (code === "DQ-NHS-006") return notTaken(code);
  return code === undefined ? taken(digits) : taken(digits, code);
}

type Range = {
  readonly from: string;
  readonly to: string;
  /** What a number of the range is; absent: an ordinary NHS number. */
  readonly code?: ReasonCode;
  /** The range holds only such numbers. */
  readonly holds?: (digits: string) => boolean;
};

/** A CHI number begins with the birth date as DDMMYY; the century is not told, so every February may have 29 days. */
const isChiDate = (digits: string): boolean => {
  const [day, month] = [Number(digits.slice(0, 2)), Number(digits.slice(2, 4))];
  return day >= 1 && month >= 1 && month <= 12 && day <= daysInMonth(2000, month);
};

// The ranges as issued (uk-fci/nhs-number): Scotland's CHI, Northern Ireland's H&C, then England, Wales and the Isle of Man,
// and the test range. No other is issued as NHS numbers; 80 to 85 are Ireland's IHI.
const ranges: readonly Range[] = [
  { from: "0100000000", to: "3112999999", code: "DQ-NHS-007", holds: isChiDate },
  { from: "3200000000", to: "3999999999", code: "DQ-NHS-008" },
  { from: "4000000000", to: "4999999999" },
  { from: "6000000000", to: "7999999999" },
  { from: "9000000000", to: "9999999999", code: "DQ-NHS-006" },
];

function rangeCode(digits: string, environment: Environment): ReasonCode | undefined {
  const range = ranges.find(({ from, to, holds }) => digits >= from && digits <= to && (!holds || holds(digits)));
  if (range === undefined) return "DQ-NHS-005";
  return range.code === "DQ-NHS-006" && environment === "test" ? undefined : range.code;
}
