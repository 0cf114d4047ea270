// Quality of matching over time: how much goes by itself, how much is asked, and how much turned out to be wrong.

import type { Queryable } from "#kernel/db";
import { type Counted, countByTime, type Period, readJourneys } from "./store.ts";

/** Measures of one day or week. Rates are shares from 0 to 1, or null where there is nothing to divide by. */
export type Quality = Counted & {
  /** Linked without a person, of all matches. */
  readonly autoLinkRate: number | null;
  /** Settled by a steward, of all matches. */
  readonly reviewRate: number | null;
  /** Found to be wrong since, of all matches. */
  readonly overturnRate: number | null;
  /** Where the second steward said the same, of the second reviews that were answered. */
  readonly agreementRate: number | null;
};

/** The measures of each day or week in which something was settled, the first one first. */
export async function qualityOf(db: Queryable, by: "day" | "week", period: Period): Promise<Quality[]> {
  return (await countByTime(db, by, period)).map((counted) => {
    const { matches, autoLinks, reviews, overturned, agreed, differed } = counted;
    return {
      ...counted,
      autoLinkRate: share(autoLinks, matches),
      reviewRate: share(reviews, matches),
      overturnRate: share(overturned, matches),
      agreementRate: share(agreed, agreed + differed),
    };
  });
}

/** The journeys behind the numbers of links, of reviews, or of links that were taken back: the newest, at most so many. */
export const journeysOf = async (
  db: Queryable,
  of: "linked" | "reviewed" | "overturned",
  period: Period,
  most: number,
): Promise<string[]> => (await readJourneys(db, of, period, most)).map(({ journeyId }) => journeyId);

const share = (part: number, all: number): number | null => (all === 0 ? null : part / all);
