// All SQL of the monitor: its own nodes, and counts over what the engine's other modules keep, which it never changes.

import type { LetterPlace, Parked } from "#engine/backbone";
import type { Queryable } from "#kernel/db";

/** How a system answers one node. */
export type SystemRow = {
  readonly system: string;
  readonly calls: number;
  readonly failed: number;
  readonly durationMs: number;
  readonly lastOkAt: string | null;
  readonly lastFailedAt: string | null;
  readonly lastCode: string | null;
  /** Whether calls are held back; null: nothing holds calls to it back. */
  readonly isHeldBack: boolean | null;
};

export type NodeRow = {
  readonly id: string;
  readonly roles: readonly string[];
  readonly startedAt: Date;
  readonly seenAt: Date;
  readonly systems: readonly SystemRow[];
};

/** Says that a node is there; forgets those that have not said so for a day. */
export async function tellNode(db: Queryable, { id, roles, startedAt, seenAt, systems }: NodeRow): Promise<void> {
  await db.query({
    name: "monitor.tell",
    text: `with gone as (delete from monitor.node where seen_at < $4::timestamptz - interval '1 day' and id <> $1)
      insert into monitor.node (id, roles, started_at, seen_at, systems) values ($1, $2, $3, $4, $5)
      on conflict (id) do update set seen_at = excluded.seen_at, systems = excluded.systems`,
    values: [id, roles, startedAt, seenAt, JSON.stringify(systems)],
  });
}

/** A node that stops in order leaves nothing to wonder about. */
export async function forgetNode(db: Queryable, id: string): Promise<void> {
  await db.query({ text: "delete from monitor.node where id = $1", values: [id] });
}

export const readNodes = (db: Queryable, since: Date): Promise<NodeRow[]> =>
  db.query({
    name: "monitor.nodes",
    text: `select id, roles, started_at as "startedAt", seen_at as "seenAt", systems from monitor.node
      where seen_at >= $1 order by started_at, id`,
    values: [since],
  });

/** What one minute of one channel held. */
export type MinuteRow = {
  readonly minute: Date;
  readonly channel: string;
  readonly received: number;
  readonly out: number;
  readonly failed: number;
};

/**
 * What came in, was written back and failed since an instant, by channel and minute, each message once. `failed`: refused at the door, or a
 * dead letter since. `from` is the least id of a journey that can have come since then.
 */
export const countMinutes = (db: Queryable, since: Date, from: string): Promise<MinuteRow[]> =>
  db.query({
    name: "monitor.minutes",
    text: `select minute, channel, sum(received)::int as received, sum(out)::int as out, sum(failed)::int as failed from (
        select date_trunc('minute', received_at) as minute, channel, count(*) as received, 0 as out, count(faults) as failed
          from channels.intake where journey_id >= $2 and received_at >= $1 group by 1, 2
        union all
        select date_trunc('minute', max(c.settled_at)), i.channel, 0, 1, 0
          from writeback.change c join channels.intake i on i.journey_id = c.journey_id where c.settled_at >= $1
          group by i.journey_id
        union all
        select date_trunc('minute', max(p.parked_at)), i.channel, 0, 0, 1
          from backbone.parked p join channels.intake i on i.journey_id = p.journey_id
          where p.state = 'dead' and p.parked_at >= $1 and i.faults is null group by i.journey_id
      ) counted group by minute, channel order by minute, channel`,
    values: [since, from],
  });

/** When each channel took something in last. */
export const readLastReceived = (db: Queryable): Promise<{ channel: string; at: Date }[]> =>
  db.query({
    name: "monitor.last",
    text: `select c.name as channel, l.at from channels.channel c cross join lateral (
        select received_at as at from channels.intake where channel = c.name order by journey_id desc limit 1) l`,
  });

/** The oldest journeys that a channel took in since an instant and that went somewhere. */
export const readOldestReceived = (
  db: Queryable,
  channel: string,
  { since, from, most }: { readonly since: Date; readonly from: string; readonly most: number },
): Promise<{ journeyId: string; receivedAt: Date; deliveries: number }[]> =>
  db.query({
    name: "monitor.oldest-received",
    text: `select journey_id as "journeyId", received_at as "receivedAt", deliveries from channels.intake
      where journey_id >= $3 and channel = $1 and received_at >= $2 and deliveries > 0 and faults is null
      order by journey_id limit $4`,
    values: [channel, since, from, most],
  });

