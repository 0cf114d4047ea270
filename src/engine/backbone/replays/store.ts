// SQL of replays: jobs, their letters, and the lease under which a node works one.

import type { Authority, Lapse } from "#kernel/authority";
import type { Queryable, Tx } from "#kernel/db";
import type { Replay, ReplayFilter, ReplayItem, ReplayItemState } from "./types.ts";

/** A letter that a job is about, before it has a place in it. */
export type Target = Pick<ReplayItem, "subscription" | "position" | "journeyId" | "code">;

/** The dead letters that a filter means, by position. */
export function readTargets(db: Queryable, filter: ReplayFilter): Promise<Target[]> {
  return db.query<Target>({
    name: "backbone.replay-targets",
    text: `select subscription, position, journey_id as "journeyId", reason as code from backbone.parked
      where state = 'dead' and ($1::text is null or subscription = $1) and ($2::text is null or reason = $2)
        and ($3::timestamptz is null or parked_at >= $3) and ($4::timestamptz is null or parked_at < $4)
        and ($5::text[] is null or (subscription, position) in (select * from unnest($5::text[], $6::bigint[])))
      order by position, subscription limit $7`,
    values: [
      filter.subscription ?? null,
      filter.code ?? null,
      filter.since ?? null,
      filter.until ?? null,
      filter.ids?.map(({ subscription }) => subscription) ?? null,
      filter.ids?.map(({ position }) => position) ?? null,
      filter.most,
    ],
  });
}

export async function insertReplay(
  tx: Tx,
  replay: Pick<Replay, "id" | "digest" | "previewedBy" | "previewedAt">,
  filter: ReplayFilter,
  targets: readonly Target[],
): Promise<void> {
  void tx.query({
    name: "backbone.replay-insert",
    text: `insert into backbone.replay (id, filter, digest, targets, previewed_by, previewed_at)
      values ($1, $2, decode($3, 'hex'), $4, $5, $6)`,
    values: [replay.id, JSON.stringify(filter), replay.digest, targets.length, replay.previewedBy, replay.previewedAt],
  });
  await tx.query({
    name: "backbone.replay-items",
    text: `insert into backbone.replay_item (replay_id, nth, subscription, position, journey_id, code)
      select $1, nth, subscription, position, journey_id, code
      from unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[])
        with ordinality as t(subscription, position, journey_id, code, nth)`,
    values: [
      replay.id,
      targets.map(({ subscription }) => subscription),
      targets.map(({ position }) => position),
      targets.map(({ journeyId }) => journeyId),
      targets.map(({ code }) => code),
    ],
  });
}

const REPLAY = `r.id, r.state, r.targets, encode(r.digest, 'hex') as digest, r.previewed_by as "previewedBy",
  r.previewed_at as "previewedAt", r.started_by as "startedBy", r.started_at as "startedAt", r.acting_by as "actingBy", r.lapsed,
  r.per_second as "perSecond", r.reason, r.ended_at as "endedAt",
  coalesce((select jsonb_object_agg(c.state, c.letters) from (select i.state, count(*) as letters from backbone.replay_item i
    where i.replay_id = r.id group by i.state) c), '{}') as counts`;

/** A job as its row has it: states that no letter is in are not counted. */
export type ReplayRow = Omit<Replay, "counts"> & {
  readonly counts: { readonly [State in ReplayItemState]?: number };
};

export async function readReplay(db: Queryable, id: string): Promise<ReplayRow | undefined> {
  const [row] = await db.query<ReplayRow>({
    text: `select ${REPLAY} from backbone.replay r where r.id = $1`,
    values: [id],
  });
  return row;
}

export function listReplays(db: Queryable, most: number): Promise<ReplayRow[]> {
  return db.query<ReplayRow>({
    text: `select ${REPLAY} from backbone.replay r order by r.previewed_at desc, r.id desc limit $1`,
    values: [most],
  });
}

export function readItems(
  db: Queryable,
  id: string,
  after: number,
  most: number,
  state: ReplayItemState | undefined,
): Promise<ReplayItem[]> {
  return db.query<ReplayItem>({
    text: `select nth, subscription, position, journey_id as "journeyId", code, state, replayed_at as "replayedAt",
        settled_at as "settledAt", failed_code as "failedCode"
      from backbone.replay_item where replay_id = $1 and nth > $2 and ($4::text is null or state = $4) order by nth limit $3`,
    values: [id, after, most, state ?? null],
  });
}

/** The state of a job and the digest of its targets, locked until the transaction ends. */
export async function lockReplay(
  tx: Tx,
  id: string,
): Promise<Pick<Replay, "state" | "digest" | "targets"> | undefined> {
  const [row] = await tx.query<Pick<Replay, "state" | "digest" | "targets">>({
    name: "backbone.replay-lock",
    text: "select state, encode(digest, 'hex') as digest, targets from backbone.replay where id = $1 for update",
    values: [id],
  });
  return row;
}

export async function startReplay(
  tx: Tx,
  id: string,
  { perSecond, reason, by, since }: Authority & { readonly perSecond: number; readonly reason: string },
): Promise<void> {
  await tx.query({
    text: `update backbone.replay set state = 'running', per_second = $2, reason = $3, started_by = $4, started_at = $6,
        acting_by = $4, acting_roles = $5, acting_since = $6 where id = $1`,
    values: [id, perSecond, reason, by.name, by.roles, since],
  });
}

/** Goes on in somebody's name. */
export async function resumeReplay(tx: Tx, id: string, { by, since }: Authority): Promise<void> {
  await tx.query({
    text: `update backbone.replay set state = 'running', lapsed = null, acting_by = $2, acting_roles = $3, acting_since = $4 where id = $1`,
    values: [id, by.name, by.roles, since],
  });
}

