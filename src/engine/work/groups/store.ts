// SQL of groups: jobs, their items, and the lease under which a node works one.

import type { Authority, Lapse } from "#kernel/authority";
import type { Queryable, Tx } from "#kernel/db";
import type { ErrorCode } from "#kernel/errors";
import type { GroupCandidate, GroupFilter, GroupItem, GroupItemState, NewGroup, WorkGroup } from "./types.ts";

const COMMENT = "work.item_group.comment";

/** What waits for one cause; `action`: who has chosen it already. */
export const readCandidates = (
  db: Queryable,
  { domain, queue, reason, title }: GroupFilter,
  action: string | undefined,
  most: number,
): Promise<GroupCandidate[]> =>
  db.query<GroupCandidate>({
    name: "work.group-candidates",
    text: `select i.id, i.digest, i.excluded as proposers, array(select h.by from work.history h
        where h.item_id = i.id and h.deed = 'chose' and h.action = $5) as "chosenBy"
      from work.item i where i.state in ('open', 'claimed') and i.queue = $2 and i.domain = $1 and i.reason = $3 and i.title = $4
      order by i.rank, i.due_at, i.id limit $6`,
    values: [domain, queue, reason, title, action ?? null, most],
  });

export async function insertGroup(
  tx: Tx,
  { id, digest, previewedBy, previewedAt }: Pick<WorkGroup, "id" | "digest" | "previewedBy" | "previewedAt">,
  { domain, queue, reason, title, deed, action, targets }: NewGroup,
): Promise<void> {
  void tx.query({
    name: "work.group-insert",
    text: `insert into work.item_group (id, domain, queue, reason, title, deed, action, digest, targets, previewed_by, previewed_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    values: [id, domain, queue, reason, title, deed, action ?? null, digest, targets.length, previewedBy, previewedAt],
  });
  await tx.query({
    name: "work.group-targets",
    text: `insert into work.group_target (group_id, nth, item_id, digest)
      select $1, nth, item_id, digest from unnest($2::uuid[], $3::text[]) with ordinality as t(item_id, digest, nth)`,
    values: [id, targets.map(({ id: itemId }) => itemId), targets.map(({ digest: shown }) => shown)],
  });
}

/** A job as its row has it: states that no item is in are not counted. */
export type GroupRow = Omit<WorkGroup, "counts"> & {
  readonly counts: { readonly [State in GroupItemState]?: number };
};

const GROUP = `g.id, g.state, g.domain, g.queue, g.reason, g.title, g.deed, g.action, g.targets, g.digest,
  g.previewed_by as "previewedBy", g.previewed_at as "previewedAt", g.started_by as "startedBy", g.started_at as "startedAt",
  g.acting_by as "actingBy", g.lapsed, g.ended_at as "endedAt"`;

export async function readGroup(db: Queryable, id: string): Promise<GroupRow | undefined> {
  const [row] = await db.query<GroupRow>({
    name: "work.group",
    text: `select ${GROUP}, coalesce((select jsonb_object_agg(c.state, c.items) from (select t.state, count(*) as items
        from work.group_target t where t.group_id = g.id group by t.state) c), '{}') as counts
      from work.item_group g where g.id = $1`,
    values: [id],
  });
  return row;
}

export const readTargets = (db: Queryable, id: string, after: number, most: number): Promise<GroupItem[]> =>
  db.query<GroupItem>({
    name: "work.group-items",
    text: `select nth, item_id as "itemId", state, code, settled_at as "settledAt" from work.group_target
      where group_id = $1 and nth > $2 order by nth limit $3`,
    values: [id, after, most],
  });

/** A job locked until the transaction ends. */
export async function lockGroup(
  tx: Tx,
  id: string,
): Promise<Pick<WorkGroup, "state" | "digest" | "targets" | "deed" | "action"> | undefined> {
  const [row] = await tx.query<Pick<WorkGroup, "state" | "digest" | "targets" | "deed" | "action">>({
    name: "work.group-lock",
    text: "select state, digest, targets, deed, action from work.item_group where id = $1 for update",
    values: [id],
  });
  return row;
}

export function startGroup(
  tx: Tx,
  id: string,
  { by, since, comment }: Authority & { readonly comment: string | undefined },
): Promise<unknown> {
  return tx.query({
    text: `update work.item_group set state = 'running', started_by = $2, started_at = $4, comment = $5,
        acting_by = $2, acting_roles = $3, acting_since = $4 where id = $1`,
    values: [id, by.name, by.roles, since, comment === undefined ? null : tx.vault.seal(comment, COMMENT, id)],
  });
}

/** Goes on in somebody's name. */
export function resumeGroup(tx: Tx, id: string, { by, since }: Authority): Promise<unknown> {
  return tx.query({
    text: `update work.item_group set state = 'running', lapsed = null, acting_by = $2, acting_roles = $3, acting_since = $4 where id = $1`,
    values: [id, by.name, by.roles, since],
  });
}

/** `lapsed`: why it was paused by itself. */
export function pauseGroup(tx: Tx, id: string, lapsed: Lapse | null): Promise<unknown> {
  return tx.query({
    text: "update work.item_group set state = 'paused', lapsed = $2 where id = $1",
    values: [id, lapsed],
  });
}

/** Ends a job; what had no turn yet is left. */
export async function endGroup(tx: Tx, id: string, as: "done" | "cancelled", at: Date): Promise<void> {
  void tx.query({
    text: "update work.item_group set state = $2, ended_at = $3, owner = null, lease_till = null where id = $1",
    values: [id, as, at],
  });
  await tx.query({
    text: "update work.group_target set state = 'left' where group_id = $1 and state = 'pending'",
    values: [id],
  });
}

/** A job as the node works it that holds its lease. */
export type GroupAtWork = Pick<WorkGroup, "id" | "deed" | "action"> &
  Authority & { readonly comment: string | undefined };

/** Running jobs of which this node has, or can have, the lease: it is this node's then. */
export async function claimGroups(db: Queryable, node: string, leaseMs: number): Promise<GroupAtWork[]> {
  const rows = await db.query<
    Pick<WorkGroup, "id" | "deed" | "action"> & { name: string; roles: string[]; since: Date; sealed: Buffer | null }
  >({
    name: "work.group-claim",
    text: `update work.item_group set owner = $1, lease_till = clock_timestamp() + make_interval(secs => $2)
      where id in (select id from work.item_group where state = 'running' and (owner = $1 or owner is null or lease_till < now())
        order by id for update skip locked)
      returning id, deed, action, acting_by as name, acting_roles as roles, acting_since as since, comment as sealed`,
    values: [node, leaseMs / 1_000],
  });
  return rows.map(({ id, deed, action, name, roles, since, sealed }) => ({
    id,
    deed,
    action,
    by: { name, roles },
    since,
    comment: sealed === null ? undefined : db.vault.open(sealed, COMMENT, id).toString(),
  }));
}

/** Whether a job is this node's to work at this moment; it stays as it is until the transaction ends. */
export async function isAtWork(tx: Tx, id: string, node: string): Promise<boolean> {
  const rows = await tx.query({
    name: "work.group-at-work",
    text: "select from work.item_group where id = $1 and state = 'running' and owner = $2 for share",
    values: [id, node],
  });
  return rows.length > 0;
}

/** Items whose turn it is. */
export const readNext = (
  db: Queryable,
  id: string,
  most: number,
): Promise<{ nth: number; itemId: string; digest: string }[]> =>
  db.query({
    name: "work.group-next",
    text: `select nth, item_id as "itemId", digest from work.group_target where group_id = $1 and state = 'pending' order by nth limit $2`,
    values: [id, most],
  });

export function settleTarget(
  tx: Tx,
  id: string,
  nth: number,
  { code, at }: { readonly code: ErrorCode | null; readonly at: Date },
): Promise<unknown> {
  return tx.query({
    name: "work.group-settle",
    text: `update work.group_target set state = case when $3::text is null then 'done' else 'refused' end, code = $3, settled_at = $4
      where group_id = $1 and nth = $2 and state = 'pending'`,
    values: [id, nth, code, at],
  });
}

/** Lets go of what a node holds that stops. */
export const releaseGroups = (db: Queryable, node: string): Promise<unknown> =>
  db.query({ text: "update work.item_group set owner = null, lease_till = null where owner = $1", values: [node] });

/** Drops previews that nobody started. */
export const forgetPreviews = (db: Queryable, before: Date): Promise<unknown> =>
  db.query({ text: "delete from work.item_group where state = 'previewed' and previewed_at < $1", values: [before] });
