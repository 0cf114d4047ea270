// Rules that need more than the record: what the national service, the directories and the other persons say of it.

import { type Finding, finding, type PersonChanges, type PersonField, type ReasonCode } from "#canonical/model";

/** What is known beside a record. Absent: nobody was asked, and nothing is found. */
export type Surroundings = {
  /** The national service's word on the NHS number; `another`: the number is that of other demographics. */
  readonly nhsNumber?: "current" | "superseded" | "invalidated" | "another";
  /** Local persons who go by the NHS number, the record's own among them. */
  readonly nhsNumberHolders?: number;
  /** Local persons who go by the phone number, the record's own among them. */
  readonly phoneHolders?: number;
  /** The postcode directory's word (ONS Postcode Directory). */
  readonly postcode?: "live" | "ended" | "absent";
  /** The organisation directory's word on the practice (ODS). */
  readonly gpPractice?: "open" | "closed" | "absent";
};

/** So many are no household any more: the number is a surgery's, a care home's or an interpreter's. */
const sharedByMany = 10;

type Rule = {
  readonly code: ReasonCode;
  readonly field: PersonField;
  readonly applies: (known: Surroundings) => boolean;
};

const rules: readonly Rule[] = [
  { code: "DQ-NHS-009", field: "nhsNumber", applies: ({ nhsNumber }) => nhsNumber === "superseded" },
  { code: "DQ-NHS-010", field: "nhsNumber", applies: ({ nhsNumber }) => nhsNumber === "invalidated" },
  { code: "DQ-NHS-011", field: "nhsNumber", applies: ({ nhsNumberHolders = 0 }) => nhsNumberHolders > 1 },
  { code: "DQ-NHS-012", field: "nhsNumber", applies: ({ nhsNumber }) => nhsNumber === "another" },
  { code: "DQ-PCD-005", field: "postcode", applies: ({ postcode = "live" }) => postcode !== "live" },
  { code: "DQ-TEL-002", field: "phone", applies: ({ phoneHolders = 0 }) => phoneHolders > sharedByMany },
  { code: "DQ-GPC-001", field: "gpPracticeCode", applies: ({ gpPractice = "open" }) => gpPractice !== "open" },
];

/** What is found of the fields that are said, in the order of `personFields`. */
export const findBeyondRecord = (fields: PersonChanges, known: Surroundings): Finding[] =>
  rules.flatMap(({ code, field, applies }) => (fields[field] && applies(known) ? [finding(code, field)] : []));
