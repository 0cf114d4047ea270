// Decides on all pairs of the files: each by itself, then by who leads; and writes them in the order of the records.

import { type Found, rivalsIn, tieKind } from "./leaders.ts";
import type { Deciding } from "./pair-work.ts";
import { pairsHeading, weightOf } from "./pairs-file.ts";
import type { Threads } from "./threads.ts";

/** What is decided on, by what, and where the rows go. */
export type DecideAllOptions = {
  readonly threads: Threads;
  readonly records: number;
  /** Pairs are made of the records before this one, each with later ones. */
  readonly till: number;
  readonly deciding: Deciding;
  readonly leastProbability: number | undefined;
  readonly write: (rows: string) => Promise<void>;
  /** Share of the work, 0 to 1. */
  readonly onProgress: (done: number) => void;
};

/** What came of it. `found`: the pairs that are linked or possible, as far as they were written. */
export type AllDecided = {
  readonly pairs: number;
  readonly found: Found;
  readonly linked: number;
  readonly reviews: number;
};

/** Records whose pairs one thread decides on at a time, pairs that it writes, and pairs of rivals that it looks at. */
const stride = 4096;
const rowsAtOnce = 8192;
const rivalsAtOnce = 16_384;
/** How much of the time deciding takes; writing takes the rest. */
const shareOfDeciding = 0.9;

export async function decideAll(options: DecideAllOptions): Promise<AllDecided> {
  const { threads, records, deciding, leastProbability, onProgress } = options;
  const leastWeight = leastProbability === undefined ? undefined : weightOf(leastProbability);
  const ranges = rangesOf(options.till, stride);
  const parts: Found[] = [];
  let pairs = 0;
  await inOrder(
    ranges,
    threads,
    (range) => threads.ask({ kind: "decide", ...range, ...deciding, leastWeight }),
    async (decided, index) => {
      pairs += decided.pairs;
      parts.push(decided.found);
      onProgress(((index + 1) / ranges.length) * shareOfDeciding);
    },
  );
  const all = joined(parts);
  const isUnled = await findUnled(all, records, options);
  const shown = leastWeight === undefined ? { found: all, isUnled } : heavyEnough(all, isUnled, leastWeight);
  await writeRows(shown.found, shown.isUnled, options);
  let [linked, reviews] = [0, 0];
  const { kind } = shown.found;
  for (let place = 0; place < kind.length; place += 1) {
    if (kind[place] === tieKind.linked && !shown.isUnled[place]) linked += 1;
    else if (kind[place] !== tieKind.none) reviews += 1;
  }
  return {
    pairs,
    found: only(shown.found, (place) => shown.found.kind[place] !== tieKind.none),
    linked,
    reviews,
  };
}

/** Of each pair, 1 where it would be a link and has a rival that is another person. */
async function findUnled(all: Found, records: number, { threads, deciding }: DecideAllOptions): Promise<Uint8Array> {
  const isUnled = new Uint8Array(all.a.length);
  const rivals = rivalsIn(records, all, deciding.rules.leaderAdvantage);
  await inOrder(
    rangesOf(rivals.a.length, rivalsAtOnce),
    threads,
    ({ from, till }) => threads.ask({ kind: "two", a: rivals.a.slice(from, till), b: rivals.b.slice(from, till) }),
    async (areTwo, index) => {
      for (const [at, isTwo] of areTwo.entries())
        if (isTwo) for (const place of rivals.links[index * rivalsAtOnce + at]!) isUnled[place] = 1;
    },
  );
  return isUnled;
}

async function writeRows(found: Found, isUnled: Uint8Array, options: DecideAllOptions): Promise<void> {
  const { threads, deciding, write, onProgress } = options;
  await write(pairsHeading);
  const ranges = rangesOf(found.a.length, rowsAtOnce);
  await inOrder(
    ranges,
    threads,
    ({ from, till }) =>
      threads.ask({
        kind: "rows",
        ...deciding,
        a: found.a.slice(from, till),
        b: found.b.slice(from, till),
        isUnled: isUnled.slice(from, till),
      }),
    async (rows, index) => {
      await write(rows);
      onProgress(shareOfDeciding + ((index + 1) / ranges.length) * (1 - shareOfDeciding));
    },
  );
}

function heavyEnough(all: Found, isUnled: Uint8Array, leastWeight: number) {
  const isHeavy = (place: number) => all.total[place]! >= leastWeight;
  return { found: only(all, isHeavy), isUnled: isUnled.filter((_, place) => isHeavy(place)) };
}

const only = ({ a, b, total, kind }: Found, isIn: (place: number) => boolean): Found => ({
  a: a.filter((_, place) => isIn(place)),
  b: b.filter((_, place) => isIn(place)),
  total: total.filter((_, place) => isIn(place)),
  kind: kind.filter((_, place) => isIn(place)),
});

function joined(parts: readonly Found[]): Found {
  const count = parts.reduce((sum, { a }) => sum + a.length, 0);
  const all = {
    a: new Int32Array(count),
    b: new Int32Array(count),
    total: new Float64Array(count),
    kind: new Uint8Array(count),
  };
  let at = 0;
  for (const part of parts) {
    all.a.set(part.a, at);
    all.b.set(part.b, at);
    all.total.set(part.total, at);
    all.kind.set(part.kind, at);
    at += part.a.length;
  }
  return all;
}

type Range = { readonly from: number; readonly till: number };

/** Cuts so many things into ranges of one size. */
export function rangesOf(count: number, size: number): Range[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => ({
    from: index * size,
    till: Math.min(count, (index + 1) * size),
  }));
}

/** Asks for one after another, a few ahead, and hands the answers on in their order. */
export async function inOrder<T, R>(
  items: readonly T[],
  { count }: Threads,
  ask: (item: T) => Promise<R>,
  take: (answer: R, index: number) => Promise<void>,
): Promise<void> {
  const asked: Promise<R>[] = [];
  for (let index = 0, next = 0; index < items.length; index += 1) {
    while (next < items.length && asked.length < count * 3) {
      asked.push(ask(items[next]!));
      next += 1;
    }
    await take(await asked.shift()!, index);
  }
}
