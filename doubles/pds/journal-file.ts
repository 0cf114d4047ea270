// The append-only file that lets the double survive a restart: one JSON line an event, replayed at start.

import { appendFileSync, closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where events of one kind are kept. */
export interface EventFile<Event> {
  /** Every whole event that was there when the file was opened. */
  readonly kept: readonly Event[];
  /** Returns when the line is with the operating system. */
  append(event: Event): void;
  clear(): void;
  close(): void;
}

/** The event file of a directory, both made when missing. A last line that was not finished is taken away. */
export function openEventFile<Event>(directory: string): EventFile<Event> {
  mkdirSync(directory, { recursive: true });
  const file = openSync(join(directory, "pds.journal.jsonl"), "a+");
  const bytes = readFileSync(file);
  const wholeBytes = bytes.lastIndexOf("\n") + 1;
  if (wholeBytes !== bytes.length) ftruncateSync(file, wholeBytes);
  const text = bytes.toString("utf8", 0, wholeBytes).trimEnd();
  return {
    kept: text === "" ? [] : text.split("\n").map((line) => JSON.parse(line) as Event),
    append: (event) => appendFileSync(file, `${JSON.stringify(event)}\n`),
    clear: () => ftruncateSync(file, 0),
    close: () => closeSync(file),
  };
}
