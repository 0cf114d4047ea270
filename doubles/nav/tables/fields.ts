// Fields of ERP tables by AL type: how each is declared, its blank, and how a wire value is validated into it.

import { refuse } from "../errors.ts";

/** A stored value; every field of a record always has one, blank when nothing was entered. */
export type Value = string | number | boolean;
/** The fields of one record by JSON name. */
export type Values = Record<string, Value>;

/** AL type of a field. Code is trimmed and upper-cased; option members are AL member names (blank is one space). */
type FieldType =
  | { kind: "code" | "text"; max: number }
  | { kind: "option"; members: readonly string[] }
  | { kind: "date" | "dateTime" | "boolean" | "decimal" | "integer" | "guid" };

/** One field of a table, under its API name, its page (OData V4 web service and SOAP) name, and its AL caption. */
export interface Field {
  name: string;
  pageName: string;
  caption: string;
  type: FieldType;
  readOnly: boolean;
  /** Kept in the table but on no page. */
  hidden?: true;
  /** Entity set and field that a non-blank value must be found in. */
  relation?: { entitySet: string; field: string };
}

/** What blank is for dates on the wire. */
export const blankDate = "0001-01-01";
const blankDateTime = "0001-01-01T00:00:00Z";
/** What blank is for ids. */
export const blankGuid = "00000000-0000-0000-0000-000000000000";

type Extra = Partial<Pick<Field, "readOnly" | "relation" | "pageName" | "hidden">>;

/** Page name from caption: what is not alphanumeric becomes `_`, trailing ones dropped (`No.` -> `No`). */
const pageNameOf = (caption: string): string => caption.replace(/[^A-Za-z0-9]+/g, "_").replace(/_+$/, "");

function field(name: string, caption: string, type: FieldType, extra: Extra = {}): Field {
  return { name, caption, pageName: pageNameOf(caption), type, readOnly: false, ...extra };
}

/** A Code[max] field. */
export const code = (name: string, caption: string, max: number, extra?: Extra): Field =>
  field(name, caption, { kind: "code", max }, extra);
/** A Text[max] field. */
export const textField = (name: string, caption: string, max: number, extra?: Extra): Field =>
  field(name, caption, { kind: "text", max }, extra);
/** An Option or Enum field. */
export const option = (name: string, caption: string, members: readonly string[], extra?: Extra): Field =>
  field(name, caption, { kind: "option", members }, extra);
/** A field of a type without length. */
export const plain = (
  name: string,
  caption: string,
  kind: "date" | "dateTime" | "boolean" | "decimal" | "integer" | "guid",
  extra?: Extra,
): Field => field(name, caption, { kind }, extra);

/** The blank of a type. */
export function blankOf(type: FieldType): Value {
  switch (type.kind) {
    case "code":
    case "text":
      return "";
    case "option":
      return type.members[0] ?? " ";
    case "date":
      return blankDate;
    case "dateTime":
      return blankDateTime;
    case "guid":
      return blankGuid;
    case "boolean":
      return false;
    default:
      return 0;
  }
}

/** An enum member as OData writes it: each character outside identifiers as `_xHHHH_`. */
export const encodeMember = (member: string): string =>
  member.replace(/[^A-Za-z0-9_]/g, (char) => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`);

/** The reverse of `encodeMember`; text without escapes comes back unchanged. */
const decodeMember = (wire: string): string =>
  wire.replace(/_x([0-9A-Fa-f]{4})_/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const EDM: Record<FieldType["kind"], string> = {
  code: "Edm.String",
  text: "Edm.String",
  option: "Edm.String",
  date: "Edm.Date",
  dateTime: "Edm.DateTimeOffset",
  boolean: "Edm.Boolean",
  decimal: "Edm.Decimal",
  integer: "Edm.Int32",
  guid: "Edm.Guid",
};

/** EDM type name of a field. */
export const edmTypeOf = (type: FieldType): string => EDM[type.kind];

/** Whether `text` is a day of the calendar as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

const GUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/**
 * A JSON value validated into a field's type, as a page control validates it; null sets the blank.
 * Throws NavRefusal: wrong JSON type, over-long text, unknown option, bad date or GUID.
 */
export function valueFromJson(target: Field, input: unknown): Value {
  const type = target.type;
  if (input === null) return blankOf(type);
  switch (type.kind) {
    case "boolean":
      return typeof input === "boolean" ? input : cannotConvert(input, type);
    case "decimal":
      return typeof input === "number" && Number.isFinite(input) ? input : cannotConvert(input, type);
    case "integer":
      return Number.isInteger(input) ? (input as number) : cannotConvert(input, type);
    default:
      return typeof input === "string" ? valueFromText(target, input) : cannotConvert(input, type);
  }
}

/** A text (JSON string, URL literal or XML text) validated into a field's type; throws NavRefusal as `valueFromJson`. */
export function valueFromText(target: Field, input: string): Value {
  const type = target.type;
  switch (type.kind) {
    case "code":
      return withinLength(input.trim().toUpperCase(), type.max);
    case "text":
      return withinLength(input, type.max);
    case "option":
      return memberFrom(type.members, input);
    case "date":
      return input === "" ? blankDate : isDay(input) ? input : cannotConvert(input, type);
    case "dateTime":
      return input === "" ? blankDateTime : instantFrom(input, type);
    case "guid":
      return GUID.exec(input)?.[1]?.toLowerCase() ?? refuse("Application_InvalidGUID", "badGuid");
    case "boolean":
      return /^(true|1)$/.test(input) ? true : /^(false|0)$/.test(input) ? false : cannotConvert(input, type);
    case "integer":
      return /^-?\d{1,10}$/.test(input) ? Number(input) : cannotConvert(input, type);
    case "decimal":
      return /^-?\d+(\.\d+)?$/.test(input) ? Number(input) : cannotConvert(input, type);
  }
}

function withinLength(value: string, max: number): string {
  if (value.length > max)
    refuse("Application_StringExceededLength", "tooLong", String(value.length), String(max), value);
  return value;
}

function memberFrom(members: readonly string[], input: string): string {
  const wanted = (input === "_blank_" || input === "" ? " " : decodeMember(input)).toLowerCase();
  const found = members.find((member) => member.toLowerCase() === wanted);
  return found ?? refuse("Application_EvaluateException", "notAnOption", input, members.map((m) => m.trim()).join(","));
}

function instantFrom(input: string, type: FieldType): string {
  const at = new Date(input);
  if (!/^\d{4}-\d{2}-\d{2}T/.test(input) || Number.isNaN(at.getTime())) return cannotConvert(input, type);
  return instantText(at);
}

/** An instant as the ERP writes it: UTC, milliseconds only when there are any. */
export const instantText = (at: Date): string => at.toISOString().replace(".000Z", "Z");

function cannotConvert(input: unknown, type: FieldType): never {
  refuse("BadRequest", "cannotConvert", String(input), edmTypeOf(type));
}
