// Coded fields: gender, NHS number status, yes and no, GP practice.

import { type Gender, type NhsNumberStatus, nhsNumberStatuses } from "#canonical/model";
import { type Judgement, notTaken, taken } from "./judgement.ts";
import { cleanText } from "./sent-text.ts";

// HL7 table 0001, the NHS person gender codes 0, 1, 2, 9 (also padded), X of the later HL7 tables, and FHIR's words.
const genders: Readonly<Record<string, Gender>> = {
  M: "male",
  "1": "male",
  MALE: "male",
  F: "female",
  "2": "female",
  FEMALE: "female",
  O: "other",
  A: "other",
  N: "other",
  X: "other",
  "9": "other",
  OTHER: "other",
  U: "unknown",
  "0": "unknown",
  UNKNOWN: "unknown",
};

/** Judges a gender code. */
export function judgeGender(text: string): Judgement<Gender> {
  const gender =
    genders[
      text
        .trim()
        .toUpperCase()
        .replace(/^0(?=[0-9])/, "")
    ];
  if (gender === undefined) return notTaken("DQ-GEN-002");
  return gender === "unknown" ? taken(gender, "DQ-GEN-001") : taken(gender);
}

/** Judges an NHS number status indicator, with or without its leading zero. */
export function judgeNhsNumberStatus(text: string): Judgement<NhsNumberStatus> {
  const status = nhsNumberStatuses.find((known) => known === text.trim().padStart(2, "0"));
  return status === undefined ? notTaken("DQ-STA-001") : taken(status);
}

const flags: Readonly<Record<string, boolean>> = {
  Y: true,
  YES: true,
  TRUE: true,
  "1": true,
  N: false,
  NO: false,
  FALSE: false,
  "0": false,
};

/** Judges the death flag (HL7 table 0136, and the words in use). */
export function judgeDeceased(text: string): Judgement<boolean> {
  const flag = flags[text.trim().toUpperCase()];
  return flag === undefined ? notTaken("DQ-DTH-002") : taken(flag);
}

// Practices in England, Wales and Northern Ireland are a letter and five digits, newer ODS codes A1A1A, Scotland five digits.
const practiceForm = /^(?:[A-Z][0-9]{5}|[A-Z][0-9][A-Z][0-9][A-Z]|[0-9]{5})$/;

/** Whether the text has the form of a GP practice's ODS code. */
export const isPracticeCode = (text: string): boolean => practiceForm.test(text.trim().toUpperCase());

// NHS Data Dictionary, default codes: no registered practice, not applicable, not known.
const noPractice = new Set(["V81997", "V81998", "V81999"]);

/** Judges a GP practice code by its form; a default code names no practice. */
export function judgePracticeCode(text: string): Judgement<string> {
  const code = cleanText(text).toUpperCase();
  return isPracticeCode(code) && !noPractice.has(code) ? taken(code) : taken(code, "DQ-GPC-001");
}
