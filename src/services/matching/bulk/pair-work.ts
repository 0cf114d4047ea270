// Pairs of packed records: counted, learned from and decided on.

import { randomPairs } from "../bulk.ts";
import type { Decision, MatchCode } from "../codes.ts";
import { decidePair, mayMatter, type PairDecision } from "../decide-pair.ts";
import { comparisons } from "../levels.ts";
import type { Model } from "../model.ts";
import type { MatchRules } from "../rules.ts";
import { type Scorer, scorer } from "../score.ts";
import type { ExtraColumn, Levels } from "../types.ts";
import { type Blocks, pairReader } from "./blocks.ts";
import { type Found, tieKind } from "./leaders.ts";
import { type PackedBatch, packedReader } from "./packed.ts";
import { type PackedComparer, packedComparer } from "./packed-compare.ts";
import { csvCell, csvRow } from "./pairs-file.ts";
import type { Apart } from "./persons-of-links.ts";
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

/** By what pairs are decided on. */
export type Deciding = { readonly model: Model; readonly rules: MatchRules; readonly population: number };

export type DecideOrder = Deciding & {
  readonly from: number;
  readonly till: number;
  readonly leastWeight: number | undefined;
};

/** What came of the pairs of some records. `found`: those that are more than `none`, or weigh enough to be written. */
export type Decided = { readonly pairs: number; readonly found: Found };

/** Whom clusters have to keep apart, of the pairs of some records within one group; -1 is no group. */
export type ApartOrder = Deciding & { readonly from: number; readonly till: number; readonly groupOf: Int32Array };

/** Rows of the file of clusters, of some records; `clusterOf`: see `personsOfLinks`. */
export type ClustersOrder = { readonly from: number; readonly till: number; readonly clusterOf: Int32Array };
/** `clusters`: how many go by one of these records. */
export type ClusterRows = { readonly rows: string; readonly clusters: number };

/** Pairs by the numbers of their records. */
export type PairsOrder = { readonly a: Int32Array; readonly b: Int32Array };
/** Pairs to be written. `isUnled`: by the leader rule it is no link, whatever it is by itself. */
export type RowsOrder = PairsOrder & Deciding & { readonly isUnled: Uint8Array };

