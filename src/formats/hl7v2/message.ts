// Parses a message and reads, edits and writes it by path.
//
// A message is one decoded string with the position of every segment; a segment is split into fields when it is first asked for,
// and deeper levels are found in the field's text each time. Only edited segments are encoded again on writing.

import { LockgateError } from "#kernel/errors";
import { encodeExactly } from "./charset.ts";
import { asBuffer, encodeMessage } from "./decode.ts";
import { elementOf, nullText, partOf, withElement } from "./element.ts";
import { escapeText, unescapeText } from "./escape.ts";
import { compilePath, type Path } from "./path.ts";
import { envelopeNames, readSource, replacedBytes, replacedText, type Source } from "./source.ts";
import type { Delimiters, Message, SegmentView } from "./types.ts";

/**
 * Parses one message; `bytes` must not be changed afterwards. A string is read as its MSH-18 says (UTF-8 when absent) on writing.
 *
 * Throws `HL7_EMPTY`, `HL7_NO_HEADER`, `HL7_BAD_DELIMITERS`, `HL7_BAD_CHARSET`, `HL7_BAD_ENCODING`, `HL7_BAD_SEGMENT_NAME`, and
 * `HL7_BAD_BATCH` when a second message or an envelope segment follows; `at` is the field (`MSH-18`) or `segment n`.
 */
export function parse(bytes: Uint8Array | string): Message {
  return new OpenMessage(readSource(typeof bytes === "string" ? encodeMessage(bytes) : asBuffer(bytes)));
}

/** The bytes of a message that `parse` gave: those it was parsed from, except in the segments that were edited. */
export function write(message: Message): Buffer {
  return OpenMessage.bytesOf(message as OpenMessage);
}

/** The segments of a message and what was edited in them. */
type Segments = {
  readonly source: Source;
  readonly names: string[];
  /** Each segment split at the field separator, from when it is first asked for. */
  readonly pieces: (string[] | undefined)[];
  readonly places: Map<string, number[]>;
  readonly edited: Set<number>;
};

const openSegments = (source: Source): Segments => ({
  source,
  names: [...source.names],
  pieces: [],
  places: new Map(),
  edited: new Set(),
});

function placesOf(segments: Segments, name: string): readonly number[] {
  let places = segments.places.get(name);
  if (places === undefined) {
    places = [];
    for (let index = 0; index < segments.names.length; index += 1)
      if (segments.names[index] === name) places.push(index);
    segments.places.set(name, places);
  }
  return places;
}

function piecesOf({ source, pieces }: Segments, index: number): string[] {
  let split = pieces[index];
  if (split === undefined) {
    split = source.text.slice(source.starts[index], source.ends[index]).split(source.delimiters.field);
    pieces[index] = split;
  }
  return split;
}

/** The separator is itself MSH-1, so MSH counts one ahead of its pieces. */
const pieceNumber = (path: Path) => (path.segment === "MSH" ? path.field - 1 : path.field);

const isDelimiterField = (path: Path) => path.segment === "MSH" && path.field <= 2;

function fieldOf(segments: Segments, index: number, path: Path): string | undefined {
  if (path.segment === "MSH" && path.field === 1) return segments.source.delimiters.field;
  return piecesOf(segments, index)[pieceNumber(path)];
}

/** The element of a path as it stands; `undefined` when absent, `""` when empty. */
function find(segments: Segments, path: Path): string | undefined {
  const index = placesOf(segments, path.segment)[(path.occurrence || 1) - 1];
  if (index === undefined) return undefined;
  const field = fieldOf(segments, index, path);
  if (field === undefined || field === "") return field;
  if (isDelimiterField(path)) return isWhole(path) ? field : undefined;
  return elementOf(field, path, segments.source.delimiters);
}

const isWhole = (path: Path) => path.repetition <= 1 && path.component <= 1 && path.subcomponent <= 1;

function findAll(segments: Segments, path: Path): string[] {
  const places = placesOf(segments, path.segment);
  const { delimiters } = segments.source;
  const found: string[] = [];
  for (const index of path.occurrence === 0 ? places : places.slice(path.occurrence - 1, path.occurrence)) {
    const field = fieldOf(segments, index, path);
    if (field === undefined || field === "") continue;
    if (isDelimiterField(path)) {
      if (isWhole(path)) found.push(field);
    } else if (path.repetition > 0) {
      found.push(elementOf(field, path, delimiters) ?? "");
    } else {
      for (const repetition of field.split(delimiters.repetition))
        found.push(partOf(repetition, path, delimiters) ?? "");
    }
  }
  return found.filter((text) => text !== "");
}

