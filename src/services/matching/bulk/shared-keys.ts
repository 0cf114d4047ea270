// Keys that more than one record may have, in parts that follow one another in the order of keys: each is sorted by itself.

import { isSeenAgain, type SeenKeys } from "./key-hashes.ts";
import { batchRows, type PackedBatch, slot, widthOf } from "./packed.ts";

/** So many keys, by the halves of their hashes, with the records that hold them; in shared memory. */
export type KeyChunk = { readonly halves: Uint32Array; readonly records: Int32Array };

/** The keys of one batch of rows. `keyEnds`: how many keys there are up to and with each record. */
export type BatchKeys = {
  /** The number of the batch among all. */
  readonly batch: number;
  readonly packed: PackedBatch;
  readonly keys: Uint32Array;
  readonly keyEnds: Int32Array;
};

const chunkKeys = 1 << 16;

/** What keys of these batches may be shared, part by part. Those of rows that were left out are not among them. */
export function sharedKeys(
  batches: readonly BatchKeys[],
  { seen, parts, extraColumns }: { readonly seen: SeenKeys; readonly parts: number; readonly extraColumns: number },
): KeyChunk[][] {
  const width = widthOf(extraColumns);
  const collected = Array.from({ length: parts }, keyChunks);
  for (const { batch, packed, keys, keyEnds } of batches) {
    let key = 0;
    for (let row = 0; row < packed.rows; row += 1) {
      const isIn = packed.ints[row * width + slot.id] !== 0;
      for (; key < keyEnds[row]!; key += 1) {
        const [low, high] = [keys[2 * key]!, keys[2 * key + 1]!];
        if (isIn && isSeenAgain(seen, low)) collected[partOf(high, parts)]!.add(low, high, batch * batchRows + row);
      }
    }
  }
  return collected.map(({ finish }) => finish());
}

/** Keys are sorted as signed numbers: those whose first bit is set come first. */
const partOf = (high: number, parts: number): number => Math.floor((((high ^ 0x80000000) >>> 0) / 2 ** 32) * parts);

function keyChunks() {
  const chunks: KeyChunk[] = [];
  let chunk: KeyChunk | undefined;
  let count = 0;
  return {
    add(low: number, high: number, record: number) {
      if (chunk === undefined || count === chunkKeys) {
        chunk = {
          halves: new Uint32Array(new SharedArrayBuffer(chunkKeys * 8)),
          records: new Int32Array(new SharedArrayBuffer(chunkKeys * 4)),
        };
        chunks.push(chunk);
        count = 0;
      }
      chunk.halves[2 * count] = low;
      chunk.halves[2 * count + 1] = high;
      chunk.records[count] = record;
      count += 1;
    },
    finish(): KeyChunk[] {
      const last = chunks.pop();
      if (last) chunks.push({ halves: last.halves.subarray(0, 2 * count), records: last.records.subarray(0, count) });
      return chunks;
    },
  };
}
