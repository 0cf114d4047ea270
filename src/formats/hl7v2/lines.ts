// Cuts a message's text into segments and finds the fields of its header, by position and without copying.
//
// The standard ends a segment with CR (v2.8, 2.5.2); files and careless senders end it with LF or CRLF, or mix them. CR always
// ends a segment. LF does too, except in a message whose first segment ends with CR: there an LF that no segment follows is a
// line break inside a field, and stays in it.

import { LockgateError } from "#kernel/errors";

const CR = 13;
const LF = 10;

/** Where each segment begins and ends (exclusive, without terminator) in the text; blank lines belong to none. */
export type SegmentRanges = { readonly starts: number[]; readonly ends: number[] };

const isBlank = (code: number) => code === CR || code === LF || code === 32 || code === 9;

/** Where the text begins after blank characters. */
export function startOfText(text: string): number {
  let start = 0;
  while (start < text.length && isBlank(text.charCodeAt(start))) start += 1;
  return start;
}

/** Where the line that holds `from` ends. */
export function endOfLine(text: string, from: number): number {
  let end = from;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === CR || code === LF) break;
  }
  return end;
}

/** The `index`th piece of a header line, split at its fourth character: MSH is piece 0, MSH-2 piece 1. */
export function headerField(text: string, start: number, index: number): string | undefined {
  const separator = text.charCodeAt(start + 3);
  let piece = 0;
  let from = start;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === CR || code === LF) return piece === index ? text.slice(from, at) : undefined;
    if (code !== separator) continue;
    if (piece === index) return text.slice(from, at);
    piece += 1;
    from = at + 1;
  }
  return piece === index ? text.slice(from) : undefined;
}

/** Whether a segment begins at `at`: three name characters, then the field separator or the end of the line. */
export function beginsSegment(text: string, at: number, separator: string): boolean {
  const [a, b, c] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)];
  const next = text.charCodeAt(at + 3);
  return (
    isLetter(a) &&
    (isLetter(b) || isDigit(b)) &&
    (isLetter(c) || isDigit(c)) &&
    (next === separator.charCodeAt(0) || next === CR || next === LF || Number.isNaN(next))
  );
}

const isLetter = (code: number) => code >= 65 && code <= 90;
const isDigit = (code: number) => code >= 48 && code <= 57;

/** The segments of `text` from `start` on. Throws `HL7_BAD_SEGMENT_NAME` at `segment n` for a line that is none. */
export function segmentRanges(text: string, start: number, separator: string): SegmentRanges {
  const starts: number[] = [];
  const ends: number[] = [];
  const nextEnd = lineEnds(text, start, separator);
  for (let from = start; from < text.length; ) {
    const end = nextEnd(from);
    if (beginsSegment(text, from, separator)) {
      starts.push(from);
      ends.push(end);
    } else if (!isBlankRange(text, from, end)) {
      throw new LockgateError("HL7_BAD_SEGMENT_NAME", { at: `segment ${starts.length + 1}` });
    }
    from = end + 1;
  }
  return { starts, ends };
}

function isBlankRange(text: string, from: number, end: number): boolean {
  let at = from;
  while (at < end && isBlank(text.charCodeAt(at))) at += 1;
  return at >= end;
}

/** A function that gives the end of the segment at `from`; it must be called with growing positions, and so stays linear. */
function lineEnds(text: string, start: number, separator: string): (from: number) => number {
  let nextLf = text.indexOf("\n", start);
  if (nextLf < 0) {
    return (from) => {
      const end = text.indexOf("\r", from);
      return end < 0 ? text.length : end;
    };
  }
  let nextCr = text.indexOf("\r", start);
  const mayHoldLf = nextCr >= 0 && nextCr < nextLf;
  // Every LF before this position is known to end a line, so that a run of them is looked at once.
  let endingTill = 0;
  return (from) => {
    if (nextCr >= 0 && nextCr < from) nextCr = text.indexOf("\r", from);
    if (nextLf >= 0 && nextLf < from) nextLf = text.indexOf("\n", from);
    while (mayHoldLf && nextLf >= endingTill && (nextCr < 0 || nextLf < nextCr)) {
      const after = endOfBlanks(text, nextLf);
      const code = text.charCodeAt(after);
      if (code === CR || Number.isNaN(code) || beginsSegment(text, after, separator)) endingTill = after;
      else nextLf = text.indexOf("\n", after);
    }
    return Math.min(nextCr < 0 ? text.length : nextCr, nextLf < 0 ? text.length : nextLf);
  };
}

/** Where the blanks at `from`, CR not among them, end. */
function endOfBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at)) && text.charCodeAt(at) !== CR) at += 1;
  return at;
}