/** Of an intake `i`: something is to come of it. */
const GOES_ON = "(i.deliveries > 0 or i.faults is not null)";
const IS_RIGHT = `(i.faults is null
  and not exists (select from work.item w where w.journey_id = i.journey_id)
  and not exists (select from backbone.parked p where p.journey_id = i.journey_id and (p.attempt > 1 or p.state <> 'waiting')))`;

/** One day of journeys, London's. `right`: no person and no second attempt was needed. */
export type DayRow = { readonly day: string; readonly total: number; readonly right: number };

/** The last `most` journeys since an instant, by day. */
export const countDays = (db: Queryable, since: Date, from: string, most: number): Promise<DayRow[]> =>
  db.query({
    name: "monitor.days",
    text: `select to_char(received_at at time zone 'Europe/London', 'YYYY-MM-DD') as day, count(*)::int as total,
        (count(*) filter (where ${IS_RIGHT}))::int as right
      from (select journey_id, received_at, faults from channels.intake i
        where journey_id >= $2 and received_at >= $1 and ${GOES_ON} order by journey_id desc limit $3) i
      group by 1 order by 1`,
    values: [since, from, most],
  });

/** How long it took from intake to the last that was written of it, in milliseconds, for the last `most` messages. */
export async function measureWriteBack(
  db: Queryable,
  since: Date,
  most: number,
): Promise<{ count: number; medianMs: number | null; p90Ms: number | null; counts: readonly number[] }> {
  const [row] = await db.query<{ count: number; medianMs: number | null; p90Ms: number | null; counts: number[] }>({
    name: "monitor.write-back",
    text: `with taken as (
        select extract(epoch from max(c.settled_at) - i.received_at) * 1000 as ms
        from writeback.change c join channels.intake i on i.journey_id = c.journey_id
        where c.settled_at >= $1 group by i.journey_id order by max(c.settled_at) desc limit $2)
      select count(*)::int as count, percentile_cont(0.5) within group (order by ms)::float8 as "medianMs",
        percentile_cont(0.9) within group (order by ms)::float8 as "p90Ms",
        array[count(*) filter (where ms < 1000), count(*) filter (where ms >= 1000 and ms < 10000),
          count(*) filter (where ms >= 10000 and ms < 60000), count(*) filter (where ms >= 60000 and ms < 3600000),
          count(*) filter (where ms >= 3600000)]::int[] as counts
      from taken`,
    values: [since, most],
  });
  return row!;
}

/** What people were asked for one reason. */
export type CauseRow = {
  readonly domain: string;
  readonly queue: string;
  readonly reason: string;
  readonly opened: number;
  readonly waiting: number;
  /** How long they all waited together, in milliseconds: up to their decision, or up to now. */
  readonly waitedMs: number;
};

export const countCauses = (db: Queryable, since: Date, now: Date, most: number): Promise<CauseRow[]> =>
  db.query({
    name: "monitor.causes",
    text: `select domain, queue, reason, count(*)::int as opened,
        (count(*) filter (where state in ('open', 'claimed')))::int as waiting,
        (sum(extract(epoch from coalesce(closed.at, $3) - opened_at)) * 1000)::float8 as "waitedMs"
      from work.item left join lateral (select max(h.at) as at from work.history h
        where h.item_id = id and h.deed in ('decided', 'expired', 'withdrawn')) closed on true
      where opened_at >= $1 group by domain, queue, reason order by count(*) desc, reason limit $2`,
    values: [since, most, now],
  });

/** Why messages stopped, and how many of them still are. */
export const countStopped = (
  db: Queryable,
  since: Date,
  most: number,
): Promise<{ reason: string; stopped: number; dead: number }[]> =>
  db.query({
    name: "monitor.stopped",
    text: `select coalesce(reason, 'UNKNOWN') as reason, count(*)::int as stopped, (count(*) filter (where state = 'dead'))::int as dead
      from backbone.parked where state in ('dead', 'dismissing', 'dismissed') and parked_at >= $1
      group by 1 order by count(*) desc, 1 limit $2`,
    values: [since, most],
  });

