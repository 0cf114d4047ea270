// What fields of NAV hold, by their type: values are written so that they come back, or are refused before anything is sent.

import { LockgateError } from "#kernel/errors";

/** Which wire a value is written for: they differ in names, in booleans and in the blank option. */
export type Dialect = "odata" | "soap";

/** NAV's type of a field, as far as it limits or changes what is written. */
export type FieldForm =
  /** Code: held in upper case, without spaces around it. */
  | { readonly kind: "code"; readonly maxLength: number; readonly members?: readonly string[] }
  | { readonly kind: "text"; readonly maxLength: number }
  /** Date without time; the blank is 0001-01-01. */
  | { readonly kind: "date" }
  /** Has no blank. */
  | { readonly kind: "boolean" }
  /** A number from above nothing to `most`, with at most so many decimals. Nothing is its blank, so it has none to write. */
  | { readonly kind: "number"; readonly most: number; readonly decimals: number }
  /** Option: canonical value and NAV member. The blank is a member of its own. */
  | { readonly kind: "option"; readonly members: Readonly<Record<string, string>> };

export const code = (maxLength: number): FieldForm => ({ kind: "code", maxLength });
export const text = (maxLength: number): FieldForm => ({ kind: "text", maxLength });

/** A canonical field, the NAV field that holds it, and what that one can hold. */
export type NamedField<Name extends string> = {
  readonly canonical: Name;
  /** As the wire in question calls it. */
  readonly name: string;
  readonly form: FieldForm;
};

/** A canonical value of any field. */
export type FieldValue = string | number | boolean | null;

/** What the pages of the custom API call the fields that every record has. */
export const recordNames = { id: "id", reference: "externalReference", modified: "lastModifiedDateTime" } as const;

/** Longest idempotency key, in UTF-16 code units: Text[100] under a unique index. */
export const maxKeyLength = 100;

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
 * The NAV fields of the values that are present, in the order of `rows`; `null` becomes the field's blank.
 *
 * A Code field gets upper case, as NAV would make it: it comes back so. Refused with `ERP_REFUSED` at the canonical field:
 * `NAV_TOO_LONG`; `NAV_SPACES` around a value, which NAV takes off; `NAV_CHARACTERS` that NAV's web services lose;
 * `NAV_EMPTY`, which would come back as `null`; `NAV_NO_BLANK` for a field that cannot be left empty; `NAV_NO_DATE`;
 * `NAV_NO_NUMBER` that the field can hold; `NAV_NO_MEMBER` of an option.
 */
export function toFields<Name extends string>(
  rows: readonly NamedField<Name>[],
  values: Readonly<Partial<Record<Name, FieldValue>>>,
  dialect: Dialect,
): Record<string, string | number | boolean> {
  const fields: Record<string, string | number | boolean> = {};
  for (const row of rows) {
    const value = values[row.canonical];
    if (value === undefined) continue;
    const held = holdable(row, value, dialect);
    fields[row.name] = dialect === "soap" ? String(held) : held;
  }
  return fields;
}

function holdable(
  { canonical, form }: NamedField<string>,
  value: FieldValue,
  dialect: Dialect,
): string | number | boolean {
  if (form.kind === "boolean") return typeof value === "boolean" ? value : refuse(canonical, "NAV_NO_BLANK");
  if (form.kind === "number") return number(canonical, value, form);
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

/** More decimals than the field keeps would be rounded off. */
function number(at: string, value: FieldValue, { most, decimals }: { most: number; decimals: number }): number {
  if (value === null) return refuse(at, "NAV_NO_BLANK");
  const isHeld = typeof value === "number" && value > 0 && value <= most && Number(value.toFixed(decimals)) === value;
  return isHeld ? value : refuse(at, "NAV_NO_NUMBER");
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

/**
 * The canonical values of a record. A field is absent where the page has none, or where it holds what has no canonical
 * word (an option member or status of the ERP's own): an update leaves it as it is. SOAP pages leave out blank fields, so
 * there a missing element is a blank.
 */
export function fromFields<Name extends string>(
  rows: readonly NamedField<Name>[],
  fields: Readonly<Record<string, unknown>>,
  dialect: Dialect,
): Partial<Record<Name, FieldValue>> {
  const values: Partial<Record<Name, FieldValue>> = {};
  for (const row of rows) {
    const held = fields[row.name];
    const value = canonicalOf(row.form, held === undefined && dialect === "soap" ? "" : held);
    if (value !== undefined) values[row.canonical] = value;
  }
  return values;
}

function canonicalOf(form: FieldForm, held: unknown): FieldValue | undefined {
  if (form.kind === "boolean")
    return typeof held === "boolean" ? held : held === "true" ? true : held === "false" ? false : undefined;
  if (form.kind === "number") return typeof held === "number" ? held : undefined;
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
