// The bias report: whether some groups of people are matched, or asked about, more or less often than all others.

import type { Queryable } from "#kernel/db";
import { type Dimension, dimensions } from "./groups.ts";
import { type CountedGroup, countByGroup, type Period } from "./store.ts";

/** Groups of fewer are not shown: their members could be told. */
export const LEAST_SHOWN = 10;

/** A share from 0 to 1 with its 95 % interval (Wilson's score interval). */
export type Rate = { readonly rate: number; readonly low: number; readonly high: number };

/** One group. Counts and rates are absent where it is too small to be shown. */
export type GroupReport = {
  readonly dimension: Dimension;
  readonly group: string;
  readonly matches?: number;
  /** Linked to somebody known, by itself or by a steward. */
  readonly linked?: Rate;
  readonly reviewed?: Rate;
  /** In words, where the rate of all other groups together lies outside the group's interval. */
  readonly notes: readonly string[];
};

const Z_95 = 1.959964;

/** Wilson's score interval of `part` in `all`, which is not 0 (E. B. Wilson 1927; no continuity correction). */
export function wilson(part: number, all: number): Rate {
  const rate = part / all;
  const spread = Z_95 ** 2 / all;
  const middle = (rate + spread / 2) / (1 + spread);
  const half = (Z_95 / (1 + spread)) * Math.sqrt((rate * (1 - rate)) / all + spread / (4 * all));
  return { rate, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** The report of what was settled in a period, in the order of the dimensions. */
export const biasReport = async (db: Queryable, period: Period): Promise<GroupReport[]> =>
  reportOn(await countByGroup(db, period));

/** The report on counts. */
export function reportOn(counted: readonly CountedGroup[]): GroupReport[] {
  return (Object.keys(dimensions) as Dimension[]).flatMap((dimension) => {
    const order: readonly string[] = dimensions[dimension];
    const groups = counted
      .filter((one) => one.dimension === dimension)
      .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
    const hidden = hiddenOf(groups);
    const shown = groups.filter((one) => !hidden.has(one));
    return groups.map((one) =>
      hidden.has(one) ? { dimension, group: one.group, notes: ["too few to be shown"] } : reported(one, shown),
    );
  });
}

/** Small groups; and with one alone the smallest of the others, or the one could be told from what other dimensions add up to. */
function hiddenOf(groups: readonly CountedGroup[]): ReadonlySet<CountedGroup> {
  const bySize = groups.toSorted((a, b) => a.matches - b.matches);
  const small = bySize.filter(({ matches }) => matches < LEAST_SHOWN);
  return new Set(small.length === 1 ? bySize.slice(0, 2) : small);
}

function reported(one: CountedGroup, shown: readonly CountedGroup[]): GroupReport {
  const rest = shown.filter((other) => other !== one);
  const sum = (name: "matches" | "linked" | "reviews") => rest.reduce((total, other) => total + other[name], 0);
  const all = sum("matches");
  const linked = wilson(one.linked, one.matches);
  const reviewed = wilson(one.reviews, one.matches);
  const notes =
    all === 0
      ? []
      : [...note("linked", linked, sum("linked") / all), ...note("reviewed", reviewed, sum("reviews") / all)];
  return { dimension: one.dimension, group: one.group, matches: one.matches, linked, reviewed, notes };
}

function note(what: string, { low, high }: Rate, others: number): string[] {
  if (others >= low && others <= high) return [];
  return [`${what} ${others > high ? "less" : "more"} often than the rest (${(others * 100).toFixed(1)} %)`];
}
