// Blocks: records that share a key, as far as the comparisons they ask for are affordable.

import { largestBlock, mostPairsFor } from "../bulk.ts";

/** Who meets whom. `members` holds block after block; the last of each block stands as its complement (`~record`). */
export type Blocks = {
  readonly members: Int32Array;
  /** Places in `members` where each record stands, and where those of a record begin. */
  readonly places: Int32Array;
  readonly starts: Int32Array;
  /** How many pairs blocks hold together; a pair counts for each key it shares. */
  readonly pairs: number;
  /** Keys that too many records share: whom only they bring together is not compared. */
  readonly keysLeftOut: number;
  /** In link, the first record of the right side: only pairs across it are made. */
  readonly rightFrom: number | undefined;
};

const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4));

/** Collects blocks from keys in their order. */
export function blockBuilder(records: number, people: number, rightFrom: number | undefined) {
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
    finish(): Blocks {
      end();
      const largest = largestBlock(pairsBySize, mostPairsFor(people));
      const { kept, keysLeftOut } = keepSmall(members.subarray(0, count), largest);
      let pairs = 0;
      for (const [size, more] of pairsBySize) if (size <= largest) pairs += more;
      return { ...index(kept, records, rightFrom), members: kept, rightFrom, pairs, keysLeftOut };
    },
  };
}

function keepSmall(members: Int32Array, largest: number) {
  let [start, count, keysLeftOut] = [0, 0, 0];
  for (let at = 0; at < members.length; at += 1) {
    if (members[at]! >= 0) continue;
    if (at + 1 - start <= largest) {
      members.copyWithin(count, start, at + 1);
      count += at + 1 - start;
    } else keysLeftOut += 1;
    start = at + 1;
  }
  const kept = sharedInts(count);
  kept.set(members.subarray(0, count));
  return { kept, keysLeftOut };
}

function index(members: Int32Array, records: number, rightFrom: number | undefined): Pick<Blocks, "places" | "starts"> {
  const starts = sharedInts(records + 1);
  const isFirst = (record: number) => rightFrom === undefined || record < rightFrom;
  for (const member of members) {
    const record = member < 0 ? ~member : member;
    if (isFirst(record)) starts[record + 1]! += 1;
  }
  for (let record = 0; record < records; record += 1) starts[record + 1]! += starts[record]!;
  const places = sharedInts(starts[records]!);
  const next = starts.slice(0, records);
  for (const [place, member] of members.entries()) {
    const record = member < 0 ? ~member : member;
    if (!isFirst(record)) continue;
    places[next[record]!] = place;
    next[record]! += 1;
  }
  return { places, starts };
}

/** Hands out the pairs of some records, each once, those of one record together. */
export function pairReader({ members, places, starts, rightFrom = 0 }: Blocks, records: number) {
  // Of each record, for whom it was met last; counted on, so that the same records may be gone through again.
  const metFor = new Int32Array(records);
  let turn = 0;
  return (from: number, till: number, take: (a: number, b: number) => void): void => {
    for (let a = from; a < till; a += 1) {
      turn += 1;
      for (let at = starts[a]!; at < starts[a + 1]!; at += 1) {
        const place = places[at]!;
        if (members[place]! < 0) continue;
        for (let other = place + 1; ; other += 1) {
          const member = members[other]!;
          const b = member < 0 ? ~member : member;
          if (b >= rightFrom && metFor[b] !== turn) {
            metFor[b] = turn;
            take(a, b);
          }
          if (member < 0) break;
        }
      }
    }
  };
}
