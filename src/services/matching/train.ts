// Learns a model without truth: strangers from pairs drawn at random, the rest by expectation and maximisation.

import { isVetoed } from "./decide-pair.ts";
import { type ComparisonName, comparisons, type LevelTable, type Model } from "./model.ts";
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
/** Distinct combinations of levels, and how many pairs show each. */
type Patterns = readonly { readonly levels: readonly string[]; readonly isVetoed: boolean; count: number }[];
/** How many pairs are of one person, and how many of relatives. */
type Found = Readonly<Pick<Likelihoods, "m" | "kin">>;
type Counts = readonly Map<string, Likelihoods>[];

const kinds = ["m", "u", "kin"] as const;
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
  const [random, blocked] = [patternsOf(pairs.random), patternsOf(pairs.blocked)];
  const allPairs = (pairs.records * (pairs.records - 1)) / 2;
  const shareOf = (perRecord: number) => (perRecord * pairs.records) / 2 / allPairs;
  let found: Found = { m: shareOf(start.expectedMatches) * allPairs, kin: shareOf(start.kinPerPerson) * allPairs };
  let tables: Tables = [...startTables];
  let strangers: Counts | undefined;
  for (let round = 0; round < rounds; round += 1) {
    // Shares among all pairs, not among those of the blocks: strangers are only likely as they are drawn at random.
    const mix = { m: found.m / allPairs, u: 1, kin: found.kin / allPairs };
    const inBlocks = expect(blocked, tables, mix);
    if (strangers === undefined || round < roundsWithRandom) strangers = expect(random, tables, mix).counts;
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

function patternsOf(pairs: TrainingPairs["blocked"]): Patterns {
  const patterns = new Map<string, { levels: readonly string[]; isVetoed: boolean; count: number }>();
  for (const pair of pairs) {
    const levels = [...comparisons.map((name) => pair[name]), ...pair.extra];
    const key = levels.join(" ");
    const known = patterns.get(key);
    const count = pair.times ?? 1;
    if (known) known.count += count;
    else patterns.set(key, { levels, isVetoed: isVetoed(pair), count });
  }
  return [...patterns.values()];
}

/** How many pairs of each class show each level, if the tables and the mix are right; and what they hold. */
function expect(
  patterns: Patterns,
  tables: Tables,
  mix: Likelihoods,
): { readonly counts: Counts; readonly found: Found } {
  const counts = tables.map(() => new Map<string, Likelihoods>());
  const found = { m: 0, kin: 0 };
  for (const { levels, isVetoed, count } of patterns) {
    // Whom a rule keeps apart is no example of one person.
    const chance = { ...mix, m: isVetoed ? 0 : mix.m };
    for (const [index, level] of levels.entries()) {
      const cell = tables[index]![level];
      if (cell) for (const kind of kinds) chance[kind] *= cell[kind];
    }
    const whole = chance.m + chance.u + chance.kin || 1;
    for (const kind of kinds) chance[kind] *= count / whole;
    found.m += chance.m;
    found.kin += chance.kin;
    for (const [index, level] of levels.entries()) {
      const sum = counts[index]!.get(level);
      if (sum) for (const kind of kinds) sum[kind] += chance[kind];
      else counts[index]!.set(level, { ...chance });
    }
  }
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
  const shareOfPart = (part: number, side: string): number => {
    let [count, first] = [0, 0];
    for (const [index, level] of levels.entries()) {
      if (level.split("/")[part] !== side) continue;
      count += counts[index]!;
      first += start[level]!.u;
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
