// Keys of all records, in slices that follow one another in the order of keys, and which of them more than one record may have.

/** So many keys, by the halves of their hashes, with the records that hold them. */
export type KeyChunk = { readonly halves: Int32Array; readonly records: Int32Array };

/** Keys whose hashes begin with the same bits; in shared memory. */
export type KeySlice = readonly KeyChunk[];

const sliceBits = 6;
/** So many that what is marked for one slice of a few hundred thousand keys stays close to the processor. */
export const keySlices = 1 << sliceBits;
const chunkKeys = 1 << 13;

/** Collects keys, slice by slice. */
export function keyCollector() {
  const slices = Array.from({ length: keySlices }, (): KeyChunk[] => []);
  const used = new Int32Array(keySlices).fill(chunkKeys);
  return {
    add(low: number, high: number, record: number) {
      // Keys are sorted as signed numbers: those whose first bit is set come first.
      const slice = (high ^ 0x80000000) >>> (32 - sliceBits);
      const chunks = slices[slice]!;
      if (used[slice] === chunkKeys) {
        chunks.push(emptyChunk());
        used[slice] = 0;
      }
      const { halves, records } = chunks[chunks.length - 1]!;
      const at = used[slice]!;
      halves[2 * at] = low;
      halves[2 * at + 1] = high;
      records[at] = record;
      used[slice] = at + 1;
    },
    /** The slices in the order of keys. */
    finish: (): KeySlice[] =>
      slices.map((chunks, slice) =>
        chunks.map((chunk, index) => (index < chunks.length - 1 ? chunk : firstOf(chunk, used[slice]!))),
      ),
  };
}

const emptyChunk = (): KeyChunk => ({
  halves: new Int32Array(new SharedArrayBuffer(chunkKeys * 8)),
  records: new Int32Array(new SharedArrayBuffer(chunkKeys * 4)),
});

const firstOf = ({ halves, records }: KeyChunk, count: number): KeyChunk => ({
  halves: halves.subarray(0, 2 * count),
  records: records.subarray(0, count),
});

/** About so many places for each key: one key in ten or so looks shared that is not, which costs time and nothing else. */
const placesPerKey = 8;

/**
 * The keys of a slice that more than one record may have: a key seen once cannot be shared. Those of records that were left
 * out are not among them.
 */
export function sharedKeys(slice: KeySlice, isIn: (record: number) => boolean): KeyChunk {
  const count = slice.reduce((sum, { records }) => sum + records.length, 0);
  const mask = 2 ** Math.ceil(Math.log2(count * placesPerKey + 1)) - 1;
  // Two bits for each place, side by side: that a key was seen there, and that one was seen again.
  const marks = new Int32Array((mask >>> 4) + 1);
  for (const { halves } of slice)
    for (let at = 0; at < halves.length; at += 2) {
      const place = halves[at]! & mask;
      const once = 1 << ((place & 15) * 2);
      const known = marks[place >>> 4]!;
      marks[place >>> 4] = known | ((known & once) === 0 ? once : once << 1);
    }
  const shared = { halves: new Int32Array(2 * count), records: new Int32Array(count) };
  let kept = 0;
  for (const { halves, records } of slice)
    for (let key = 0; key < records.length; key += 1) {
      const place = halves[2 * key]! & mask;
      if ((marks[place >>> 4]! & (2 << ((place & 15) * 2))) === 0 || !isIn(records[key]!)) continue;
      shared.halves[2 * kept] = halves[2 * key]!;
      shared.halves[2 * kept + 1] = halves[2 * key + 1]!;
      shared.records[kept] = records[key]!;
      kept += 1;
    }
  return firstOf(shared, kept);
}
