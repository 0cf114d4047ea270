// Blocks: records that share a key, as far as the comparisons they ask for are affordable.

import { largestBlock, mostPairsFor } from "../bulk.ts";
import { type BlockPart, sharedInts } from "./block-part.ts";

/** Who meets whom. `members` is as that of a part. */
export type Blocks = {
  readonly members: Int32Array;
  /** Places in `members` where each record stands, and where those of a record begin. */
  readonly places: Int32Array;
  readonly starts: Int32Array;
  /** How many pairs blocks hold together; a pair counts for each key it shares. */
  readonly pairs: number;
  /** Keys that too many records share: whom only they bring together is not compared. */
  readonly keysLeftOut: number;
  /**
   * Records that more are equal to than a block may have: each meets nobody but the first of them (of two files, the first on
   * the other side), which is told here, and which alone meets others.
   */
  readonly equals: ReadonlyMap<number, number>;
  /** In link, the first record of the right side: only pairs across it are made. */
  readonly rightFrom: number | undefined;
};

/** Of whom blocks are made. `wholes`: of each record a number that tells its contents, 0 where there is none. */
type BlockSetting = {
  readonly people: number;
  readonly wholes: Float64Array;
  /** In link, the first record of the right side. */
  readonly rightFrom: number | undefined;
};

/** Of all parts, in their order, the blocks that are not too large. */
export function joinBlocks(parts: readonly BlockPart[], { people, wholes, rightFrom }: BlockSetting): Blocks {
  const pairsBySize = new Map<number, number>();
  for (const part of parts)
    for (const [size, pairs] of part.pairsBySize) pairsBySize.set(size, (pairsBySize.get(size) ?? 0) + pairs);
  const largest = largestBlock(pairsBySize, mostPairsFor(people));
  const crowds = crowdsOf(wholes, largest);
  const standsFor = firstsOf(wholes, crowds, rightFrom);
  const equals = equalsOf(wholes, crowds, rightFrom);
  const small = parts.map(({ members }) => keepSmall(members, largest, standsFor));
  const ownBlocks = Int32Array.from(blocksOfTwo(equals));
  const members = joined([...small.map(({ blocks }) => blocks), ownBlocks]);
  let pairs = equals.size;
  for (const [size, more] of pairsBySize) if (size <= largest) pairs += more;
  const keysLeftOut = small.reduce((sum, one) => sum + one.keysLeftOut, 0);
  return { ...index(members, wholes.length, rightFrom), members, equals, rightFrom, pairs, keysLeftOut };
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = sharedInts(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Drops the blocks that are too large even without those who stand in them for nobody but themselves. */
function keepSmall(members: Int32Array, largest: number, standsFor: (record: number) => boolean) {
  let [start, count, keysLeftOut] = [0, 0, 0];
  for (let at = 0; at < members.length; at += 1) {
    if (members[at]! >= 0) continue;
    members[at] = ~members[at]!;
    const first = count;
    const isSmall = at + 1 - start <= largest;
    for (; start <= at; start += 1)
      if (isSmall || standsFor(members[start]!)) {
        members[count] = members[start]!;
        count += 1;
      }
    if (count - first > largest) keysLeftOut += 1;
    if (count - first > largest || count - first < 2) count = first;
    else members[count - 1] = ~members[count - 1]!;
  }
  return { blocks: members.subarray(0, count), keysLeftOut };
}

/** Contents that more records are equal in than a block may have: no key would ever bring two of them together. */
function crowdsOf(wholes: Float64Array, largest: number): ReadonlySet<number> {
  const equals = new Set<number>();
  const sorted = wholes.slice().sort();
  for (let at = 0; at + largest < sorted.length; at += 1)
    if (sorted[at] !== 0 && sorted[at] === sorted[at + largest]) equals.add(sorted[at]!);
  return equals;
}

/** Whether a record stands in blocks: of those that are equal only the first does, on each side. */
function firstsOf(wholes: Float64Array, equals: ReadonlySet<number>, rightFrom = 0): (record: number) => boolean {
  if (equals.size === 0) return () => true;
  const { left, right } = firstEquals(wholes, equals, rightFrom);
  return (record) => {
    const whole = wholes[record]!;
    return !equals.has(whole) || (record < rightFrom ? left : right).get(whole) === record;
  };
}

/** Of each of those that are equal but the first, the first; of two files that of the other side, where there is one. */
function equalsOf(wholes: Float64Array, equals: ReadonlySet<number>, rightFrom?: number): Map<number, number> {
  const partners = new Map<number, number>();
  if (equals.size === 0) return partners;
  const { left, right } = firstEquals(wholes, equals, rightFrom ?? 0);
  for (const [record, whole] of wholes.entries()) {
    if (!equals.has(whole)) continue;
    const isLeft = record < (rightFrom ?? 0);
    const own = (isLeft ? left : right).get(whole);
    const other = rightFrom === undefined ? own : (isLeft ? right : left).get(whole);
    if (own !== record && other !== undefined) partners.set(record, other);
  }
  return partners;
}

/** Blocks of two. */
const blocksOfTwo = (pairs: ReadonlyMap<number, number>): number[] =>
  [...pairs].flatMap(([one, other]) => [Math.min(one, other), ~Math.max(one, other)]);

function firstEquals(wholes: Float64Array, equals: ReadonlySet<number>, rightFrom: number) {
  const [left, right] = [new Map<number, number>(), new Map<number, number>()];
  for (let record = 0; record < wholes.length; record += 1) {
    const firsts = record < rightFrom ? left : right;
    if (equals.has(wholes[record]!) && !firsts.has(wholes[record]!)) firsts.set(wholes[record]!, record);
  }
  return { left, right };
}

function index(members: Int32Array, records: number, rightFrom: number | undefined): Pick<Blocks, "places" | "starts"> {
  const starts = sharedInts(records + 1);
  const firstTill = rightFrom ?? records;
  for (let place = 0; place < members.length; place += 1) {
    const member = members[place]!;
    const record = member < 0 ? ~member : member;
    if (record < firstTill) starts[record + 1]! += 1;
  }
  for (let record = 0; record < records; record += 1) starts[record + 1]! += starts[record]!;
  const places = sharedInts(starts[records]!);
  const next = starts.slice(0, records);
  for (let place = 0; place < members.length; place += 1) {
    const member = members[place]!;
    const record = member < 0 ? ~member : member;
    if (record >= firstTill) continue;
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
