// NHS numbers: form, check digit (NHS Data Dictionary, modulus 11) and number ranges.

import type { ReasonCode } from "#canonical/model";
import { type Judgement, notTaken, taken } from "./judgement.ts";

/** Where the number will be used; the test range 9xx is only taken in `test`. */
export type Environment = "live" | "test";

const separators = /[\s\p{Pd}.]/gu;
const sequences = new Set(["0123456789", "1234567890", "9876543210", "0987654321"]);

/** The check digit of the first nine digits, or `undefined` where modulus 11 gives 10 and the number is never issued. */
export function nhsCheckDigit(nineDigits: string): number | undefined {
  let sum = 0;
  for (let index = 0; index < 9; index += 1) sum += Number(nineDigits[index]) * (10 - index);
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? undefined : check;
}

/** Whether the text is ten digits with the right check digit. Says nothing of placeholders and ranges. */
export const hasValidCheckDigit = (digits: string): boolean =>
  /^[0-9]{10}$/.test(digits) && nhsCheckDigit(digits.slice(0, 9)) === Number(digits[9]);

/** Judges one NHS number as sent; the value is the ten digits. */
export function judgeNhsNumber(text: string, environment: Environment): Judgement<string> {
  const digits = text.replace(separators, "");
  if (!/^[0-9]{10}$/.test(digits)) return notTaken("DQ-NHS-002");
  if (/^(.)\1{9}$/.test(digits) || sequences.has(digits)) return notTaken("DQ-NHS-004");
  if (!hasValidCheckDigit(digits)) return notTaken("DQ-NHS-003");
  const code = rangeCode(digits, environment);
  if (code === "DQ-NHS-006") return notTaken(code);
  return code === undefined ? taken(digits) : taken(digits, code);
}

// 4xx, 6xx and 7xx are England, Wales and the Isle of Man; 80 to 85 are Ireland's IHI, which are no NHS numbers either.
function rangeCode(digits: string, environment: Environment): ReasonCode | undefined {
  const first = digits[0] ?? "";
  if (first === "9") return environment === "live" ? "DQ-NHS-006" : undefined;
  if (first === "4" || first === "6" || first === "7") return undefined;
  const firstTwo = Number(digits.slice(0, 2));
  if (firstTwo >= 32 && firstTwo <= 39) return "DQ-NHS-008";
  return isChiDate(digits) ? "DQ-NHS-007" : "DQ-NHS-005";
}

// A CHI number begins with the birth date as DDMMYY.
function isChiDate(digits: string): boolean {
  const day = Number(digits.slice(0, 2));
  const month = Number(digits.slice(2, 4));
  return day >= 1 && month >= 1 && month <= 12 && day <= [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}
