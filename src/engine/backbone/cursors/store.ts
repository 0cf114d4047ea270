// SQL of subscriptions: cursors, leases, pauses and replay.

import type { Queryable, Tx } from "#kernel/db";
import { PARTITIONS } from "../envelope.ts";

/** Registers a subscription with a cursor per partition; leaves an existing one as it is. */
export async function createSubscription(
  tx: Tx,
  name: string,
  topic: number,
  from: "beginning" | "now",
): Promise<void> {
  await tx.query({
    text: `with made as (insert into backbone.subscription (name, topic) values ($1, $2) on conflict do nothing returning name)
      insert into backbone.cursor (subscription, partition, position)
      select name, p, case when $3 = 'now' then (select last_value from kernel.position) else 0 end
      from made, generate_series(0, $4::integer - 1) as p`,
    values: [name, topic, from, PARTITIONS],
  });
}

/** A partition that this node may move, from which position and under which epoch. */
export type OwnedPartition = { partition: number; position: number; epoch: number };

/**
 * Renews this node's leases and settles who owns what of each subscription: partitions of dead consumers and unowned ones are
 * claimed up to a fair share, what is above the share is given up.
 */
export async function claimPartitions(
  tx: Tx,
  subscriptions: readonly string[],
  node: string,
  leaseMs: number,
): Promise<(OwnedPartition & { subscription: string })[]> {
  tx.query({
    name: "backbone.renew",
    text: `insert into backbone.consumer (subscription, node, lease_till)
      select name, $2, now() + $3 * interval '1 ms' from unnest($1::text[]) as name
      on conflict (subscription, node) do update set lease_till = excluded.lease_till`,
    values: [subscriptions, node, leaseMs],
  });
  tx.query({
    name: "backbone.claim",
    text: `with live as (select subscription, node from backbone.consumer where subscription = any($1) and lease_till > now()),
        share as (select subscription, ceil($3::numeric / count(*))::integer as size from live group by subscription),
        mine as (select subscription, partition, row_number() over (partition by subscription order by partition) as nth
          from backbone.cursor where subscription = any($1) and owner = $2),
        surplus as (select subscription, partition from mine join share using (subscription) where nth > size),
        free as (select f.subscription, f.partition from share s cross join lateral (
          select c.subscription, c.partition from backbone.cursor c where c.subscription = s.subscription
            and (c.owner is null or c.owner not in (select l.node from live l where l.subscription = s.subscription))
          order by c.partition limit greatest(s.size - (select count(*) from mine m where m.subscription = s.subscription), 0)
          for update skip locked) f),
        moving as (select *, $2::uuid as owner from free union all select *, null from surplus)
      update backbone.cursor c set owner = m.owner, epoch = c.epoch + 1
        from moving m where c.subscription = m.subscription and c.partition = m.partition`,
    values: [subscriptions, node, PARTITIONS],
  });
  return tx.query({
    name: "backbone.owned",
    text: `select subscription, partition, position, epoch from backbone.cursor
      where subscription = any($1) and owner = $2 order by subscription, partition`,
    values: [subscriptions, node],
  });
}

/** Gives up all partitions and the lease, so that another node need not wait for it to run out. */
export async function releasePartitions(tx: Tx, subscription: string, node: string): Promise<void> {
  tx.query({
    text: "update backbone.cursor set owner = null, epoch = epoch + 1 where subscription = $1 and owner = $2",
    values: [subscription, node],
  });
  await tx.query({
    text: "delete from backbone.consumer where subscription = $1 and node = $2",
    values: [subscription, node],
  });
}

/** Moves cursors under their epochs; raises LG001 when any of them has a new owner. */
export function advance(tx: Tx, subscription: string, moves: readonly OwnedPartition[]): Promise<unknown> {
  return tx.query({
    name: "backbone.advance",
    text: "select backbone.advance($1, $2, $3, $4)",
    values: [subscription, moves.map((m) => m.partition), moves.map((m) => m.position), moves.map((m) => m.epoch)],
  });
}

/** Whether any other node takes part in anything: then it is worth telling it what is new. */
export async function hasOtherNodes(db: Queryable, node: string): Promise<boolean> {
  const [row] = await db.query<{ others: boolean }>({
    name: "backbone.others",
    text: "select exists (select from backbone.consumer where node <> $1 and lease_till > now()) as others",
    values: [node],
  });
  return row!.others;
}

/** The subscriptions that an operator paused. */
export async function pausedSubscriptions(db: Queryable): Promise<Set<string>> {
  const rows = await db.query<{ name: string }>({
    name: "backbone.paused",
    text: "select name from backbone.subscription where paused_reason is not null",
  });
  return new Set(rows.map(({ name }) => name));
}

export async function setPaused(db: Queryable, subscription: string, reason: string | null): Promise<boolean> {
  const rows = await db.query({
    text: "update backbone.subscription set paused_reason = $2 where name = $1 returning name",
    values: [subscription, reason],
  });
  return rows.length > 0;
}

/**
 * Sets every cursor of a subscription back (or on) to just before the first message at or after `from`. What is parked
 * beyond that point comes again from the log, so it is taken out of the parked ones.
 */
export async function resetCursors(tx: Tx, subscription: string, from: Date): Promise<void> {
  await tx.query({
    text: `update backbone.cursor c set epoch = epoch + 1, owner = null, position = coalesce((
        select min(l.position) - 1 from backbone.log l join backbone.subscription s on s.topic = l.topic
        where s.name = $1 and l.partition = c.partition and l.at >= $2), c.position)
      where c.subscription = $1`,
    values: [subscription, from],
  });
  await tx.query({
    text: `delete from backbone.parked p using backbone.cursor c, backbone.subscription s, backbone.log l
      where p.subscription = $1 and p.state <> 'dismissed' and c.subscription = $1 and c.partition = p.partition and p.position > c.position
        and s.name = $1 and l.topic = s.topic and l.partition = p.partition and l.position = p.position`,
    values: [subscription],
  });
}

/** Nodes whose leases hold, with what they work. */
export const readLeases = (
  db: Queryable,
): Promise<{ node: string; subscriptions: number; partitions: number; leaseTill: Date }[]> =>
  db.query({
    name: "backbone.leases",
    text: `select l.node, count(*)::int as subscriptions, min(l.lease_till) as "leaseTill",
        (select count(*)::int from backbone.cursor c where c.owner = l.node) as partitions
      from backbone.consumer l where l.lease_till > now() group by l.node`,
  });
