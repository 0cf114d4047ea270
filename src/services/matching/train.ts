// Learns a model without truth: strangers from pairs drawn at random, the rest by expectation and maximisation.

import { type ComparisonName, comparisons, type LevelTable, type Model } from "./model.ts";
import type { CountedShares } from "./shares.ts";
import type { ExtraColumn, Levels } from "./types.ts";

/** What a model is learned from. */
export type TrainingPairs = {
  /** Levels of pairs drawn at random: almost all strangers. */
  readonly random: Iterable<Levels>;
  /** Levels of the pairs that share a blocking key. */
  readonly blocked: Iterable<Levels>;
  /** How many records they come from. */
  readonly records: number;
  readonly extra?: readonly ExtraColumn[];
  readonly shares: CountedShares;
};

type Pattern = { readonly levels: readonly string[]; random: number; blocked: number };
type Kind = "m" | "u" | "kin";
type Tables = Record<string, { m: number; u: number; kin: number }>[];

const rounds = 30;
// How many pairs the start model counts as, for each comparison: enough to hold what the data cannot show.
const startPairs = { m: 60, kin: 300 } as const;
// A level of strangers seen less often than this in the sample keeps the start model's share, if that is likely at all.
const leastSeen = 10;

/** A model for the data that the pairs come from. Levels that the data hardly shows stay as in `start`. */
export function train(start: Model, pairs: TrainingPairs): Model {
  const extra = pairs.extra ?? [];
  const names = [...comparisons, ...extra.map(({ column }) => column)];
  const startTables: LevelTable[] = [
    ...comparisons.map((name) => start.comparisons[name]),
    ...extra.map(({ column, compare }) => start.columns[column] ?? start.extra[compare]),
  ];
  const patterns = patternsOf(pairs);
  let tables: Tables = startTables.map((table) => structuredClone(table));
  const sizes = { random: 0, blocked: 0 };
  for (const { random, blocked } of patterns) {
    sizes.random += random;
    sizes.blocked += blocked;
  }
  // Shares of the three classes among blocked pairs; among random ones almost all are strangers.
  let mix = { m: 0.2, u: 0.6, kin: 0.2 };
  const perRecord = (count: number) => (2 * count) / pairs.records;
  for (let round = 0; round < rounds; round += 1) {
    const counts = tables.map(() => new Map<string, { m: number; u: number; kin: number }>());
    const sums = { m: 0, u: 0, kin: 0 };
    const matchShare = perRecord(mix.m * sizes.blocked) / pairs.records;
    for (const { levels, random, blocked } of patterns) {
      const likelihoods = likelihoodsOf(tables, levels);
      const inBlock = posterior(likelihoods, mix);
      const atRandom = posterior(likelihoods, { m: matchShare, u: 1, kin: perRecord(mix.kin * sizes.blocked) / pairs.records });
      for (const kind of ["m", "kin", "u"] as const) sums[kind] += blocked * inBlock[kind];
      for (const [index, level] of levels.entries()) {
        const count = counts[index]!.get(level) ?? { m: 0, u: 0, kin: 0 };
        counts[index]!.set(level, count);
        count.m += blocked * inBlock.m;
        count.kin += blocked * inBlock.kin;
        count.u += random * atRandom.u;
      }
    }
    mix = { m: sums.m / sizes.blocked, u: sums.u / sizes.blocked, kin: sums.kin / sizes.blocked };
    tables = startTables.map((table, index) => estimate(table, counts[index]!));
  }
  const rounded = tables.map((table) =>
    Object.fromEntries(Object.entries(table).map(([level, { m, u, kin }]) => [level, { m: brief(m), u: brief(u), kin: brief(kin) }])),
  );
  const tableOf = (name: string) => rounded[names.indexOf(name)]!;
  return {
    ...start,
    calibrated: false,
    expectedMatches: brief(Math.max(perRecord(mix.m * sizes.blocked), 0.01)),
    kinPerPerson: brief(Math.max(perRecord(mix.kin * sizes.blocked), 0.01)),
    averageShares: {
      given: brief(pairs.shares.average.given),
      family: brief(pairs.shares.average.family),
      town: brief(pairs.shares.average.town),
    },
    comparisons: Object.fromEntries(comparisons.map((name) => [name, tableOf(name)])) as Record<ComparisonName, LevelTable>,
    columns: { ...start.columns, ...Object.fromEntries(extra.map(({ column }) => [column, tableOf(column)])) },
  };
}

const brief = (value: number): number => Number(value.toPrecision(4));

function patternsOf({ random, blocked }: TrainingPairs): Pattern[] {
  const patterns = new Map<string, Pattern>();
  const add = (pair: Levels, kind: "random" | "blocked") => {
    const levels = [...comparisons.map((name) => pair[name]), ...pair.extra];
    const key = levels.join(" ");
    const pattern = patterns.get(key) ?? { levels, random: 0, blocked: 0 };
    patterns.set(key, pattern);
    pattern[kind] += 1;
  };
  for (const pair of random) add(pair, "random");
  for (const pair of blocked) add(pair, "blocked");
  return [...patterns.values()];
}

function likelihoodsOf(tables: Tables, levels: readonly string[]): Record<Kind, number> {
  const product = { m: 1, u: 1, kin: 1 };
  for (let index = 0; index < levels.length; index += 1) {
    const cell = tables[index]![levels[index]!];
    if (!cell) continue;
    product.m *= cell.m;
    product.u *= cell.u;
    product.kin *= cell.kin;
  }
  return product;
}

function posterior(likelihoods: Record<Kind, number>, mix: Record<Kind, number>): Record<Kind, number> {
  const [m, u, kin] = [likelihoods.m * mix.m, likelihoods.u * mix.u, likelihoods.kin * mix.kin];
  const sum = m + u + kin || 1;
  return { m: m / sum, u: u / sum, kin: kin / sum };
}

/** Which parts of a level are missing: shares add up to 1 among levels of one such group. */
const groupOf = (level: string): string =>
  level === "swapped" ? "known/known" : level.replaceAll(/[^/]+/g, (part) => (part === "missing" ? "missing" : "known"));

/** Likelihoods from expected counts and the start model's. */
function estimate(start: LevelTable, counts: ReadonlyMap<string, Record<Kind, number>>): Tables[number] {
  const groups = Map.groupBy(Object.keys(start), groupOf);
  const result: Tables[number] = {};
  for (const levels of groups.values()) {
    const total = { m: 0, u: 0, kin: 0 };
    for (const level of levels) {
      const count = counts.get(level);
      for (const kind of ["m", "u", "kin"] as const) total[kind] += count?.[kind] ?? 0;
    }
    for (const level of levels) {
      const count = counts.get(level) ?? { m: 0, u: 0, kin: 0 };
      const first = start[level]!;
      result[level] = {
        m: (count.m + startPairs.m * first.m) / (total.m + startPairs.m),
        kin: (count.kin + startPairs.kin * first.kin) / (total.kin + startPairs.kin),
        u: strangerShare(count.u, total.u, first.u),
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
