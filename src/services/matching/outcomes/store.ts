// SQL of outcomes: written once, marked when they are reviewed again or taken back, and counted.

import type { OverturnedMatch } from "#canonical/contracts";
import type { Queryable, Tx } from "#kernel/db";
import type { Dimension } from "./groups.ts";
import type { OutcomeRow, SecondReview } from "./types.ts";

/** @returns the ids of those that were not there already */
export async function insertOutcomes(tx: Tx, rows: readonly OutcomeRow[]): Promise<Set<string>> {
  const added = await tx.query<{ id: string }>({
    name: "matching.outcome",
    text: `insert into matching.outcome (id, journey_id, at, matched_at, decision, code, weight, runner_up, margin, model, rules,
        settled_by, choice, sampled, sex, age_band, name_form, address_stability)
      select id, "journeyId", at, "matchedAt", decision, code, weight, "runnerUp", margin, model, rules, "settledBy", choice, sampled,
        sex, "ageBand", "nameForm", "addressStability"
      from json_to_recordset($1) as r(id uuid, "journeyId" uuid, at timestamptz, "matchedAt" timestamptz, decision text, code text,
        weight float8, "runnerUp" float8, margin float8, model text, rules text, "settledBy" text, choice text, sampled boolean,
        sex text, "ageBand" text, "nameForm" text, "addressStability" text)
      on conflict (id) do nothing returning id`,
    values: [JSON.stringify(rows)],
  });
  return new Set(added.map(({ id }) => id));
}

/** Marks what a journey settled as taken back; what was marked before stays as it was. */
export async function overturnJourney(tx: Tx, { journeyId, by }: OverturnedMatch, at: Date): Promise<void> {
  await tx.query({
    text: `update matching.outcome set overturned_at = $2, overturned_by = $3
      where journey_id = $1 and overturned_at is null`,
    values: [journeyId, at, by],
  });
}

/** Records how a second review came out. */
export function setSecondReview(tx: Tx, id: string, review: SecondReview): Promise<unknown> {
  return tx.query({ text: "update matching.outcome set second_review = $2 where id = $1", values: [id, review] });
}

/** Marks one outcome as wrong. */
export function overturnOutcome(tx: Tx, id: string, by: readonly string[], at: Date): Promise<unknown> {
  return tx.query({
    text: "update matching.outcome set overturned_at = $2, overturned_by = $3 where id = $1 and overturned_at is null",
    values: [id, at, by],
  });
}

/** An instant from which on, and one before which, outcomes count. */
export type Period = { readonly since: Date; readonly until: Date };

/** What was counted of one day or week, which `from` begins: `YYYY-MM-DD` in UTC, weeks on Monday (ISO 8601). */
export type Counted = {
  readonly from: string;
  readonly matches: number;
  readonly autoLinks: number;
  readonly linked: number;
  readonly reviews: number;
  readonly overturned: number;
  readonly sampled: number;
  readonly agreed: number;
  readonly differed: number;
  /** Seconds from the match to the steward's answer; null where no steward was asked. */
  readonly medianSeconds: number | null;
  readonly p95Seconds: number | null;
};

export function countByTime(db: Queryable, by: "day" | "week", { since, until }: Period): Promise<Counted[]> {
  return db.query<Counted>({
    text: `select to_char(date_trunc($1, at at time zone 'UTC'), 'YYYY-MM-DD') as "from",
        count(*) as matches,
        count(*) filter (where settled_by = 'auto' and choice <> 'nobody') as "autoLinks",
        count(*) filter (where choice <> 'nobody') as linked,
        count(*) filter (where settled_by = 'steward') as reviews,
        count(*) filter (where overturned_at is not null) as overturned,
        count(*) filter (where sampled) as sampled,
        count(*) filter (where second_review = 'agreed') as agreed,
        count(*) filter (where second_review = 'differed') as differed,
        percentile_cont(0.5) within group (order by extract(epoch from at - matched_at))
          filter (where settled_by = 'steward') as "medianSeconds",
        percentile_cont(0.95) within group (order by extract(epoch from at - matched_at))
          filter (where settled_by = 'steward') as "p95Seconds"
      from matching.outcome where at >= $2 and at < $3 group by 1 order by 1`,
    values: [by, since, until],
  });
}

const COUNTED = {
  linked: "choice <> 'nobody'",
  reviewed: "settled_by = 'steward'",
  overturned: "overturned_at is not null",
} as const;

/** The journeys of outcomes that `countByTime` counts so, the newest first. */
export const readJourneys = (
  db: Queryable,
  of: keyof typeof COUNTED,
  { since, until }: Period,
  most: number,
): Promise<{ journeyId: string }[]> =>
  db.query({
    text: `select journey_id as "journeyId" from matching.outcome
      where at >= $1 and at < $2 and ${COUNTED[of]}
      order by at desc limit $3`,
    values: [since, until, most],
  });

/** What was counted of one group of one dimension. */
export type CountedGroup = {
  readonly dimension: Dimension;
  readonly group: string;
  readonly matches: number;
  readonly linked: number;
  readonly reviews: number;
};

export function countByGroup(db: Queryable, { since, until }: Period): Promise<CountedGroup[]> {
  return db.query<CountedGroup>({
    text: `select case when grouping(sex) = 0 then 'sex' when grouping(age_band) = 0 then 'ageBand'
          when grouping(name_form) = 0 then 'nameForm' else 'addressStability' end as dimension,
        coalesce(sex, age_band, name_form, address_stability) as "group",
        count(*) as matches,
        count(*) filter (where choice <> 'nobody') as linked,
        count(*) filter (where settled_by = 'steward') as reviews
      from matching.outcome where at >= $1 and at < $2
      group by grouping sets ((sex), (age_band), (name_form), (address_stability))`,
    values: [since, until],
  });
}
