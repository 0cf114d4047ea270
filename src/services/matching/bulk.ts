// Many records at once, in memory: pairs that share a key, each decided, and the persons that follow.

import { comparer } from "./compare.ts";
import { blockingKeys } from "./keys.ts";
import type { ExtraColumn, Levels, Prepared, Shares } from "./types.ts";

/** Two records by their places in the collection, the lower first. */
export type Pair = { readonly a: number; readonly b: number };

// How many pairs blocks may hold together before the largest are left out; a pair counts for each key it shares.
const mostPairs = 3_000_000;
const mostPairsPerRecord = 10;

/** How many pairs blocks may hold together among so many records. */
export const mostPairsFor = (records: number): number => Math.max(mostPairs, records * mostPairsPerRecord);

/** Every pair that shares a blocking key, once. Where there would be too many, the commonest keys are left out. */
export function* candidatePairs(records: readonly Prepared[], extra: readonly ExtraColumn[] = []): Generator<Pair> {
  const blocks = new Map<string, number[]>();
  const keys = records.map((record) => blockingKeys(record, extra));
  for (const [index, held] of keys.entries())
    for (const key of held) {
      const block = blocks.get(key);
      if (block) block.push(index);
      else blocks.set(key, [index]);
    }
  const largest = largestBlock(pairsBySizeOf(blocks.values()), mostPairsFor(records.length));
  for (const [a, held] of keys.entries()) {
    const seen = new Set<number>();
    for (const key of held) {
      const block = blocks.get(key)!;
      if (block.length > 1 && block.length <= largest) for (const b of block) if (b > a) seen.add(b);
    }
    for (const b of seen) yield { a, b };
  }
}

function pairsBySizeOf(blocks: Iterable<readonly number[]>): Map<number, number> {
  const pairsBySize = new Map<number, number>();
  for (const { length } of blocks)
    pairsBySize.set(length, (pairsBySize.get(length) ?? 0) + (length * (length - 1)) / 2);
  return pairsBySize;
}

/** The size up to which blocks together have no more than so many pairs. */
export function largestBlock(pairsBySize: ReadonlyMap<number, number>, most: number): number {
  let pairs = 0;
  let largest = 2;
  for (const [size, more] of [...pairsBySize].sort(([a], [b]) => a - b)) {
    pairs += more;
    if (pairs > most) break;
    largest = Math.max(largest, size);
  }
  return largest;
}

/** Levels of the given pairs. */
export function* comparePairs(
  records: readonly Prepared[],
  pairs: Iterable<Pair>,
  { extra = [], shares }: { readonly extra?: readonly ExtraColumn[]; readonly shares: Shares },
): Generator<Pair & { readonly levels: Levels }> {
  const compare = comparer(extra, shares);
  for (const { a, b } of pairs) yield { a, b, levels: compare(records[a]!, records[b]!) };
}

/** Pairs drawn at random, always the same for the same numbers. */
export function* randomPairs(records: number, pairs: number): Generator<Pair> {
  let state = 0x2545f491;
  const next = () => {
    // xorshift32: enough to draw a sample, and the same on every machine.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % records;
  };
  for (let drawn = 0; drawn < pairs && records > 1; drawn += 1) {
    const [a, b] = [next(), next()];
    if (a !== b) yield a < b ? { a, b } : { a: b, b: a };
  }
}
