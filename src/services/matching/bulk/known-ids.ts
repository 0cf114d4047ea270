// Ids seen so far, as they stand in the packed batches: which row says one again.

import { batchRows, type PackedBatch, slot, widthOf } from "./packed.ts";

/** Finds ids that were seen before. */
export function knownIds(extraColumns: number) {
  const width = widthOf(extraColumns);
  const batches: PackedBatch[] = [];
  let table = new Int32Array(1 << 16).fill(-1);
  // The hash of the id at each place, so that hardly any text is read but one that is the same.
  let hashes = new Int32Array(1 << 16);
  let count = 0;

  const textOf = (record: number): Uint8Array => {
    const { ints, texts } = batches[record >>> 14]!;
    const at = ints[(record & (batchRows - 1)) * width + slot.id]!;
    const length = texts[at]! + texts[at + 1]! * 0x100 + texts[at + 2]! * 0x10000;
    return texts.subarray(at + 4, at + 4 + length);
  };
  const hashOf = (text: Uint8Array): number => {
    let hash = 0x811c9dc5;
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text[index]!, 0x01000193);
    return hash ^ (hash >>> 15);
  };
  /** The place of the same id, or the free place where it belongs. */
  const placeOf = (text: Uint8Array, hash: number): number => {
    let place = hash & (table.length - 1);
    for (;;) {
      const record = table[place]!;
      if (record < 0 || (hashes[place] === hash && Buffer.compare(textOf(record), text) === 0)) return place;
      place = (place + 1) & (table.length - 1);
    }
  };
  const grow = () => {
    const [oldTable, oldHashes] = [table, hashes];
    table = new Int32Array(oldTable.length * 2).fill(-1);
    hashes = new Int32Array(table.length);
    for (const [at, record] of oldTable.entries()) {
      if (record < 0) continue;
      let place = oldHashes[at]! & (table.length - 1);
      while (table[place]! >= 0) place = (place + 1) & (table.length - 1);
      table[place] = record;
      hashes[place] = oldHashes[at]!;
    }
  };

  return {
    /** Takes the next batch. @returns rows whose id an earlier row has, by their place in the batch */
    add(batch: PackedBatch): number[] {
      const first = batches.push(batch) * batchRows - batchRows;
      const repeated: number[] = [];
      for (let row = 0; row < batch.rows; row += 1) {
        const text = textOf(first + row);
        const hash = hashOf(text);
        const place = placeOf(text, hash);
        if (table[place]! >= 0) repeated.push(row);
        else {
          table[place] = first + row;
          hashes[place] = hash;
          count += 1;
          if (count * 2 > table.length) grow();
        }
      }
      return repeated;
    },
  };
}
