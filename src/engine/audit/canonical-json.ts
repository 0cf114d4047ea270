// Canonical JSON (RFC 8785): one value, one text, so that a hash of the text is a hash of the value.

import { LockgateError } from "#kernel/errors";

/** A value that JSON can hold. A member whose value is undefined is left out. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/**
 * The canonical text of `value`: names sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them.
 * The text never holds a raw control character.
 * @throws AUDIT_BAD_LEAF for a number that is not finite and for text with a lone surrogate (RFC 8785 §3.2.2.2 and §3.2.2.3).
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "string") return canonicalText(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new LockgateError("AUDIT_BAD_LEAF", { reason: "not-finite" });
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  return canonicalObject(value);
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value);

/** Of most texts nothing is escaped: printable ASCII without quote and backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;

function canonicalText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new LockgateError("AUDIT_BAD_LEAF", { reason: "lone-surrogate" });
  return JSON.stringify(text);
}

type Members = { readonly [name: string]: Json | undefined };

/** Whether JSON as ECMAScript writes it is canonical of such members already, but for what is no text. */
function isPlain(value: Members): boolean {
  let before = "";
  for (const name of Object.keys(value)) {
    const member = value[name];
    const isNested = typeof member === "object" && member !== null;
    if (name < before || isNested || (typeof member === "number" && !Number.isFinite(member))) return false;
    before = name;
  }
  return true;
}

/** How half of a surrogate pair is written, and perhaps what somebody wrote themselves. */
const HALF_A_PAIR = "\\ud";

function canonicalObject(value: Members): string {
  // Details of leaves are written in order: in one go they cost half.
  const plain = isPlain(value) ? JSON.stringify(value) : HALF_A_PAIR;
  if (!plain.includes(HALF_A_PAIR)) return plain;
  let text = "";
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined) continue;
    text += `${text ? "," : ""}${canonicalText(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}
