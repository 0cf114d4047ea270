// Blocks of one part of all keys: sorted by DuckDB, and cut where another key begins.

import { type KeySlice, sharedKeys } from "./shared-keys.ts";

/**
 * Blocks of a part of the keys, in the order of keys. `members` holds block after block; the last of each block stands as its
 * complement (`~record`). `pairsBySize`: how many pairs the blocks of one size hold together.
 */
export type BlockPart = { readonly members: Int32Array; readonly pairsBySize: ReadonlyMap<number, number> };

export type BlockOrder = {
  /** In the order of keys, all of one key in one of them. */
  readonly slices: readonly KeySlice[];
  /** In link, the first record of the right side: a block that lies on one side is none. */
  readonly rightFrom: number | undefined;
  /** DuckDB sorts on disk beyond this, in this folder. */
  readonly memoryMegabytes: number;
  readonly spillFolder: string;
};

/** Makes the blocks of some keys, of records that were not left out. */
export async function blockPart(
  { slices, rightFrom, ...place }: BlockOrder,
  isIn: (record: number) => boolean,
): Promise<BlockPart> {
  // Loaded here, so that a platform that matches no files never loads DuckDB.
  const { openKeyStore } = await import("./store.ts");
  const store = await openKeyStore({ ...place, threads: 1 });
  try {
    for (const slice of slices) store.add(sharedKeys(slice, isIn));
    const build = partBuilder(rightFrom);
    await store.sorted(build.add);
    return build.finish();
  } finally {
    store.close();
  }
}

/** Collects blocks from keys in their order. */
function partBuilder(rightFrom: number | undefined) {
  let members = new Int32Array(1 << 20);
  let count = 0;
  let start = 0;
  const pairsOf = (from: number, till: number): number => {
    const size = till - from;
    if (rightFrom === undefined) return (size * (size - 1)) / 2;
    let left = 0;
    while (from + left < till && members[from + left]! < rightFrom) left += 1;
    return left * (size - left);
  };
  const pairsBySize = new Map<number, number>();
  const end = () => {
    const pairs = pairsOf(start, count);
    if (pairs === 0) {
      count = start;
      return;
    }
    pairsBySize.set(count - start, (pairsBySize.get(count - start) ?? 0) + pairs);
    members[count - 1] = ~members[count - 1]!;
    start = count;
  };
  return {
    add(record: number, isNewKey: boolean) {
      if (isNewKey) end();
      if (count === members.length) {
        const more = new Int32Array(count * 2);
        more.set(members);
        members = more;
      }
      members[count] = record;
      count += 1;
    },
    finish(): BlockPart {
      end();
      const own = sharedInts(count);
      own.set(members.subarray(0, count));
      return { members: own, pairsBySize };
    },
  };
}

/** So many integers that every thread can read. */
export const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4));
