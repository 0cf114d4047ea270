// The bytes of one message as they came, cut into segments, and the bytes again with some segments replaced.

import { LockgateError } from "#kernel/errors";
import { encodeText } from "./charset.ts";
import { decodeMessage } from "./decode.ts";
import { delimitersOf } from "./delimiters.ts";
import { headerField, segmentRanges, startOfText } from "./lines.ts";
import type { Delimiters } from "./types.ts";

/** A message as it came. Positions are in `text`. */
export type Source = {
  readonly raw: Buffer;
  readonly leadBytes: number;
  readonly text: string;
  readonly encoding: string;
  readonly delimiters: Delimiters;
  readonly names: readonly string[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
};

/** Segments that only stand around or between messages; inside one they mean that an envelope was lost. */
export const envelopeNames: ReadonlySet<string> = new Set(["MSH", "FHS", "BHS", "BTS", "FTS"]);

/** Cuts a message. Throws every `HL7_*` code that `parse` documents. */
export function readSource(raw: Buffer): Source {
  const { text, encoding, leadBytes } = decodeMessage(raw);
  const start = startOfText(text);
  if (start === text.length) throw new LockgateError("HL7_EMPTY");
  if (!text.startsWith("MSH", start)) throw new LockgateError("HL7_NO_HEADER", { at: "segment 1" });
  const separator = text.charAt(start + 3);
  const delimiters = delimitersOf(separator, headerField(text, start, 1) ?? "");
  const { starts, ends } = segmentRanges(text, start, separator);
  const names: string[] = [];
  for (const at of starts) {
    const name = text.slice(at, at + 3);
    if (at > start && envelopeNames.has(name))
      throw new LockgateError("HL7_BAD_BATCH", { at: `segment ${names.length + 1}` });
    names.push(name);
  }
  return { raw, leadBytes, text, encoding, delimiters, names, starts, ends };
}

/** The line end the message uses after its first segment; CR where it uses none. */
function terminatorOf({ text, ends }: Source): string {
  const at = ends[0]!;
  if (text[at] === "\r") return text[at + 1] === "\n" ? "\r\n" : "\r";
  return text[at] ?? "\r";
}

/** The text with segments replaced; entries past the last segment are appended. */
export function replacedText(source: Source, replacements: ReadonlyMap<number, string>): string {
  const { text, starts, ends } = source;
  let result = "";
  let from = 0;
  for (const [index, replacement] of inOrder(replacements)) {
    const appended = index >= starts.length;
    const till = appended ? Math.max(from, ends.at(-1)!) : starts[index]!;
    result += text.slice(from, till) + (appended ? terminatorOf(source) : "") + replacement;
    from = appended ? till : ends[index]!;
  }
  return result + text.slice(from);
}

/** The bytes with segments replaced: every byte of the other segments and between them is as it came. */
export function replacedBytes(source: Source, replacements: ReadonlyMap<number, string>): Buffer {
  const { starts, ends } = bytePositions(source);
  const parts: Buffer[] = [];
  let from = 0;
  for (const [index, replacement] of inOrder(replacements)) {
    const appended = index >= starts.length;
    const till = appended ? Math.max(from, ends.at(-1)!) : starts[index]!;
    parts.push(
      source.raw.subarray(from, till),
      encodeText(appended ? terminatorOf(source) + replacement : replacement, source.encoding),
    );
    from = appended ? till : ends[index]!;
  }
  parts.push(source.raw.subarray(from));
  return Buffer.concat(parts);
}

function inOrder(replacements: ReadonlyMap<number, string>): readonly (readonly [number, string])[] {
  return replacements.size === 1 ? [...replacements] : [...replacements].sort(([a], [b]) => a - b);
}

type Positions = { readonly starts: readonly number[]; readonly ends: readonly number[] };

function bytePositions(source: Source): Positions {
  const { raw, leadBytes, text, encoding, starts, ends } = source;
  const bodyBytes = raw.length - leadBytes;
  if (encoding !== "iso-2022-jp" && (bodyBytes === text.length || bodyBytes === text.length * 2)) {
    // One byte, or in UTF-16 two, for every code unit.
    const width = bodyBytes / text.length;
    if (width === 1 && leadBytes === 0) return source;
    if (width === 1 || encoding.startsWith("utf-16")) {
      return { starts: starts.map((at) => leadBytes + at * width), ends: ends.map((at) => leadBytes + at * width) };
    }
  }
  return bytePositionsByLineEnds(source);
}

/** Line ends are in the same order in text and bytes, so the two are walked side by side from one to the next. */
function bytePositionsByLineEnds({ raw, leadBytes, text, starts, ends }: Source): Positions {
  const isLineEnd = (code: number | undefined) => code === 13 || code === 10;
  const byteStarts: number[] = [];
  const byteEnds: number[] = [];
  let at = starts[0]!;
  let byteAt = leadBytes + at;
  const nextLineEnd = () => {
    while (byteAt < raw.length && !isLineEnd(raw[byteAt])) byteAt += 1;
  };
  for (let index = 0; index < starts.length; index += 1) {
    for (; at < starts[index]!; at += 1)
      if (isLineEnd(text.charCodeAt(at))) {
        nextLineEnd();
        byteAt += 1;
      }
    byteStarts.push(byteAt);
    for (; at < ends[index]!; at += 1)
      if (isLineEnd(text.charCodeAt(at))) {
        nextLineEnd();
        byteAt += 1;
      }
    nextLineEnd();
    byteEnds.push(byteAt);
  }
  return { starts: byteStarts, ends: byteEnds };
}