const keepsApart: ReadonlySet<string> = new Set(["MT-203", "MT-204", "MT-210", "MT-211", "MT-212"]);
/** Relatives under one roof are told apart by so much that their clusters need no such word. */
const clustersKeepApart: ReadonlySet<string> = new Set(["MT-203", "MT-204", "MT-210", "MT-212"]);

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
    isIn: reader.isIn,
    count: (from: number, till: number): Counts => countValues(reader, from, till, extra),
    useBlocks(order: BlocksOrder): undefined {
      compare = packedComparer(reader, extra, commonShares(order.common));
      read = pairReader(order.blocks, reader.records);
      isLink = order.blocks.rightFrom !== undefined;
    },
    patterns(order: LearnOrder): Patterns {
      const found: (Levels & { times: number })[] = [];
      const places = new Map<string, unknown>();
      const add = (levels: Levels, times: number) => {
        // Level by level: the texts of levels are few and known, one made of them all would be new each time.
        let at = places;
        for (const name of comparisons) at = within(at, levels[name]);
        for (const level of levels.extra) at = within(at, level);
        const place = at.get("") as number | undefined;
        if (place === undefined) at.set("", found.push({ ...levels, times }) - 1);
        else found[place]!.times += times;
      };
      if ("random" in order) {
        const present = presentRecords();
        for (const { a, b } of randomPairs(present.length, order.random)) add(levelsOf(present[a]!, present[b]!), 1);
      } else {
        const { from, till, every } = order;
        for (let record = from; record < till; record += 1)
          if (isDrawn(record, every)) eachPair(record, record + 1, (_a, _b, levels) => add(levels, every));
      }
      return found;
    },
    decide({ from, till, leastWeight, ...deciding }: DecideOrder): Decided {
      const decide = decider(deciding);
      const { review } = deciding.model.thresholds;
      const found = { a: [] as number[], b: [] as number[], total: [] as number[], kind: [] as number[] };
      let pairs = 0;
      const leastThatMatters = Math.min(review, leastWeight ?? review);
      read!(from, till, (a, b) => {
        pairs += 1;
        const glance = compare!.glance(a, b);
        if (!glance.hasExtra && !mayMatter(glance, leastThatMatters, weigh!)) return;
        const { decision, code, total } = decide(compare!.levels());
        if (decision === "none" && (leastWeight === undefined || total < leastWeight)) return;
        found.a.push(a);
        found.b.push(b);
        found.total.push(total);
        found.kind.push(kindOf(decision, code));
      });
      return {
        pairs,
        found: {
          a: Int32Array.from(found.a),
          b: Int32Array.from(found.b),
          total: Float64Array.from(found.total),
          kind: Uint8Array.from(found.kind),
        },
      };
    },
    apart({ from, till, groupOf, ...deciding }: ApartOrder): Apart {
      const decide = decider(deciding);
      const apart = { a: [] as number[], b: [] as number[] };
      for (let record = from; record < till; record += 1) {
        const group = groupOf[record];
        if (group === -1) continue;
        read!(record, record + 1, (a, b) => {
          if (groupOf[b] !== group) return;
          const { decision, code } = decide(levelsOf(a, b));
          if (decision !== "none" || !clustersKeepApart.has(code)) return;
          apart.a.push(a);
          apart.b.push(b);
        });
      }
      return { a: Int32Array.from(apart.a), b: Int32Array.from(apart.b) };
    },
    /** Of each pair, 1 where two NHS numbers say that it is two persons; other signs are too often those of slips. */
    areTwo({ a, b }: PairsOrder): Uint8Array {
      return Uint8Array.from(a, (one, index) => Number(compare!.glance(one, b[index]!).nhsNumber === "differs"));
    },
    /** Rows of the output file. */
    rows({ a, b, isUnled, ...deciding }: RowsOrder): string {
      const decide = decider(deciding);
      const rows: string[] = [];
      for (const [index, one] of a.entries()) {
        const levels = levelsOf(one, b[index]!);
        const decided = decide(levels);
        rows.push(rowOf(one, b[index]!, levels, isUnled[index] ? { ...decided, ...unled } : decided));
      }
      return rows.join("");
    },
    clusters({ from, till, clusterOf }: ClustersOrder): ClusterRows {
      const rows: string[] = [];
      let clusters = 0;
      for (let record = from; record < till; record += 1) {
        const id = reader.idOf(record);
        if (id === undefined) continue;
        const cluster = clusterOf[record]!;
        if (cluster === record) clusters += 1;
        rows.push(`${csvCell(id)},${csvCell(cluster === record ? id : reader.idOf(cluster)!)}\n`);
      }
      return { rows: rows.join(""), clusters };
    },
  };

  function decider({ model, rules, population }: Deciding): (levels: Levels) => PairDecision {
    weigh ??= scorer(model, { population, extra });
    const scoring = { model, rules, scorer: weigh };
    return (levels) => decidePair(levels, noFacts, scoring);
  }

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

function within(places: Map<string, unknown>, level: string): Map<string, unknown> {
  const found = places.get(level) as Map<string, unknown> | undefined;
  if (found) return found;
  const made = new Map<string, unknown>();
  places.set(level, made);
  return made;
}

/** Whether a record is one of those drawn, of `every` so many one: by a hash, for rows may stand in an order of their own. */
const isDrawn = (record: number, every: number): boolean =>
  every === 1 || Math.floor(((Math.imul(record + 1, 0x9e3779b1) >>> 0) / 2 ** 32) * every) === 0;

const kindOf = (decision: Decision, code: MatchCode): number =>
  decision === "link"
    ? tieKind.linked
    : decision === "none"
      ? tieKind.none
      : keepsApart.has(code)
        ? tieKind.keptApart
        : tieKind.possible;

const unled = { decision: "review", code: "MT-202" } as const;
const noFacts = {};
const isMissing = (level: string): boolean => level === "missing" || level === "missing/missing";
