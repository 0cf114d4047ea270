// Learns a model without truth: strangers from pairs drawn at random, the rest by expectation and maximisation.

import { isVetoed } from "./decide-pair.ts";
import { type ComparisonName, comparisons } from "./levels.ts";
import type { LevelTable, Model } from "./model.ts";
import type { CountedShares } from "./shares.ts";
import type { ExtraColumn, Levels } from "./types.ts";

/** What a model is learned from. */
export type TrainingPairs = {
  /** Levels of pairs drawn at random: almost all strangers. `times`: how many pairs show just these levels; 1 if not told. */
  readonly random: Iterable<Levels & { readonly times?: number }>;
  /** Levels of the pairs that share a blocking key. */
  readonly blocked: Iterable<Levels & { readonly times?: number }>;
  /** How many records they come from. */
  readonly records: number;
  readonly extra?: readonly ExtraColumn[];
  readonly shares: Pick<CountedShares, "average">;
};

type Kind = "m" | "u" | "kin";
type Likelihoods = Record<Kind, number>;
type Tables = Readonly<Record<string, Readonly<Likelihoods>>>[];
/** Distinct combinations of levels, as numbers of their cells in all tables, and how many pairs show each. */
type Patterns = readonly { readonly cells: readonly number[]; readonly isVetoed: boolean; count: number }[];
/** How many pairs are of one person, and how many of relatives. */
type Found = Readonly<Pick<Likelihoods, "m" | "kin">>;
type Counts = readonly ReadonlyMap<string, Likelihoods>[];
type Cells = readonly ReadonlyMap<string, number>[];

const rounds = 25;
// The few matches among random pairs are known well enough after some rounds.
const roundsWithRandom = 4;
// How many pairs the start model counts as, for each comparison: enough to hold what the data cannot show.
const startPairs = 60;
// And at least this much of the pairs found: what is known beforehand is not outvoted by strangers taken for one person.
const startShare = 0.6;
// A level of strangers seen less often than this in the sample keeps the start model's share, if that is likely at all.
const leastSeen = 10;
const leastStrangers = 1e-12;

/** A model for the data that the pairs come from. Levels that the data hardly shows stay as in `start`. */
export function train(start: Model, pairs: TrainingPairs): Model {
  const extra = pairs.extra ?? [];
  const startTables: LevelTable[] = [
    ...comparisons.map((name) => start.comparisons[name]),
    ...extra.map(({ column, compare }) => start.columns[column] ?? start.extra[compare]),
  ];
  const cells = numbered(startTables);
  const [random, blocked] = [patternsOf(pairs.random, cells), patternsOf(pairs.blocked, cells)];
  const allPairs = (pairs.records * (pairs.records - 1)) / 2;
  const shareOf = (perRecord: number) => (perRecord * pairs.records) / 2 / allPairs;
  let found: Found = { m: shareOf(start.expectedMatches) * allPairs, kin: shareOf(start.kinPerPerson) * allPairs };
  let tables: Tables = [...startTables];
  let strangers: Counts | undefined;
  for (let round = 0; round < rounds; round += 1) {
    // Shares among all pairs, not among those of the blocks: strangers are only likely as they are drawn at random.
    const mix = { m: found.m / allPairs, u: 1, kin: found.kin / allPairs };
    const inBlocks = expect(blocked, { tables, cells, mix });
    if (strangers === undefined || round < roundsWithRandom) strangers = expect(random, { tables, cells, mix }).counts;
    found = inBlocks.found;
    const seen = strangers;
    tables = startTables.map((table, index) => estimate(table, inBlocks.counts[index]!, seen[index]!));
  }
  return fitted(start, tables, pairs, found);
}

function fitted(start: Model, tables: Tables, { records, shares, extra = [] }: TrainingPairs, found: Found): Model {
  const rounded = tables.map(
    (table): LevelTable =>
      Object.fromEntries(
        Object.entries(table).map(([level, { m, u, kin }]) => [level, { m: brief(m), u: brief(u), kin: brief(kin) }]),
      ),
  );
  const perRecord = (pairs: number) => brief(Math.max((2 * pairs) / records, leastPerRecord));
  const { given, family, town } = shares.average;
  const columns = extra.map(({ column }, index) => [column, rounded[comparisons.length + index]!]);
  return {
    ...start,
    calibrated: false,
    expectedMatches: perRecord(found.m),
    kinPerPerson: perRecord(found.kin),
    averageShares: { given: brief(given), family: brief(family), town: brief(town) },
    comparisons: Object.fromEntries(comparisons.map((name, index) => [name, rounded[index]])) as Record<
      ComparisonName,
      LevelTable
    >,
    columns: { ...start.columns, ...Object.fromEntries(columns) },
  };
}

const leastPerRecord = 0.01;
const brief = (value: number): number => Number(value.toPrecision(4));

