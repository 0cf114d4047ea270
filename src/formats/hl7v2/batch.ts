// Splits a batch file into its messages without reading them, and joins messages into one.
//
// HL7 v2.8, 2.10.3: [FHS] { [BHS] { MSH .. } [BTS] } [FTS]. A header without its trailer is taken as a file cut short and
// refused. Messages outside any BHS, in a file with or without FHS, make a batch without header. Segments are found by
// their first bytes alone, so every character set that keeps line ends is fine.

import { LockgateError } from "#kernel/errors";
import { asBuffer, unicodeForm } from "./decode.ts";
import { delimitersOf } from "./delimiters.ts";
import { endOfLine, startOfText } from "./lines.ts";
import type { Batch, BatchEnvelope, BatchFile } from "./types.ts";

type Part = { readonly name: string; readonly line: string; readonly bytes: Buffer };
type OpenEnvelope = { readonly part: Part; readonly fields: BatchEnvelope };

const beginning = /(?<=^|[\r\n])(?:MSH|FHS|BHS|BTS|FTS)(?![A-Za-z0-9])/g;

/** Whether the bytes begin a batch file: FHS or BHS first. */
export function isBatch(bytes: Uint8Array): boolean {
  // Blank characters before the header are allowed; nobody sends more than a few.
  const { text } = textOf(asBuffer(bytes.subarray(0, 1024)));
  return /^(?:FHS|BHS)/.test(text.slice(startOfText(text), startOfText(text) + 3));
}

/**
 * Splits a batch file. Throws `HL7_EMPTY`, `HL7_NO_HEADER`, `HL7_BAD_DELIMITERS` (of FHS or BHS), and `HL7_BAD_BATCH` at the
 * segment or count that is wrong.
 */
export function readBatch(bytes: Uint8Array): BatchFile {
  const parts = partsOf(asBuffer(bytes));
  let file: OpenEnvelope | undefined;
  let fileTrailer: Part | undefined;
  let open: { header: OpenEnvelope | undefined; messages: Buffer[] } | undefined;
  const batches: Batch[] = [];
  for (const [index, part] of parts.entries()) {
    if (fileTrailer !== undefined || (part.name === "FHS" && index > 0)) throw bad(part.name);
    if (part.name === "FHS") {
      file = { part, fields: envelopeOf(part) };
    } else if (part.name === "BHS") {
      if (open?.header !== undefined) throw bad("BTS");
      if (open !== undefined) batches.push({ messages: open.messages });
      open = { header: { part, fields: envelopeOf(part) }, messages: [] };
    } else if (part.name === "MSH") {
      open ??= { header: undefined, messages: [] };
      open.messages.push(part.bytes);
    } else if (part.name === "BTS") {
      if (open?.header === undefined) throw bad("BTS");
      checkCount(part, [open.messages.length]);
      batches.push({ header: closed(open.header, part), messages: open.messages });
      open = undefined;
    } else {
      fileTrailer = part;
    }
  }
  if (open?.header !== undefined) throw bad("BTS");
  if (open !== undefined) batches.push({ messages: open.messages });
  if (file === undefined && fileTrailer === undefined) return { batches };
  if (file === undefined || fileTrailer === undefined) throw bad(file === undefined ? "FHS" : "FTS");
  checkCount(fileTrailer, fileCounts(batches));
  return { header: closed(file, fileTrailer), batches };
}

/**
 * The bytes of a batch file. What `readBatch` gave comes out byte for byte; an envelope without `raw` gets a header of its
 * fields and a trailer with the count. Throws `HL7_BAD_BATCH` when a trailer as read miscounts, `HL7_BAD_DELIMITERS`.
 */
export function writeBatch(file: BatchFile): Buffer {
  const parts: Uint8Array[] = [];
  for (const { header, messages } of file.batches) {
    parts.push(...enveloped("BHS", "BTS", header, messages, [messages.length]));
  }
  return Buffer.concat(withLineEnds([...enveloped("FHS", "FTS", file.header, parts, fileCounts(file.batches))]));
}

const bad = (at: string) => new LockgateError("HL7_BAD_BATCH", { at });

/** FTS-1 counts batches; in a file without any BHS some count its messages instead. */
function fileCounts(batches: readonly Batch[]): readonly number[] {
  const withHeader = batches.some((batch) => batch.header !== undefined);
  const messages = batches.reduce((sum, batch) => sum + batch.messages.length, 0);
  return withHeader ? [batches.length] : [batches.length, messages];
}

/** BTS-1 and FTS-1 are optional; one that is given must be right. */
function checkCount({ name, line }: Part, counts: readonly number[]): void {
  const count = line
    .slice(4)
    .split(line[3] ?? "|", 1)[0]!
    .trim();
  if (count === "" || count === '""') return;
  if (!/^[0-9]{1,9}$/.test(count) || !counts.includes(Number(count))) throw bad(`${name}-1`);
}

