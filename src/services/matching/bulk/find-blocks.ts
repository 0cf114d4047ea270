// Blocking on all threads: what keys may be shared, part by part, and the blocks of each part.

import { join } from "node:path";
import { type Blocks, joinBlocks } from "./blocks.ts";
import { batchRows, numberSlot, numbersOfOne, type PackedBatch, slot } from "./packed.ts";
import { type KeySlice, keySlices } from "./shared-keys.ts";
import type { Threads } from "./threads.ts";

/** Of which records blocks are made. */
export type FindBlocksOptions = {
  readonly threads: Threads;
  /** All slices of each thread. */
  readonly keys: readonly (readonly KeySlice[])[];
  readonly packed: readonly PackedBatch[];
  readonly people: number;
  readonly width: number;
  /** In link, the first record of the right side. */
  readonly rightFrom: number | undefined;
  /** Where DuckDB may write what memory does not hold. */
  readonly spillFolder: string;
  /** Share of the work, 0 to 1. */
  readonly onProgress: (done: number) => void;
};

const mostParts = 8;
const peoplePerPart = 100_000;

/** How many parts keys are sorted in: one for each thread, and of many people more, each smaller. */
const partsFor = (people: number, threads: number): number =>
  Math.max(threads, Math.min(mostParts, Math.ceil(people / peoplePerPart)));

/** DuckDB sorts on disk beyond this, all threads together. */
const storeMegabytes = 500;

/** The same blocks for the same records, whichever thread made which. */
export async function findBlocks(options: FindBlocksOptions): Promise<Blocks> {
  const { threads, keys, packed, people, width, rightFrom, spillFolder, onProgress } = options;
  const memoryMegabytes = Math.floor(storeMegabytes / threads.count);
  const count = partsFor(people, threads.count);
  const joinedSlices = Array.from({ length: keySlices }, (_, slice) => keys.flatMap((ofThread) => ofThread[slice]!));
  let done = 0;
  const parts = Array.from({ length: count }, async (_, part) => {
    const [from, till] = [part, part + 1].map((at) => Math.floor((at * keySlices) / count));
    const slices = joinedSlices.slice(from, till);
    const order = { slices, rightFrom, memoryMegabytes, spillFolder: join(spillFolder, String(part)) };
    const found = await threads.ask({ kind: "block", ...order });
    done += 1;
    onProgress(done / count);
    return found;
  });
  // Made while the threads are at it.
  const wholes = wholesOf(packed, width);
  return joinBlocks(await Promise.all(parts), { people, rightFrom, wholes });
}

/** The contents of each record as a number; 0 where the row was left out. */
function wholesOf(batches: readonly PackedBatch[], width: number): Float64Array {
  const wholes = new Float64Array(batches.length * batchRows);
  for (const [index, { rows, ints, numbers }] of batches.entries())
    for (let row = 0; row < rows; row += 1)
      if (ints[row * width + slot.id] !== 0)
        wholes[index * batchRows + row] = numbers[row * numbersOfOne + numberSlot.whole]!;
  return wholes;
}