/** A number for each cell of all tables, by table and level, in the order in which they stand. */
function numbered(tables: readonly LevelTable[]): Cells {
  let count = 0;
  return tables.map((table) => new Map(Object.keys(table).map((level) => [level, count++])));
}

function patternsOf(pairs: TrainingPairs["blocked"], cells: Cells): Patterns {
  const patterns = new Map<string, { cells: readonly number[]; isVetoed: boolean; count: number }>();
  for (const pair of pairs) {
    const levels = [...comparisons.map((name) => pair[name]), ...pair.extra];
    const key = levels.join(" ");
    const known = patterns.get(key);
    const count = pair.times ?? 1;
    if (known) known.count += count;
    else
      patterns.set(key, {
        cells: levels.flatMap((level, table) => cells[table]!.get(level) ?? []),
        isVetoed: isVetoed(pair),
        count,
      });
  }
  return [...patterns.values()];
}

/** How many pairs of each class show each level, if the tables and the mix are right; and what they hold. */
function expect(
  patterns: Patterns,
  { tables, cells: all, mix }: { readonly tables: Tables; readonly cells: Cells; readonly mix: Likelihoods },
): { readonly counts: Counts; readonly found: Found } {
  const chances = all.flatMap((levels, table) => Array.from(levels.keys(), (level) => tables[table]![level]!));
  const sums = chances.map(() => ({ m: 0, u: 0, kin: 0 }));
  const found = { m: 0, kin: 0 };
  for (const { cells, isVetoed, count } of patterns) {
    // Whom a rule keeps apart is no example of one person.
    let [m, u, kin] = [isVetoed ? 0 : mix.m, mix.u, mix.kin];
    for (const cell of cells) {
      const chance = chances[cell]!;
      m *= chance.m;
      u *= chance.u;
      kin *= chance.kin;
    }
    const times = count / (m + u + kin || 1);
    m *= times;
    u *= times;
    kin *= times;
    found.m += m;
    found.kin += kin;
    for (const cell of cells) {
      const sum = sums[cell]!;
      sum.m += m;
      sum.u += u;
      sum.kin += kin;
    }
  }
  const counts = all.map((levels) => new Map(Array.from(levels, ([level, cell]) => [level, sums[cell]!])));
  return { counts, found };
}

/**
 * Which parts of a level are missing: shares add up to 1 among levels of one such group. Names in each other's place are a
 * level of the joint comparison that has both parts; birth dates have a level of that name beside their others.
 */
const groupOf = (level: string, isJoint: boolean): string =>
  isJoint && level === "swapped"
    ? "known/known"
    : level.replaceAll(/[^/]+/g, (part) => (part === "missing" ? "missing" : "known"));

/** Likelihoods from expected counts and the start model's. */
function estimate(
  start: LevelTable,
  inBlocks: ReadonlyMap<string, Likelihoods>,
  atRandom: ReadonlyMap<string, Likelihoods>,
): Tables[number] {
  const result: Record<string, Likelihoods> = {};
  const isJoint = Object.keys(start).some((level) => level.includes("/"));
  for (const levels of Map.groupBy(Object.keys(start), (level) => groupOf(level, isJoint)).values()) {
    const strangers = strangerShares(levels, start, atRandom, isJoint);
    const found = levels.map((level) => inBlocks.get(level)?.m ?? 0);
    const total = found.reduce((sum, m) => sum + m, 0);
    const held = Math.max(startPairs, total * startShare);
    for (const [index, level] of levels.entries()) {
      const first = start[level]!;
      result[level] = {
        m: (found[index]! + held * first.m) / (total + held),
        u: strangers[index]!,
        // Without truth relatives cannot be told from strangers that met in a block: what is known of them stays.
        kin: first.kin,
      };
    }
  }
  return result;
}

/** Shares of strangers: as counted where the sample shows enough, else by the parts of a joint level, else as at the start. */
function strangerShares(
  levels: readonly string[],
  start: LevelTable,
  atRandom: ReadonlyMap<string, Likelihoods>,
  isJoint: boolean,
): number[] {
  const counts = levels.map((level) => atRandom.get(level)?.u ?? 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return levels.map((level) => start[level]!.u);
  const sides = [0, 1].map((part) => Map.groupBy(levels.keys(), (index) => levels[index]!.split("/")[part]));
  const shareOfPart = (part: number, side: string): number => {
    let [count, first] = [0, 0];
    for (const index of sides[part]!.get(side)!) {
      count += counts[index]!;
      first += start[levels[index]!]!.u;
    }
    return strangerShare(count, total, first);
  };
  return levels.map((level, index) => {
    const count = counts[index]!;
    const [one = "", other] = level.split("/");
    if (count >= leastSeen || !isJoint || other === undefined) return strangerShare(count, total, start[level]!.u);
    return Math.max(shareOfPart(0, one) * shareOfPart(1, other), leastStrangers);
  });
}

function strangerShare(count: number, total: number, first: number): number {
  if (count >= leastSeen) return count / total;
  return Math.min(Math.max(first, count / total), leastSeen / total);
}
