// Learns a model without truth: strangers from pairs drawn at random, the rest by expectation and maximisation.

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
type Patterns = readonly { readonly levels: readonly string[]; count: number }[];
/** How many pairs are of one person, and how many of relatives. */
type Found = Readonly<Pick<Likelihoods, "m" | "kin">>;
type Counts = readonly Map<string, Likelihoods>[];

const kinds = ["m", "u", "kin"] as const;
const rounds = 25;
// The few matches among random pairs are known well enough after some rounds.
const roundsWithRandom = 4;
// How many pairs the start model counts as, for each comparison: enough to hold what the data cannot show.
const startPairs = 60;
// A level of strangers seen less often than this in the sample keeps the start model's share, if that is likely at all.
const leastSeen = 10;

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
  const patterns = new Map<string, { levels: readonly string[]; count: number }>();
  for (const pair of pairs) {
    const levels = [...comparisons.map((name) => pair[name]), ...pair.extra];
    const key = levels.join(" ");
    const known = patterns.get(key);
    const count = pair.times ?? 1;
    if (known) known.count += count;
    else patterns.set(key, { levels, count });
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
  for (const { levels, count } of patterns) {
    const chance = { ...mix };
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

/** Which parts of a level are missing: shares add up to 1 among levels of one such group. */
const groupOf = (level: string): string =>
  level === "swapped"
    ? "known/known"
    : level.replaceAll(/[^/]+/g, (part) => (part === "missing" ? "missing" : "known"));

/** Likelihoods from expected counts and the start model's. */
function estimate(
  start: LevelTable,
  inBlocks: ReadonlyMap<string, Likelihoods>,
  atRandom: ReadonlyMap<string, Likelihoods>,
): Tables[number] {
  const result: Record<string, Likelihoods> = {};
  for (const levels of Map.groupBy(Object.keys(start), groupOf).values()) {
    const counts = levels.map((level) => ({
      level,
      m: inBlocks.get(level)?.m ?? 0,
      u: atRandom.get(level)?.u ?? 0,
    }));
    const total = (kind: "m" | "u") => counts.reduce((sum, count) => sum + count[kind], 0);
    const totals = { m: total("m"), u: total("u") };
    for (const { level, m, u } of counts) {
      const first = start[level]!;
      // What the data cannot show is not learned from it.
      const isSeen = m + u >= 0.5;
      const strangers = isSeen ? strangerShare(u, totals.u, first.u) : first.u;
      result[level] = {
        m: isSeen ? (m + startPairs * first.m) / (totals.m + startPairs) : first.m,
        u: strangers,
        // Without truth relatives cannot be told from strangers that met in a block: what is known of them stays.
        kin: first.kin,
      };
    }
  }
  return result;
}

function strangerShare(count: number, total: number, first: number): number {
  if (total === 0) return first;
  if (count >= leastSeen) return count / total;
  return Math.min(Math.max(first, count / total), leastSeen / total);
}
