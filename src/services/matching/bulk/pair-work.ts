// Pairs of packed records: counted, learned from and decided on.

import { randomPairs } from "../bulk.ts";
import { decidePair, mayMatter, type PairDecision } from "../decide-pair.ts";
import { comparisons, type Model } from "../model.ts";
import type { MatchRules } from "../rules.ts";
import { type Scorer, scorer } from "../score.ts";
import type { ExtraColumn, Levels } from "../types.ts";
import { type Blocks, pairReader } from "./blocks.ts";
import { type PackedBatch, packedReader } from "./packed.ts";
import { type PackedComparer, packedComparer } from "./packed-compare.ts";
import { csvRow } from "./pairs-file.ts";
import type { Ties } from "./persons-of-links.ts";
import { type CommonValues, commonShares, countValues, type ValueCounts } from "./value-counts.ts";

export type RecordsOrder = { readonly batches: readonly PackedBatch[] };
export type PairWorkSetup = RecordsOrder & { readonly extra: readonly ExtraColumn[] };
export type BlocksOrder = { readonly blocks: Blocks; readonly common: CommonValues };
export type Counts = ValueCounts;

/** Which pairs are learned from: those of blocks of some records, of `every` so many one, or so many pairs at random. */
export type LearnOrder =
  | { readonly from: number; readonly till: number; readonly every: number }
  | { readonly random: number };
/** Distinct combinations of levels, and how many pairs show each. */
export type Patterns = readonly (Levels & { readonly times: number })[];

export type DecideOrder = {
  readonly from: number;
  readonly till: number;
  readonly model: Model;
  readonly rules: MatchRules;
  readonly population: number;
  readonly leastWeight: number | undefined;
  /** What clusters are made of. */
  readonly needsTies: boolean;
};

/** What came of the pairs of some records. */
export type Decided = {
  readonly pairs: number;
  /** Rows of the output file. */
  readonly rows: string;
  readonly ties: Ties;
  readonly linked: number;
  readonly reviews: number;
};

const keepsApart: ReadonlySet<string> = new Set(["MT-203", "MT-204", "MT-210", "MT-212"]);

export function pairWork({ batches, extra }: PairWorkSetup) {
  const reader = packedReader(batches, extra.length);
  let read: ReturnType<typeof pairReader> | undefined;
  let compare: PackedComparer | undefined;
  let weigh: Scorer | undefined;
  let isLink = false;

  const levelsOf = (a: number, b: number): Levels => {
    compare!.glance(a, b);
    return compare!.levels();
  };
  const eachPair = (from: number, till: number, take: (a: number, b: number, levels: Levels) => void): void => {
    read!(from, till, (a, b) => take(a, b, levelsOf(a, b)));
  };

  return {
    count: (from: number, till: number): Counts => countValues(reader, from, till, extra),
    useBlocks(order: BlocksOrder): undefined {
      compare = packedComparer(reader, extra, commonShares(order.common));
      read = pairReader(order.blocks, reader.records);
      isLink = order.blocks.rightFrom !== undefined;
    },
    patterns(order: LearnOrder): Patterns {
      const found = new Map<string, Levels & { times: number }>();
      const add = (levels: Levels, times: number) => {
        const key = [...comparisons.map((name) => levels[name]), ...levels.extra].join(" ");
        const known = found.get(key);
        if (known) known.times += times;
        else found.set(key, { ...levels, times });
      };
      if ("random" in order) {
        const present = presentRecords();
        for (const { a, b } of randomPairs(present.length, order.random)) add(levelsOf(present[a]!, present[b]!), 1);
      } else {
        const { from, till, every } = order;
        for (let record = from; record < till; record += 1)
          if (isDrawn(record, every)) eachPair(record, record + 1, (_a, _b, levels) => add(levels, every));
      }
      return [...found.values()];
    },
    decide({ from, till, model, rules, population, leastWeight, needsTies }: DecideOrder): Decided {
      weigh ??= scorer(model, { population, extra });
      const scoring = { model, rules, scorer: weigh };
      const links = { a: [] as number[], b: [] as number[], total: [] as number[] };
      const apart = { a: [] as number[], b: [] as number[] };
      const rows: string[] = [];
      let [pairs, linked, reviews] = [0, 0, 0];
      const keepApart = (a: number, b: number) => {
        if (!needsTies) return;
        apart.a.push(a);
        apart.b.push(b);
      };
      const leastThatMatters = Math.min(model.thresholds.review, leastWeight ?? model.thresholds.review);
      read!(from, till, (a, b) => {
        pairs += 1;
        const glance = compare!.glance(a, b);
        if (!glance.hasExtra && !mayMatter(glance, leastThatMatters, scoring.scorer)) {
          if (glance.nhsNumber === "differs") keepApart(a, b);
          return;
        }
        const levels = compare!.levels();
        const decided = decidePair(levels, noFacts, scoring);
        if (keepsApart.has(decided.code) && decided.decision === "none") keepApart(a, b);
        const isWritten = leastWeight === undefined ? decided.decision !== "none" : decided.total >= leastWeight;
        if (!isWritten) return;
        if (needsTies && decided.decision !== "none") {
          links.a.push(a);
          links.b.push(b);
          links.total.push(decided.total);
        }
        if (decided.decision === "link") linked += 1;
        else if (decided.decision === "review") reviews += 1;
        rows.push(rowOf(a, b, levels, decided));
      });
      return {
        pairs,
        rows: rows.join(""),
        ties: {
          links: { a: Int32Array.from(links.a), b: Int32Array.from(links.b), total: Float64Array.from(links.total) },
          apart: { a: Int32Array.from(apart.a), b: Int32Array.from(apart.b) },
        },
        linked,
        reviews,
      };
    },
  };

  function presentRecords(): Int32Array {
    const present: number[] = [];
    for (let record = 0; record < reader.records; record += 1) if (reader.isIn(record)) present.push(record);
    return Int32Array.from(present);
  }

  function rowOf(a: number, b: number, levels: Levels, decided: PairDecision): string {
    const [one, other] = [reader.idOf(a)!, reader.idOf(b)!];
    const reasons = reasonsOf(levels, decided);
    // Within one file the lower id comes first, wherever its row stands.
    return isLink || one < other ? csvRow(one, other, decided, reasons) : csvRow(other, one, decided, reasons);
  }

  function reasonsOf(levels: Levels, { code }: PairDecision): string {
    const said = [code as string];
    for (const name of comparisons) if (!isMissing(levels[name])) said.push(`${name}=${levels[name]}`);
    for (const [index, level] of levels.extra.entries())
      if (level !== "missing") said.push(`${extra[index]!.column}=${level}`);
    return said.join(" ");
  }
}

/** Whether a record is one of those drawn, of `every` so many one: by a hash, for rows may stand in an order of their own. */
const isDrawn = (record: number, every: number): boolean =>
  every === 1 || Math.floor(((Math.imul(record + 1, 0x9e3779b1) >>> 0) / 2 ** 32) * every) === 0;

const noFacts = {};
const isMissing = (level: string): boolean => level === "missing" || level === "missing/missing";
