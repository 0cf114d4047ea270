// From files to packed records: batch by batch, on all threads, in the order of the rows.

import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { LockgateError } from "#kernel/errors";
import type { ReadyBatch } from "./batch-work.ts";
import { type Columns, type FileMap, findColumns } from "./file-map.ts";
import { knownIds } from "./known-ids.ts";
import { batchRows, slot, widthOf } from "./packed.ts";
import { type BadRow, eachRow, rowBatches } from "./rows.ts";
import type { Threads } from "./threads.ts";

/** A row that was left out, and of which file. */
export type LeftOut = BadRow & { readonly file: string };

export type ReadOptions = {
  readonly map: FileMap;
  readonly threads: Threads;
  /** The number of the file's first batch among those of all files. */
  readonly firstBatch: number;
  readonly onLeftOut: (row: LeftOut) => void;
  readonly onRead: (bytes: number) => void;
};

/** Size in bytes. @throws CONFIG_INVALID when it cannot be read */
export async function sizeOf(path: string): Promise<number> {
  try {
    const { size } = await stat(path);
    await (await open(path)).close();
    return size;
  } catch (cause) {
    throw new LockgateError("CONFIG_INVALID", { at: path, reason: "cannot be read", cause });
  }
}

/** Finds the mapped columns in the file's first row. @throws MATCH_COLUMN_MISSING */
export async function readColumns(path: string, map: FileMap): Promise<Columns> {
  for await (const { bytes, line } of rowBatches(path, 1, () => undefined)) {
    let header: readonly string[] = [];
    eachRow(
      { bytes, line },
      (cells) => (header = cells),
      () => undefined,
    );
    if (header.length > 0) return findColumns(map, header, basename(path));
  }
  return findColumns(map, [], basename(path));
}

/** Reads the records of one file. Rows that cannot be used are told and left out. */
export async function readFileRecords(path: string, columns: Columns, options: ReadOptions): Promise<ReadyBatch[]> {
  const { map, threads, firstBatch, onRead } = options;
  const file = basename(path);
  const tell = ({ line, why }: BadRow) => options.onLeftOut({ file, line, why });
  const ids = knownIds(map.extra.length);
  const width = widthOf(map.extra.length);
  const ready: ReadyBatch[] = [];
  const asked: Promise<ReadyBatch>[] = [];
  const settle = async () => {
    const batch = await asked.shift()!;
    for (const bad of batch.bad) tell(bad);
    const { ints } = batch.packed;
    for (const row of ids.add(batch.packed)) {
      tell({ line: ints[row * width + slot.line]!, why: "an earlier row has this id" });
      ints[row * width + slot.id] = 0;
    }
    ready.push(batch);
  };
  let isHeader = true;
  for await (const { bytes, line, readTill } of rowBatches(path, batchRows, tell)) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const batch = firstBatch + ready.length + asked.length;
    asked.push(threads.ask({ kind: "prepare", bytes: new Uint8Array(bytes), line, columns, batch }));
    // So many batches wait for a thread or for their turn; the file is not read faster than that.
    if (asked.length > threads.count * 2) await settle();
    onRead(readTill);
  }
  while (asked.length > 0) await settle();
  return ready;
}
