// Canonical patient values to NAV's and back: what cannot be held unchanged is refused before anything is sent.

import type { PatientRecord, PatientValues } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { type FieldForm, type FieldRow, maxKeyLength, patientFields } from "./patient-fields.ts";

/** Which wire a value is written for: they differ in names, in booleans and in the blank option. */
type Dialect = "odata" | "soap";

/** A record as a wire shows it, by NAV name. */
type NavFields = Readonly<Record<string, unknown>>;

const blankDate = "0001-01-01";
/** NAV keeps dates in SQL Server's datetime, which begins here. */
const firstDate = "1753-01-01";
const blankOption: Record<Dialect, string> = { odata: "_x0020_", soap: "_blank_" };
const blankOptions = new Set(["", " ", "_x0020_", "_blank_"]);

// Controls, halves of surrogate pairs and the two non-characters: XML cannot carry them (XML 1.0 §2.2).
const uncarried = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

const refuse = (at: string, reason: string): never => {
  throw new LockgateError("ERP_REFUSED", { at, reason });
};

/**
 * The NAV fields of the values that are present, in writing order; `null` becomes the field's blank.
 *
 * A Code field gets upper case, as NAV would make it: it comes back so. Refused with `ERP_REFUSED` at the canonical field:
 * `NAV_TOO_LONG`; `NAV_SPACES` around a value, which NAV takes off; `NAV_CHARACTERS` that NAV's web services lose;
 * `NAV_EMPTY`, which would come back as `null`; `NAV_NO_BLANK` for a boolean, of which NAV knows two states only;
 * `NAV_NO_DATE`; `NAV_NO_MEMBER` of an option.
 */
export function toNav(values: PatientValues, dialect: Dialect): Record<string, string | boolean> {
  const fields: Record<string, string | boolean> = {};
  for (const row of patientFields) {
    const value = values[row.canonical];
    if (value === undefined) continue;
    const held = holdable(row, value, dialect);
    fields[row[dialect]] = dialect === "soap" ? String(held) : held;
  }
  return fields;
}

function holdable({ canonical, form }: FieldRow, value: string | boolean | null, dialect: Dialect): string | boolean {
  if (form.kind === "boolean") return typeof value === "boolean" ? value : refuse(canonical, "NAV_NO_BLANK");
  if (value === null) return blankOf(form, dialect);
  if (typeof value !== "string") return refuse(canonical, "NAV_NO_TEXT");
  switch (form.kind) {
    case "date":
      return isDay(value) ? value : refuse(canonical, "NAV_NO_DATE");
    case "option":
      return Object.hasOwn(form.members, value) ? form.members[value]! : refuse(canonical, "NAV_NO_MEMBER");
    case "text":
      return plain(canonical, value, form.maxLength);
    case "code":
      if (form.members && !form.members.includes(value)) return refuse(canonical, "NAV_NO_MEMBER");
      return upper(canonical, plain(canonical, value, form.maxLength));
  }
}

function blankOf(form: FieldForm, dialect: Dialect): string {
  return form.kind === "date" ? blankDate : form.kind === "option" ? blankOption[dialect] : "";
}

function plain(at: string, value: string, maxLength: number): string {
  if (value === "") return refuse(at, "NAV_EMPTY");
  if (value.length > maxLength) return refuse(at, "NAV_TOO_LONG");
  if (uncarried.test(value)) return refuse(at, "NAV_CHARACTERS");
  return value === value.trim() ? value : refuse(at, "NAV_SPACES");
}

/** Some letters have an upper case of two, e.g. ß; NAV's own rule differs there, so they are refused. */
function upper(at: string, value: string): string {
  const raised = value.toUpperCase();
  return raised.length === value.length ? raised : refuse(at, "NAV_CHARACTERS");
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < firstDate) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The idempotency key, if the ERP can keep it as it is. */
export function keepableKey(key: string): string {
  return plain("idempotencyKey", key, maxKeyLength);
}

/** Whether any record can have that text in a Code field; nothing longer is held, and NAV refuses to look for it. */
export const fitsCode = (text: string, maxLength: number): boolean =>
  text !== "" && text.length <= maxLength && !uncarried.test(text);

/** The same for the field that holds a canonical value. */
export function fitsField(canonical: keyof PatientRecord, text: string): boolean {
  const form = patientFields.find((row) => row.canonical === canonical)?.form;
  return form !== undefined && "maxLength" in form && fitsCode(text, form.maxLength);
}

/**
 * The canonical values of a record. A field is absent where the page has none, or where it holds what has no canonical
 * word (an option member or status of the ERP's own): an update leaves it as it is. SOAP pages leave out blank fields, so
 * there a missing element is a blank.
 */
export function fromNav(fields: NavFields, dialect: Dialect): PatientValues {
  const values: Partial<Record<keyof PatientRecord, unknown>> = {};
  for (const row of patientFields) {
    const held = fields[row[dialect]];
    const value = canonicalOf(row.form, held === undefined && dialect === "soap" ? "" : held);
    if (value !== undefined) values[row.canonical] = value;
  }
  if (typeof values.nhsNumber === "string") values.nhsNumber = withoutSpaces(values.nhsNumber);
  return values as PatientValues;
}

function canonicalOf(form: FieldForm, held: unknown): string | boolean | null | undefined {
  if (form.kind === "boolean")
    return typeof held === "boolean" ? held : held === "true" ? true : held === "false" ? false : undefined;
  if (typeof held !== "string") return undefined;
  switch (form.kind) {
    case "date":
      return held === "" || held === blankDate ? null : held;
    case "option":
      return blankOptions.has(held) ? null : memberOf(form.members, held);
    case "code":
      return held === "" ? null : form.members && !form.members.includes(held) ? undefined : held;
    case "text":
      return held === "" ? null : held;
  }
}

const memberOf = (members: Readonly<Record<string, string>>, held: string): string | undefined =>
  Object.keys(members).find((canonical) => members[canonical]!.toLowerCase() === held.toLowerCase());

/** People enter NHS numbers as they are printed, 3-3-4. */
const withoutSpaces = (nhsNumber: string): string => {
  const digits = nhsNumber.replaceAll(/[ -]/g, "");
  return /^\d{10}$/.test(digits) ? digits : nhsNumber;
};

/** The ways in which an NHS number may stand in the ERP. */
export const nhsNumberForms = (nhsNumber: string): readonly string[] =>
  /^\d{10}$/.test(nhsNumber)
    ? [nhsNumber, `${nhsNumber.slice(0, 3)} ${nhsNumber.slice(3, 6)} ${nhsNumber.slice(6)}`]
    : [nhsNumber];