/** `lapsed`: why it was paused by itself. */
export async function pauseReplay(tx: Tx, id: string, lapsed: Lapse | null): Promise<void> {
  await tx.query({
    text: "update backbone.replay set state = 'paused', lapsed = $2 where id = $1",
    values: [id, lapsed],
  });
}

/** Ends a job; what had no turn yet is left. */
export async function cancelReplay(tx: Tx, id: string): Promise<void> {
  void tx.query({ text: "update backbone.replay set state = 'cancelled' where id = $1", values: [id] });
  await tx.query({
    text: "update backbone.replay_item set state = 'left' where replay_id = $1 and state = 'pending'",
    values: [id],
  });
}

/** A job as the node works it that holds its lease. */
export type ReplayAtWork = Pick<Replay, "id" | "state"> & Authority & { readonly perSecond: number };

/** Jobs that this node may work: its own, and those whose lease has run out. Their leases are its own then. */
export async function claimReplays(db: Queryable, node: string, leaseMs: number): Promise<ReplayAtWork[]> {
  const rows = await db.query<Omit<ReplayAtWork, "by"> & { name: string; roles: string[] }>({
    name: "backbone.replay-claim",
    text: `update backbone.replay r set owner = $1, lease_till = now() + $2 * interval '1 ms'
      where r.id in (select id from backbone.replay
        where state in ('running', 'paused', 'cancelled') and ended_at is null
          and (owner is null or owner = $1 or lease_till <= now())
        order by id for update skip locked)
      returning r.id, r.state, r.per_second as "perSecond", r.acting_by as name, r.acting_roles as roles, r.acting_since as since`,
    values: [node, leaseMs],
  });
  return rows.map(({ name, roles, ...job }) => ({ ...job, by: { name, roles } }));
}

/** Whether this node may take up letters of a job now; the job stays locked until the transaction ends. */
export async function holds(tx: Tx, id: string, node: string): Promise<boolean> {
  const rows = await tx.query({
    name: "backbone.replay-holds",
    text: "select from backbone.replay where id = $1 and owner = $2 and state = 'running' and lease_till > now() for update",
    values: [id, node],
  });
  return rows.length > 0;
}

/** A letter that was taken up, and whether it was a dead letter still. */
export type TakenUp = Pick<ReplayItem, "nth" | "subscription" | "journeyId"> & { readonly state: "replayed" | "gone" };

/** Tries the next letters again, in their old places in their sessions; whatever is no dead letter any more is gone. */
export function takeUp(tx: Tx, id: string, most: number, at: Date): Promise<TakenUp[]> {
  return tx.query<TakenUp>({
    name: "backbone.replay-take-up",
    text: `with next as (
        select nth, subscription, position from backbone.replay_item where replay_id = $1 and state = 'pending' order by nth limit $2),
      tried as (
        update backbone.parked p set state = 'waiting', attempt = 0, next_at = now() from next n
        where p.subscription = n.subscription and p.position = n.position and p.state = 'dead'
        returning p.subscription, p.position)
      update backbone.replay_item i
        set state = case when t.position is null then 'gone' else 'replayed' end, replayed_at = $3,
          settled_at = case when t.position is null then $3::timestamptz end
        from next n left join tried t using (subscription, position)
        where i.replay_id = $1 and i.nth = n.nth
        returning i.nth, i.subscription, i.journey_id as "journeyId", i.state`,
    values: [id, most, at],
  });
}

/** Notes what became of letters that were tried again. @returns how many of the job still wait for a turn or an end */
export async function settleItems(tx: Tx, id: string, at: Date): Promise<number> {
  void tx.query({
    name: "backbone.replay-settle",
    text: `update backbone.replay_item i
      set state = case when e.state is null then 'through' when e.state = 'dead' then 'failed' else 'gone' end,
        failed_code = case when e.state = 'dead' then e.reason end, settled_at = $2
      from (select o.nth, p.state, p.reason from backbone.replay_item o
        left join backbone.parked p on p.subscription = o.subscription and p.position = o.position
        where o.replay_id = $1 and o.state = 'replayed' and (p.state is null or p.state <> 'waiting')) e
      where i.replay_id = $1 and i.nth = e.nth`,
    values: [id, at],
  });
  const [row] = await tx.query<{ left: number }>({
    name: "backbone.replay-left",
    text: `select count(*) as left from backbone.replay_item where replay_id = $1 and state in ('pending', 'replayed')`,
    values: [id],
  });
  return row!.left;
}

/** Ends a job of which nothing is left; one that was cancelled stays so. */
export async function endReplay(tx: Tx, id: string, at: Date): Promise<boolean> {
  const rows = await tx.query({
    name: "backbone.replay-end",
    text: `update backbone.replay set ended_at = $2, owner = null, lease_till = null,
        state = case when state = 'cancelled' then state else 'done' end
      where id = $1 and ended_at is null returning id`,
    values: [id, at],
  });
  return rows.length > 0;
}

/** Gives up the leases of a node that stops, so that another need not wait for them to run out. */
export async function releaseReplays(db: Queryable, node: string): Promise<void> {
  await db.query({
    text: "update backbone.replay set owner = null, lease_till = null where owner = $1",
    values: [node],
  });
}

/** Drops previews that nobody started, and jobs that ended long ago. */
export async function forgetReplays(db: Queryable, previewedBefore: Date, endedBefore: Date): Promise<void> {
  await db.query({
    text: `delete from backbone.replay where (state = 'previewed' and previewed_at < $1) or ended_at < $2`,
    values: [previewedBefore, endedBefore],
  });
}
