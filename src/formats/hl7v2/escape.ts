// Turns escape sequences into text and text into escape sequences.
//
// HL7 v2.8, 2.7. Delimiter escapes (\F\ \S\ \T\ \R\ \E\ \P\) and hexadecimal data (\Xdd..\) become the characters they stand
// for. What says how to show text (\H\ \N\ \.br\ ..), switches a character set (\Cxxyy\ \Mxxyyzz\) or is local (\Z..\) has no
// character, so it stays in the text as written, and `escapeText` lets the same sequences through: text read from one field and
// set into another keeps its formatting. A sequence that is unknown or not closed stays too: nothing is lost by guessing.

import { LockgateError } from "#kernel/errors";
import { decodeExactly } from "./charset.ts";
import type { Delimiters } from "./types.ts";

const command =
  /^(?:[HN]|\.(?:sp|br|fi|nf|in|ti|sk|ce)[+-]?[0-9]{0,4}|C[0-9A-F]{4}|M[0-9A-F]{4}(?:[0-9A-F]{2})?|Z[0-9A-Za-z]{0,64})$/;
/** The longest body `command` can match: one longer is not looked at. */
const maxCommandCharacters = 65;
const hexadecimal = /^X(?:[0-9A-Fa-f]{2})+$/;

function charactersOf(body: string, delimiters: Delimiters, encoding: string): string | undefined {
  switch (body) {
    case "F":
      return delimiters.field;
    case "S":
      return delimiters.component;
    case "T":
      return delimiters.subcomponent || undefined;
    case "R":
      return delimiters.repetition;
    case "E":
      return delimiters.escape;
    case "P":
      return delimiters.truncation || undefined;
    default:
      return hexadecimal.test(body) ? decodeExactly(Buffer.from(body.slice(1), "hex"), encoding) : undefined;
  }
}

/**
 * The text that `text` stands for. `encoding` is how the bytes of \Xdd..\ are read; the default is UTF-8. Never throws.
 */
export function unescapeText(text: string, delimiters: Delimiters, encoding = "utf-8"): string {
  const mark = delimiters.escape;
  let open = mark === "" ? -1 : text.indexOf(mark);
  if (open < 0) return text;
  let result = "";
  let from = 0;
  while (open >= 0) {
    const close = text.indexOf(mark, open + 1);
    if (close < 0) break;
    const characters = charactersOf(text.slice(open + 1, close), delimiters, encoding);
    if (characters !== undefined) {
      result += text.slice(from, open) + characters;
      from = close + 1;
    }
    open = text.indexOf(mark, close + 1);
  }
  return result + text.slice(from);
}

/** `text` for a place in a message: `unescapeText` gives it back. Control characters other than tab go as \Xdd\. */
export function escapeText(text: string, delimiters: Delimiters): string {
  let result = "";
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    const letter = letterOf(character, delimiters);
    if (letter === undefined) continue;
    const end = letter === "E" ? endOfCommand(text, index, delimiters.escape) : undefined;
    if (end !== undefined) {
      index = end;
      continue;
    }
    if (delimiters.escape === "")
      throw new LockgateError("HL7_BAD_DELIMITERS", { at: "MSH-2", reason: "no escape character" });
    result += `${text.slice(from, index)}${delimiters.escape}${letter}${delimiters.escape}`;
    from = index + 1;
  }
  return from === 0 ? text : result + text.slice(from);
}

function letterOf(character: string, delimiters: Delimiters): string | undefined {
  const code = character.charCodeAt(0);
  if (code < 32) return code === 9 ? undefined : `X${code.toString(16).toUpperCase().padStart(2, "0")}`;
  switch (character) {
    case delimiters.field:
      return "F";
    case delimiters.component:
      return "S";
    case delimiters.subcomponent:
      return "T";
    case delimiters.repetition:
      return "R";
    case delimiters.escape:
      return "E";
    case delimiters.truncation:
      return "P";
    default:
      return undefined;
  }
}

/** Where the formatting command that opens at `open` closes. */
function endOfCommand(text: string, open: number, mark: string): number | undefined {
  const body = text.slice(open + 1, open + 2 + maxCommandCharacters);
  const length = body.indexOf(mark);
  return length >= 0 && command.test(body.slice(0, length)) ? open + 1 + length : undefined;
}