function replace(segments: Segments, path: Path, text: string): void {
  if (isDelimiterField(path)) throw new LockgateError("HL7_BAD_PATH", { at: `MSH-${path.field}` });
  const places = placesOf(segments, path.segment);
  const occurrence = path.occurrence || 1;
  const place = places[occurrence - 1];
  const appends = occurrence === places.length + 1 && !envelopeNames.has(path.segment);
  if (place === undefined && !appends) throw new LockgateError("HL7_BAD_PATH", { at: path.segment });
  const old = place === undefined ? [path.segment] : piecesOf(segments, place);
  const pieces = withField(old, path, segments.source.delimiters, text);
  const index = place ?? segments.names.push(path.segment) - 1;
  segments.pieces[index] = pieces;
  segments.edited.add(index);
  if (place === undefined) segments.places.delete(path.segment);
}

/** The pieces of a segment, changed in place, with one element replaced. */
function withField(pieces: string[], path: Path, delimiters: Delimiters, text: string): string[] {
  const number = pieceNumber(path);
  const field = withElement(pieces[number] ?? "", path, delimiters, text);
  while (pieces.length < number) pieces.push("");
  pieces[number] = field;
  return pieces;
}

function replacementsOf(segments: Segments): Map<number, string> {
  const replacements = new Map<number, string>();
  for (const index of segments.edited) {
    replacements.set(index, piecesOf(segments, index).join(segments.source.delimiters.field));
  }
  return replacements;
}

function viewsOf(segments: Segments): readonly SegmentView[] {
  const seen = new Map<string, number>();
  return segments.names.map((name, index) => {
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    return {
      name,
      occurrence,
      get text() {
        return piecesOf(segments, index).join(segments.source.delimiters.field);
      },
    };
  });
}

const isAsciiText = (text: string) => {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
};

/** A class and not a closure, because an object with a dozen functions of its own costs more than parsing the message. */
class OpenMessage implements Message {
  readonly delimiters: Delimiters;
  #segments: Segments;

  constructor(source: Source) {
    this.delimiters = source.delimiters;
    this.#segments = openSegments(source);
  }

  static bytesOf(message: OpenMessage): Buffer {
    const { source, edited } = message.#segments;
    return edited.size === 0 ? Buffer.from(source.raw) : replacedBytes(source, replacementsOf(message.#segments));
  }

  get charset(): string {
    return this.#segments.source.encoding;
  }

  get segments(): readonly SegmentView[] {
    return viewsOf(this.#segments);
  }

  get(path: string): string | undefined {
    const compiled = compilePath(path);
    const text = find(this.#segments, compiled);
    if (text === undefined || text === "") return undefined;
    return isDelimiterField(compiled) ? text : this.#plain(text);
  }

  all(path: string): string[] {
    const compiled = compilePath(path);
    const texts = findAll(this.#segments, compiled);
    return isDelimiterField(compiled) ? texts : texts.map((text) => this.#plain(text));
  }

  isNull(path: string): boolean {
    return find(this.#segments, compilePath(path)) === nullText;
  }

  set(path: string, value: string | null): void {
    const compiled = compilePath(path);
    if (value === null && !find(this.#segments, compiled)) return;
    if (value !== null && !isAsciiText(value) && encodeExactly(value, this.charset) === undefined) {
      throw new LockgateError("HL7_BAD_ENCODING", { at: path });
    }
    const text = value === null ? "" : value === "" ? nullText : escapeText(value, this.delimiters);
    if (compiled.segment === "MSH" && compiled.field === 18 && compiled.occurrence <= 1)
      this.#setCharset(compiled, text);
    else replace(this.#segments, compiled, text);
  }

  count(segmentName: string): number {
    return placesOf(this.#segments, segmentName).length;
  }

  repetitions(path: string): number {
    const compiled = compilePath(path);
    const index = placesOf(this.#segments, compiled.segment)[(compiled.occurrence || 1) - 1];
    const field = index === undefined ? undefined : fieldOf(this.#segments, index, compiled);
    if (field === undefined || field === "") return 0;
    return isDelimiterField(compiled) ? 1 : field.split(this.delimiters.repetition).length;
  }

  #plain(text: string): string {
    return text === nullText ? "" : unescapeText(text, this.delimiters, this.charset);
  }

  /** Edits MSH-18, and with it the character set of the whole message; on an error all stays as it was. */
  #setCharset(path: Path, text: string): void {
    const edited = replacementsOf(this.#segments);
    const pieces = withField([...piecesOf(this.#segments, 0)], path, this.delimiters, text);
    edited.set(0, pieces.join(this.delimiters.field));
    this.#segments = openSegments(readSource(encodeMessage(replacedText(this.#segments.source, edited))));
  }
}