/** What is counted of an intake `i` between two instants, `$1` and `$2`; of what was written, that which took `$6` to `$7` milliseconds. */
const MARKED = {
  written: `i.journey_id in (select c.journey_id from writeback.change c join channels.intake r on r.journey_id = c.journey_id
    where c.settled_at >= $1 and c.settled_at < $2 group by c.journey_id, r.received_at
    having extract(epoch from max(c.settled_at) - r.received_at) * 1000 >= $6
      and extract(epoch from max(c.settled_at) - r.received_at) * 1000 < $7)`,
  failed: `((i.faults is not null and i.received_at >= $1 and i.received_at < $2) or i.journey_id in (
    select p.journey_id from backbone.parked p where p.state = 'dead' and p.parked_at >= $1 and p.parked_at < $2))`,
  journeys: `i.received_at >= $1 and i.received_at < $2 and ${GOES_ON}`,
  unaided: `i.received_at >= $1 and i.received_at < $2 and ${GOES_ON} and ${IS_RIGHT}`,
  aided: `i.received_at >= $1 and i.received_at < $2 and ${GOES_ON} and not ${IS_RIGHT}`,
} as const;

/** What journeys may be counted by. */
export type Counted = keyof typeof MARKED;
/** What is counted at the moment when a journey begins. */
const begins: ReadonlySet<Counted> = new Set(["journeys", "unaided", "aided"]);

/** Journeys that were counted by something between two instants, newest first. */
export const readCounted = (
  db: Queryable,
  by: Counted,
  {
    since,
    from,
    until,
    channel,
    before,
    most,
    tookMs: [least, below],
  }: {
    readonly since: Date;
    /** The least id of a journey that can have come since then: where only those count, the rest is not looked at. */
    readonly from: string;
    readonly until: Date | undefined;
    readonly channel: string | undefined;
    readonly before: string | undefined;
    readonly most: number;
    readonly tookMs: readonly [least: number, below: number];
  },
): Promise<{ id: string }[]> =>
  db.query({
    text: `select i.journey_id as id from channels.intake i
      where ($3::text is null or i.channel = $3) and ($4::uuid is null or i.journey_id < $4)
        and ($8::uuid is null or i.journey_id >= $8) and $6::float8 <= $7::float8 and ${MARKED[by]} order by i.journey_id desc limit $5`,
    values: [
      since,
      until ?? "infinity",
      channel ?? null,
      before ?? null,
      most,
      least,
      below,
      begins.has(by) ? from : null,
    ],
  });

/** Which letters: of a channel, a queue, a reason; those that are dead, or those that wait for their next attempt. */
export type LetterQuery = {
  readonly channel?: string | undefined;
  readonly subscription?: string | undefined;
  readonly reason?: string | undefined;
  readonly state?: "dead" | "waiting" | undefined;
  readonly behind: LetterPlace | undefined;
  readonly most: number;
};

/** Letters behind a place, newest first. */
export function readDeadLetters(
  db: Queryable,
  { channel, subscription: of, reason, state, behind, most }: LetterQuery,
): Promise<(Parked & { readonly channel: string | null })[]> {
  const values: unknown[] = [most];
  const conditions = [state === "waiting" ? "p.state = 'waiting'" : "p.state = 'dead'"];
  if (of !== undefined) conditions.push(`p.subscription = $${values.push(of)}`);
  if (reason !== undefined) conditions.push(`p.reason = $${values.push(reason)}`);
  if (channel !== undefined) conditions.push(`i.channel = $${values.push(channel)}`);
  if (behind !== undefined) {
    const { position, subscription } = behind;
    conditions.push(`(p.position, p.subscription) < ($${values.push(position)}, $${values.push(subscription)})`);
  }
  return db.query({
    text: `select p.subscription, p.position, p.state, p.session, p.attempt, p.next_at as "nextAt", p.reason, p.description,
        p.parked_at as "parkedAt", p.journey_id as "journeyId", i.channel
      from backbone.parked p left join channels.intake i on i.journey_id = p.journey_id
      where ${conditions.join(" and ")} order by p.position desc, p.subscription desc limit $1`,
    values,
  });
}