const closed = ({ part, fields }: OpenEnvelope, trailer: Part): BatchEnvelope => ({
  ...fields,
  raw: { header: part.bytes, trailer: trailer.bytes },
});

function envelopeOf({ name, line }: Part): BatchEnvelope {
  const fieldSeparator = line.charAt(3);
  const fields = fieldSeparator === "" ? [] : line.split(fieldSeparator);
  const field = (number: number) => fields[number - 1] ?? "";
  delimitersOf(fieldSeparator, field(2), name);
  return {
    fieldSeparator,
    encodingCharacters: field(2),
    sendingApplication: field(3),
    sendingFacility: field(4),
    receivingApplication: field(5),
    receivingFacility: field(6),
    createdAt: field(7),
    name: field(9),
    comment: field(10),
    controlId: field(11),
  };
}

/** The text for finding segments, and how its positions become positions in the bytes. */
function textOf(bytes: Buffer): { readonly text: string; readonly leadBytes: number; readonly width: 1 | 2 } {
  const { encoding, leadBytes } = unicodeForm(bytes);
  const body = bytes.subarray(leadBytes);
  if (!encoding?.startsWith("utf-16")) return { text: body.toString("latin1"), leadBytes, width: 1 };
  const even = body.subarray(0, body.length - (body.length % 2));
  const text = (encoding === "utf-16be" ? Buffer.from(even).swap16() : even).toString("utf16le");
  return { text, leadBytes, width: 2 };
}

/** Every message and envelope segment with what follows it; together they are all bytes. */
function partsOf(bytes: Buffer): Part[] {
  const { text, leadBytes, width } = textOf(bytes);
  const first = startOfText(text);
  if (first === text.length) throw new LockgateError("HL7_EMPTY");
  const starts = [...text.matchAll(beginning)].map((match) => match.index);
  if (/^[ \t]/.test(text.slice(first - 1, first)) && /^(?:MSH|FHS|BHS)/.test(text.slice(first, first + 3)))
    starts.unshift(first);
  if (starts[0] !== first) throw new LockgateError("HL7_NO_HEADER", { at: "segment 1" });
  return starts.map((start, index) => {
    const name = text.slice(start, start + 3);
    const till = starts[index + 1] ?? text.length;
    const end = Math.min(endOfLine(text, start), till);
    const line = name === "MSH" ? "" : text.slice(start, end);
    if (name !== "MSH" && startOfText(text.slice(end, till)) < till - end) throw bad(name);
    const from = index === 0 ? 0 : leadBytes + start * width;
    return {
      name,
      line,
      bytes: bytes.subarray(from, index === starts.length - 1 ? bytes.length : leadBytes + till * width),
    };
  });
}

function* enveloped(
  headerName: "FHS" | "BHS",
  trailerName: "FTS" | "BTS",
  envelope: BatchEnvelope | undefined,
  inner: readonly Uint8Array[],
  counts: readonly number[],
): Generator<Uint8Array> {
  if (envelope === undefined) {
    yield* inner;
  } else if (envelope.raw !== undefined) {
    checkCount(
      { name: trailerName, line: lineOf(envelope.raw.trailer), bytes: asBuffer(envelope.raw.trailer) },
      counts,
    );
    yield envelope.raw.header;
    yield* inner;
    yield envelope.raw.trailer;
  } else {
    yield Buffer.from(headerLine(headerName, envelope), "utf8");
    yield* inner;
    yield Buffer.from(`${trailerName}${envelope.fieldSeparator}${counts[0]}\r`, "utf8");
  }
}

function lineOf(bytes: Uint8Array): string {
  const { text } = textOf(asBuffer(bytes));
  return text.slice(0, endOfLine(text, 0));
}

function headerLine(name: "FHS" | "BHS", envelope: BatchEnvelope): string {
  delimitersOf(envelope.fieldSeparator, envelope.encodingCharacters, name);
  const fields = [
    name,
    envelope.encodingCharacters,
    envelope.sendingApplication,
    envelope.sendingFacility,
    envelope.receivingApplication,
    envelope.receivingFacility,
    envelope.createdAt,
    "",
    envelope.name,
    envelope.comment,
    envelope.controlId,
  ];
  while (fields.at(-1) === "") fields.pop();
  return `${fields.join(envelope.fieldSeparator)}\r`;
}

/** A CR after each part but the last that does not bring its own line end. */
function withLineEnds(parts: readonly Uint8Array[]): Uint8Array[] {
  return parts.flatMap((part, index) => {
    const [last, before] = [part.at(-1), part.at(-2)];
    const ended = last === 13 || last === 10 || (last === 0 && (before === 13 || before === 10));
    return ended || index === parts.length - 1 ? [part] : [part, Buffer.from("\r")];
  });
}
