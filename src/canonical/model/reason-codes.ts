// The data-quality reason codes: what is wrong with a record, how grave it is, and what is done about it.

/**
 * How grave a finding is.
 *
 * - `reject`: the record is refused as a whole and waits for repair.
 * - `reject-field`: the field counts as not said; what was sent is kept in `raw`.
 * - `review`: a steward decides before anything is linked or written.
 * - `warn`: stored and flagged. `info`: noted.
 */
export type Severity = "reject" | "reject-field" | "review" | "warn" | "info";

/** One row of the table. `judgedFrom` says what must be known: the record alone, or more than it. */
export type ReasonRow = {
  readonly severity: Severity;
  readonly judgedFrom: "record" | "elsewhere";
  /** What is wrong, in one line for a person. */
  readonly text: string;
  /** What Lockgate does, in one line for a person. */
  readonly action: string;
};

const record = (severity: Severity, text: string, action: string): ReasonRow => ({
  severity,
  judgedFrom: "record",
  text,
  action,
});
const elsewhere = (severity: Severity, text: string, action: string): ReasonRow => ({
  severity,
  judgedFrom: "elsewhere",
  text,
  action,
});

export const reasonCodes = {
  "DQ-NHS-001": record("warn", "The NHS number is missing.", "Trace it."),
  "DQ-NHS-002": record("reject-field", "The NHS number is not ten digits.", "Not taken; kept as sent."),
  "DQ-NHS-003": record("reject-field", "The NHS number's check digit is wrong.", "Not taken; kept as sent."),
  "DQ-NHS-004": record("reject-field", "The NHS number is a placeholder.", "Not taken; kept as sent."),
  "DQ-NHS-005": record(
    "warn",
    "The number lies in a range not issued as NHS numbers.",
    "Stored; never matched on alone.",
  ),
  "DQ-NHS-006": record("reject", "The NHS number is of the test range.", "Refused outside a test environment."),
  "DQ-NHS-007": record("info", "The number lies in the range of Scotland's CHI numbers.", "Stored; not traced in PDS."),
  "DQ-NHS-008": record(
    "info",
    "The number lies in the range of Northern Ireland's H&C numbers.",
    "Stored; not traced in PDS.",
  ),
  "DQ-NHS-009": elsewhere(
    "info",
    "The NHS number was replaced by another.",
    "Follow to the current number; keep the old one.",
  ),
  "DQ-NHS-010": elsewhere("review", "The national record is invalidated.", "Stop: no link and no disclosure."),
  "DQ-NHS-011": elsewhere(
    "review",
    "Two or more local persons have the NHS number.",
    "A steward resolves the duplicates.",
  ),
  "DQ-NHS-012": elsewhere("review", "The NHS number belongs to other demographics.", "No automatic link; status 05."),
  "DQ-DOB-001": record("warn", "The birth date is missing.", "Not traced without one."),
  "DQ-DOB-002": record("reject", "The birth date cannot be read.", "Refused; waits for repair."),
  "DQ-DOB-003": record("reject", "The birth date is in the future.", "Refused; waits for repair."),
  "DQ-DOB-004": record(
    "reject-field",
    "The birth date is before 1900 or over 130 years ago.",
    "Not taken; kept as sent.",
  ),
  "DQ-DOB-005": record("warn", "The birth date is over 120 years ago.", "Stored and flagged."),
  "DQ-DOB-006": record("warn", "The birth date is a usual default, 1 January.", "Stored; counts little in a match."),
  "DQ-DOB-007": record("warn", "The birth date is partial.", "Stored; matched by its parts; not sent to the ERP."),
  "DQ-DOB-008": record("reject", "The birth date is after the death or the event.", "Refused; waits for repair."),
  "DQ-NAM-001": record("warn", "The family name is missing.", "Matched by the other fields."),
  "DQ-NAM-002": record("warn", "The given name is missing.", "Matched by the other fields."),
  "DQ-NAM-003": record("warn", "The name is a placeholder.", "Not taken; kept as sent."),
  "DQ-NAM-004": record(
    "warn",
    "The name has damaged or unusual characters.",
    "Repaired where certain, else stored as sent.",
  ),
  "DQ-NAM-005": record("info", "A title or suffix stands in the name.", "Taken off; kept as sent."),
  "DQ-NAM-006": record("warn", "The name is a single letter.", "Stored; compared as an initial."),
  "DQ-NAM-007": record("warn", "Family and given name may be swapped.", "Stored; compared both ways."),
  "DQ-GEN-001": record("info", "The gender is missing or not known.", "Neutral in a match."),
  "DQ-GEN-002": record("warn", "The gender code is not known.", "Not taken; kept as sent."),
  "DQ-PCD-001": record("warn", "The postcode is missing.", "Matched by the other fields."),
  "DQ-PCD-002": record("warn", "The postcode is malformed.", "Stored as sent; never compared."),
  "DQ-PCD-003": record("info", "The postcode was repaired.", "The repaired one is used; kept as sent."),
  "DQ-PCD-004": record("info", "The postcode stands for no place.", "Stored; never counts as agreement."),
  "DQ-PCD-005": record("warn", "The postcode is not in the directory, or has ended.", "Stored and flagged."),
  "DQ-ADR-001": record("info", "The address lacks its first line or its postcode.", "Stored."),
  "DQ-TEL-001": record(
    "warn",
    "The phone number is not valid.",
    "Stored as sent if it may be dialled, else not taken.",
  ),
  "DQ-TEL-002": elsewhere("warn", "Many persons share the phone number.", "Counts little in a match."),
  "DQ-EML-001": record("warn", "The e-mail address is not valid.", "Not taken; kept as sent."),
  "DQ-GPC-001": record("warn", "The GP practice code is not of an ODS form, or not known.", "Stored and flagged."),
  "DQ-DTH-001": record("review", "Death flag, death date and event contradict each other.", "A steward decides."),
  "DQ-DTH-002": record(
    "reject-field",
    "The death date or flag cannot be read, or is in the future.",
    "Not taken; kept as sent.",
  ),
  "DQ-STA-001": record("reject-field", "The NHS number status is not one of 01 to 08.", "Not taken; kept as sent."),
  "DQ-LEN-001": record("reject-field", "The value is longer than any record can hold.", "Not taken; kept as sent."),
} as const satisfies Record<string, ReasonRow>;

/** A code of the table, e.g. `DQ-NHS-003`. */
export type ReasonCode = keyof typeof reasonCodes;

/** One thing a rule found. Never holds a value of the record. */
export type Finding = {
  readonly code: ReasonCode;
  /** A field of the person, e.g. `postcode`. */
  readonly field: string;
  readonly severity: Severity;
};

/** A finding with the severity that the table gives its code. */
export const finding = (code: ReasonCode, field: string): Finding => ({
  code,
  field,
  severity: reasonCodes[code].severity,
});
