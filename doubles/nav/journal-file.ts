// The append-only file that lets the double survive a restart: one JSON line a commit, replayed at start.

import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { LedgerEntry } from "./ledger.ts";
import type { Row } from "./tables/table.ts";

/** One commit as the file keeps it. */
export interface CommitLine {
  /** Row version counter after the commit. */
  version: number;
  /** Written records: company id, entity set, SystemId, and the record or null when deleted. */
  rows: [companyId: string, entitySet: string, id: string, row: Row | null][];
  ledger: LedgerEntry[];
  /** Number series that moved: company id, series code, last number used. */
  series: [companyId: string, code: string, lastUsed: number][];
}

/** Where commits go; `append` returns only after the line is with the operating system. */
export interface JournalFile {
  append(line: CommitLine): void;
  clear(): void;
  close(): void;
}

/** The file of a directory, which is made when missing, and every whole commit in it; a torn last line is cut off. */
export function openJournalFile(directory: string): { file: JournalFile; commits: CommitLine[] } {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "nav.journal.jsonl");
  const commits = existsSync(path) ? readCommits(path) : [];
  const descriptor = openSync(path, "a");
  const file: JournalFile = {
    append: (line) => {
      writeSync(descriptor, `${JSON.stringify(line)}\n`);
    },
    clear: () => ftruncateSync(descriptor, 0),
    close: () => closeSync(descriptor),
  };
  return { file, commits };
}

function readCommits(path: string): CommitLine[] {
  const content = readFileSync(path);
  const end = content.lastIndexOf(0x0a) + 1;
  if (end < content.length) truncateSync(path, end);
  const lines = content.subarray(0, end).toString("utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as CommitLine);
}

/** A file that keeps nothing, for a double in memory. */
export const noJournalFile: JournalFile = { append: () => {}, clear: () => {}, close: () => {} };
