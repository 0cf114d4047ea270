// The reason codes of a comparison: what the three sides say of each other.

import type { ReasonCode } from "#canonical/model";

/** Each code in one line for a person. */
export const comparisonCodes = {
  "RC-400": "No difference.",
  "RC-401": "The values differ.",
  "RC-402": "The ERP holds no value.",
  "RC-403": "The national service tells no value.",
  "RC-404": "The local NHS number is not valid.",
  "RC-405": "The national service knows no such person.",
  "RC-406": "The NHS number was replaced by another.",
  "MT-201": "Several persons fit.",
  "MT-302": "Too little is known to tell whose record it is.",
  "MT-310": "The person is restricted: where they are is withheld.",
} as const;

/** A code of the table, or one of the data-quality codes that a comparison finds. */
export type ComparisonCode =
  | keyof typeof comparisonCodes
  | Extract<ReasonCode, "DQ-NHS-010" | "DQ-NHS-011" | "DQ-NHS-012" | "DQ-DTH-001">;
