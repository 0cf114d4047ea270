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
 * Renews this node's lease and settles who owns what: partitions of dead consumers and unowned ones are claimed up to
 * a fair share, what is above the share is given up.
 */
export async function claimPartitions(
  tx: Tx,
  subscription: string,
  node: string,
  leaseMs: number,
): Promise<OwnedPartition[]> {
  tx.query({
    name: "backbone.renew",
    text: `insert into backbone.consumer (subscription, node, lease_till) values ($1, $2, now() + $3 * interval '1 ms')
      on conflict (subscription, node) do update set lease_till = excluded.lease_till`,
    values: [subscription, node, leaseMs],
  });
  tx.query({
    name: "backbone.claim",
    text: `with live as (select node from backbone.consumer where subscription = $1 and lease_till > now()),
        share as (select ceil($3::numeric / greatest(count(*), 1))::integer as size from live),
        mine as (select partition, row_number() over (order by partition) as nth from backbone.cursor where subscription = $1 and owner = $2),
        surplus as (select partition from mine, share where nth > size),
        free as (select partition from backbone.cursor where subscription = $1 and (owner is null or owner not in (select node from live))
          order by partition limit (select greatest(size - (select count(*) from mine), 0) from share) for update skip locked)
      update backbone.cursor c
        set owner = case when c.partition in (select partition from free) then $2::uuid end, epoch = epoch + 1
        where c.subscription = $1 and (c.partition in (select partition from free) or c.partition in (select partition from surplus))`,
    values: [subscription, node, PARTITIONS],
  });
  return tx.query<OwnedPartition>({
    name: "backbone.owned",
    text: "select partition, position, epoch from backbone.cursor where subscription = $1 and owner = $2 order by partition",
    values: [subscription, node],
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
