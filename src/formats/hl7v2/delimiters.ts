// Reads and judges the delimiters that MSH-1 and MSH-2 (or FHS, BHS) declare.
//
// HL7 v2.8, 2.5.4: one field separator and up to five encoding characters in the order component, repetition, escape,
// subcomponent, truncation. A message that needs no escape, subcomponent or truncation character may leave it out from the end.
// A delimiter that is a letter, digit, quote, space or control character, or that stands for two things, would make the
// message ambiguous, so it is refused.

import { LockgateError } from "#kernel/errors";
import type { Delimiters } from "./types.ts";

/** The delimiters the standard recommends: `|` and `^~\&`. */
export const standardDelimiters: Delimiters = {
  field: "|",
  component: "^",
  repetition: "~",
  escape: "\\",
  subcomponent: "&",
  truncation: "",
};

/** `^~\&`, what nearly every message declares. */
const standardEncodingCharacters = "^~\\&";

const usable = (character: string) => /^[!#-/:-@[-`{-~]$/.test(character);

/**
 * The delimiters of a header segment from its fourth character and its encoding characters. Throws `HL7_BAD_DELIMITERS` at
 * `<segment>-1` or `<segment>-2`.
 */
export function delimitersOf(field: string, encodingCharacters: string, segment = "MSH"): Delimiters {
  if (field === "|" && encodingCharacters === standardEncodingCharacters) return standardDelimiters;
  if (!usable(field)) throw new LockgateError("HL7_BAD_DELIMITERS", { at: `${segment}-1` });
  const count = encodingCharacters.length;
  const all = [field, ...encodingCharacters.slice(0, 6)];
  if (count < 2 || count > 5 || !all.every(usable) || new Set(all).size !== all.length) {
    throw new LockgateError("HL7_BAD_DELIMITERS", { at: `${segment}-2` });
  }
  const [component = "", repetition = "", mark = "", subcomponent = "", truncation = ""] = encodingCharacters;
  return { field, component, repetition, escape: mark, subcomponent, truncation };
}
