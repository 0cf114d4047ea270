// Reads a CSV file (RFC 4180) as batches of whole rows, and rows as cells; what is no row is told by its line.

import { open } from "node:fs/promises";

const readBytes = 4 * 1024 * 1024;
/** A row longer than this is no row: a quote was opened and never closed. */
const maxRowBytes = 1024 * 1024;
const [quote, comma, lineFeed, carriageReturn] = [0x22, 0x2c, 0x0a, 0x0d];

/** Rows as they stand in the file. `line`: that of the first byte, from 1 on. */
export type RowBatch = { readonly bytes: Uint8Array; readonly line: number; readonly readTill: number };

/** Why a row is left out; never holds a value. */
export type BadRow = { readonly line: number; readonly why: string };

/**
 * Cuts a file into batches of at most so many rows, each ending where a row ends; the first row is a batch of its own. The
 * byte-order mark is left out.
 * @param onBad told of rows that never end
 */
export async function* rowBatches(
  path: string,
  batchRows: number,
  onBad: (bad: BadRow) => void,
): AsyncGenerator<RowBatch> {
  const file = await open(path);
  try {
    let held: Buffer = Buffer.alloc(0);
    let line = 1;
    let readTill = 0;
    for (let isFirst = true, isEnd = false; !isEnd; isFirst = false) {
      const buffer = Buffer.allocUnsafe(held.length + readBytes);
      held.copy(buffer);
      const { bytesRead } = await file.read(buffer, held.length, readBytes);
      isEnd = bytesRead === 0;
      readTill += bytesRead;
      held = buffer.subarray(0, held.length + bytesRead);
      if (isFirst && held[0] === 0xef && held[1] === 0xbb && held[2] === 0xbf) held = held.subarray(3);
      for (;;) {
        const most = line === 1 ? 1 : batchRows;
        const cut = cutRows(held, most, isEnd);
        if (cut.bytes > 0) yield { bytes: held.subarray(0, cut.bytes), line, readTill };
        line += cut.lines;
        held = held.subarray(cut.bytes);
        if (cut.rows === most) continue;
        if (!cut.isEndless) break;
        onBad({ line, why: "a quote is opened and never closed" });
        const end = held.indexOf(lineFeed);
        held = held.subarray(end < 0 ? held.length : end + 1);
        line += 1;
      }
    }
  } finally {
    await file.close();
  }
}

type Cut = { readonly bytes: number; readonly lines: number; readonly rows: number; readonly isEndless: boolean };

/** How much of the bytes is whole rows. The last row of a file needs no line end. */
function cutRows(bytes: Buffer, most: number, isEnd: boolean): Cut {
  const plain = cutPlainRows(bytes, most, isEnd);
  if (plain) return plain;
  let [rows, end, lines, linesTillEnd] = [0, 0, 0, 0];
  let isQuoted = false;
  let before = lineFeed;
  let at = 0;
  for (; at < bytes.length && rows < most; at += 1) {
    const byte = bytes[at]!;
    if (byte === lineFeed) lines += 1;
    if (byte === quote) {
      // A quote opens at the start of a cell, or again where a pair of them stands for one.
      if (isQuoted) isQuoted = false;
      else if (before === comma || before === lineFeed || before === quote) isQuoted = true;
    } else if (byte === lineFeed && !isQuoted) {
      rows += 1;
      end = at + 1;
      linesTillEnd = lines;
    }
    before = byte;
  }
  const isEndless = rows < most && isQuoted && (isEnd || at - end > maxRowBytes);
  if (isEnd && !isEndless && rows < most && end < bytes.length)
    return { bytes: bytes.length, lines: lines + 1, rows: rows + 1, isEndless };
  return { bytes: end, lines: linesTillEnd, rows, isEndless };
}

/** So many rows, each a line of its own, or as many as are whole yet; nothing where a quote or the end of the file is near. */
function cutPlainRows(bytes: Buffer, most: number, isEnd: boolean): Cut | undefined {
  const quoted = bytes.indexOf(quote);
  let [rows, end] = [0, 0];
  for (; rows < most; rows += 1) {
    const found = bytes.indexOf(lineFeed, end);
    if (found < 0 && quoted < 0 && !isEnd) break;
    if (found < 0 || (quoted >= 0 && quoted < found)) return undefined;
    end = found + 1;
  }
  return { bytes: end, lines: rows, rows, isEndless: false };
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** Hands out the rows of a batch with the line each begins on; blank lines are no rows. */
export function eachRow(
  { bytes, line }: Pick<RowBatch, "bytes" | "line">,
  take: (cells: readonly string[], line: number) => void,
  onBad: (bad: BadRow) => void,
): void {
  const { text, isValid } = decode(bytes);
  let at = 0;
  let lineNow = line;
  while (at < text.length) {
    const start = at;
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    let cells: string[] | undefined;
    let lines = 1;
    const plain = text.slice(start, text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end);
    if (plain.includes('"')) {
      const read = readQuoted(text, start);
      [cells, end, lines] = [read.cells, read.end, read.lines];
    } else cells = plain.split(",");
    at = end + 1;
    if (cells === undefined) onBad({ line: lineNow, why: "text stands beside a quoted cell" });
    else if (!isValid && text.slice(start, end).includes("\ufffd")) onBad({ line: lineNow, why: "not UTF-8" });
    else if (cells.length > 1 || cells[0]!.trim() !== "") take(cells, lineNow);
    lineNow += lines;
  }
}

function decode(bytes: Uint8Array): { readonly text: string; readonly isValid: boolean } {
  try {
    return { text: strict.decode(bytes), isValid: true };
  } catch {
    return { text: lenient.decode(bytes), isValid: false };
  }
}

type QuotedRow = { readonly cells: string[] | undefined; readonly end: number; readonly lines: number };

/** A row with quoted cells, which may hold commas, quotes and line ends. `end`: where its line feed stands. */
function readQuoted(text: string, start: number): QuotedRow {
  const cells: string[] = [];
  let at = start;
  let lines = 1;
  let isWellFormed = true;
  for (;;) {
    let cell = "";
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const close = text.indexOf('"', at);
        const end = close < 0 ? text.length : close;
        cell += text.slice(at, end);
        at = end + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      lines += cell.split("\n").length - 1;
    }
    const next = cellEnd(text, at);
    const rest = text.slice(at, next).replace(/\r$/, "");
    if (cell !== "" && rest.trim() !== "") isWellFormed = false;
    cells.push(cell === "" ? rest : cell);
    if (text[next] !== ",") return { cells: isWellFormed ? cells : undefined, end: next, lines };
    at = next + 1;
  }
}

function cellEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === comma || code === lineFeed) return at;
  }
  return text.length;
}
