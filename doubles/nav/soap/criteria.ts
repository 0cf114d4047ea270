// Filter expressions of the ERP's own user interface, as SOAP takes them: ranges, alternatives, wildcards, local dates.

import { refuse } from "../errors.ts";
import type { Language } from "../language.ts";
import { sortable } from "../odata/filter.ts";
import { type Field, isDay, type Value, valueFromText } from "../tables/fields.ts";

type Test = (value: Value) => boolean;
interface Piece {
  text: string;
  isQuoted: boolean;
}

/**
 * Compiles `a..b`, `|`, `&`, `<>`, `<`, `>`, `<=`, `>=`, `*`, `?`, `@` and quoted text over one field.
 * Dates are read day first, as the language writes them; throws NavRefusal on a value the field cannot hold.
 */
export function parseCriteria(field: Field, text: string, language: Language): Test {
  const invalid = (): never => refuse("Application_FilterErrorException", "badFilter", text, field.caption, "record");
  if (text.trim() === "") return () => true;
  const alternatives = split(text, "|").map((alternative) =>
    split(alternative, "&").map((term) => termTest(field, term.trim(), language, invalid)),
  );
  return (value) => alternatives.some((terms) => terms.every((test) => test(value)));
}

function termTest(field: Field, term: string, language: Language, invalid: () => never): Test {
  const read = (piece: string): Value => readValue(field, unquote(piece.trim()).text, language, invalid);
  const order = (value: Value, wanted: Value): number => {
    const [a, b] = [sortable(field, value), sortable(field, wanted)];
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const range = /^((?:'[^']*'|[^'])*?)\.\.((?:'[^']*'|[^'])*)$/.exec(term);
  if (range) {
    const [from, to] = [range[1]!.trim(), range[2]!.trim()];
    const low = from === "" ? undefined : read(from);
    const high = to === "" ? undefined : read(to);
    return (value) => (low === undefined || order(value, low) >= 0) && (high === undefined || order(value, high) <= 0);
  }
  const [, operator = "", rest = ""] = /^(<>|<=|>=|<|>|=)?(.*)$/s.exec(term) ?? [];
  if (operator === "" || operator === "=" || operator === "<>") {
    const equals = equality(field, rest.trim(), read);
    return operator === "<>" ? (value) => !equals(value) : equals;
  }
  const wanted = read(rest);
  if (operator === "<") return (value) => order(value, wanted) < 0;
  if (operator === ">") return (value) => order(value, wanted) > 0;
  return operator === "<=" ? (value) => order(value, wanted) <= 0 : (value) => order(value, wanted) >= 0;
}

function equality(field: Field, piece: string, read: (piece: string) => Value): Test {
  const isText = field.type.kind === "code" || field.type.kind === "text";
  const { text, isQuoted } = unquote(piece);
  const ignoresCase = isText && !isQuoted && text.startsWith("@");
  if (!isText || isQuoted || !/[*?@]/.test(text)) {
    const wanted = read(piece);
    return (value) => value === wanted;
  }
  const body = (ignoresCase ? text.slice(1) : text).replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(
    `^${body.replaceAll("*", ".*").replaceAll("?", ".")}$`,
    ignoresCase || field.type.kind === "code" ? "is" : "s",
  );
  return (value) => pattern.test(String(value));
}

function readValue(field: Field, text: string, language: Language, invalid: () => never): Value {
  const { type } = field;
  if (type.kind === "option") {
    const wanted = text.trim().toLowerCase();
    return (
      type.members.find((member, index) => member.trim().toLowerCase() === wanted || String(index) === wanted) ??
      invalid()
    );
  }
  if (type.kind === "boolean")
    return /^(yes|ja|true|1)$/i.test(text) ? true : /^(no|nein|false|0)$/i.test(text) ? false : invalid();
  if (type.kind === "date") return text === "" ? "0001-01-01" : (localDay(text, language) ?? invalid());
  if (type.kind === "text" && text.length <= type.max) return text;
  try {
    return valueFromText(field, text);
  } catch {
    return invalid();
  }
}

/** A day as people write it (`05/11/26` or `05.11.26`, also ISO); two-digit years lie within 1930 to 2029. */
function localDay(text: string, language: Language): string | undefined {
  if (isDay(text)) return text;
  const separator = language === "de-DE" ? "\\." : "/";
  const [, day, month, year] =
    new RegExp(`^(\\d{1,2})${separator}(\\d{1,2})${separator}(\\d{2}|\\d{4})$`).exec(text) ?? [];
  if (day === undefined || month === undefined || year === undefined) return undefined;
  const fullYear = year.length === 4 ? year : `${Number(year) < 30 ? "20" : "19"}${year}`;
  const iso = `${fullYear}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isDay(iso) ? iso : undefined;
}

function unquote(text: string): Piece {
  const quoted = /^'((?:[^']|'')*)'$/s.exec(text)?.[1];
  return quoted === undefined ? { text, isQuoted: false } : { text: quoted.replaceAll("''", "'"), isQuoted: true };
}

/** Splits at a separator outside quotes. */
function split(text: string, separator: string): string[] {
  const parts = [""];
  let isQuoted = false;
  for (const char of text) {
    if (char === "'") isQuoted = !isQuoted;
    if (char === separator && !isQuoted) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts;
}
