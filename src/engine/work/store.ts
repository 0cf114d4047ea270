// All SQL of work items. Instants come from the caller's clock.

import type { Queryable, Tx } from "#kernel/db";
import { readTogether } from "#kernel/read-together";
import type { Vault } from "#kernel/vault";
import { present } from "./present.ts";
import { type Criticality, criticalities, type ItemSummary, type NewItem, type WaitingCount } from "./types.ts";

/** An item as it stands in its row. `content` is canonical JSON. */
export type ItemRow = ItemSummary & {
  readonly content: string;
  readonly tried: readonly string[];
  readonly excluded: readonly string[];
  readonly subject: string | undefined;
  readonly blind: boolean;
  readonly replySession: string;
  readonly replyContext: unknown;
};

/** Which items, by equality; absent: any. */
export type ItemFilter = {
  readonly id?: string | undefined;
  readonly queue?: string | undefined;
  /** One of them. */
  readonly domains?: readonly string[] | undefined;
  readonly owner?: string | undefined;
  readonly journeyId?: string | undefined;
  readonly reason?: string | undefined;
  /** Opened at that instant or later. */
  readonly since?: Date | undefined;
};

const SUMMARY = `id, state, owner, queue, domain, reason, criticality, title, journey_id as "journeyId", opened_at as "openedAt",
  due_at as "dueAt", expires_at as "expiresAt", escalated_at as "escalatedAt", inquired_at as "inquiredAt",
  inquired_by as "inquiredBy", digest, actions`;
const WHOLE = `${SUMMARY}, content, tried, excluded, subject, blind, reply_session as "replySession", reply_context as "replyContext"`;
const WAITING = "state in ('open', 'claimed')";
const CLOSED = "state not in ('open', 'claimed')";
const OVERDUE = `${WAITING} and due_at <= $1 and (escalated_at is null or escalated_at < due_at)`;
const EXPIRED = `${WAITING} and expires_at <= $1`;

const CONTENT = "work.item.content";
const CONTEXT = "work.item.reply_context";

type StoredItem = Omit<ItemRow, "content" | "replyContext"> & {
  readonly content: Buffer;
  readonly replyContext: Buffer;
};

const wholeItem = (vault: Vault, row: StoredItem): ItemRow =>
  present({
    ...row,
    content: vault.open(row.content, CONTENT, row.id).toString(),
    replyContext: JSON.parse(vault.open(row.replyContext, CONTEXT, row.id).toString()) as unknown,
  });

export function insertItem(
  tx: Tx,
  id: string,
  item: NewItem,
  content: { readonly text: string; readonly digest: string },
  openedAt: Date,
): Promise<unknown> {
  return tx.query({
    name: "work.open",
    text: `insert into work.item (id, queue, domain, reason, criticality, title, journey_id, subject, content, digest, tried, actions,
        excluded, opened_at, due_at, expires_at, reply_session, reply_context, blind)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    values: [
      id,
      item.queue,
      item.domain,
      item.reason,
      item.criticality,
      item.title,
      item.journeyId,
      item.subject ?? null,
      tx.vault.seal(content.text, CONTENT, id),
      content.digest,
      JSON.stringify(item.tried),
      JSON.stringify(item.actions),
      item.excluded,
      openedAt,
      item.dueAt,
      item.expiresAt ?? null,
      item.reply.session,
      tx.vault.seal(JSON.stringify(item.reply.context ?? null), CONTEXT, id),
      item.blind ?? false,
    ],
  });
}

/** The item, locked until the transaction ends: what is done to one item is done in turn. */
export async function lockItem(tx: Tx, id: string): Promise<ItemRow | undefined> {
  const [row] = await tx.query<StoredItem>({
    name: "work.lock",
    text: `select ${WHOLE} from work.item where id = $1 for update`,
    values: [id],
  });
  return row && wholeItem(tx.vault, row);
}

/** What waits with that subject, locked, in one order for all. */
export async function lockAbout(tx: Tx, subject: string): Promise<ItemRow[]> {
  const rows = await tx.query<StoredItem>({
    name: "work.about",
    text: `select ${WHOLE} from work.item where subject = $1 and ${WAITING} order by id for update`,
    values: [subject],
  });
  return rows.map((row) => wholeItem(tx.vault, row));
}

/** What a comment needs to know of its item. */
export type CommentedItem = Pick<ItemSummary, "id" | "state" | "queue" | "journeyId" | "expiresAt" | "digest">;

/** Items by id, as far as comments need them; locked in one order for all. */
export async function lockItems(tx: Tx, ids: readonly string[]): Promise<Map<string, CommentedItem>> {
  const rows = await tx.query<CommentedItem>({
    name: "work.lock-all",
    text: `select id, state, queue, journey_id as "journeyId", expires_at as "expiresAt", digest
      from work.item where id = any(string_to_array($1, ',')::uuid[]) order by id for update`,
    // One text costs less than a list, of which each would be quoted.
    values: [[...new Set(ids)].join(",")],
  });
  return new Map(rows.map((row) => [row.id, { ...row, expiresAt: row.expiresAt ?? undefined }]));
}

/** What a decision on access hangs on. */
export type AboutRow = Pick<ItemRow, "id" | "domain" | "journeyId" | "excluded">;

const everyAbout = readTogether((db, ids: readonly string[]) =>
  db.query<AboutRow>({
    name: "work.about-all",
    text: `select id, domain, journey_id as "journeyId", excluded from work.item where id = any($1)`,
    values: [ids],
  }),
);

export const readAbout = async (db: Queryable, id: string): Promise<AboutRow | undefined> =>
  (await everyAbout(db, id)).find((row) => row.id === id);

export async function readItem(db: Queryable, id: string): Promise<ItemRow | undefined> {
  const [row] = await db.query<StoredItem>({
    name: "work.read",
    text: `select ${WHOLE} from work.item where id = $1`,
    values: [id],
  });
  return row && wholeItem(db.vault, row);
}

/** Where an item stands in a list: what lists go by. */
export type ListPlace = Pick<ItemSummary, "id" | "criticality" | "dueAt" | "openedAt">;

/** Items of one state, or of all that wait, or of all that are closed: what waits by urgency, what is closed by age. */
export async function listItems(
  db: Queryable,
  state: ItemSummary["state"] | "waiting" | "closed",
  filter: ItemFilter,
  most: number,
  behind?: ListPlace,
): Promise<ItemSummary[]> {
  const waits = state === "waiting" || state === "open" || state === "claimed";
  const columns = { id: "id", queue: "queue", owner: "owner", journeyId: "journey_id", reason: "reason" } as const;
  const wanted = (Object.keys(columns) as (keyof typeof columns)[]).filter((name) => filter[name] !== undefined);
  const values: unknown[] = [most, ...wanted.map((name) => filter[name])];
  // The predicate of the partial index stands beside a single state, or the planner would not see that it fits.
  const conditions = [waits ? WAITING : CLOSED, ...wanted.map((name, index) => `${columns[name]} = $${index + 2}`)];
  if (filter.domains) conditions.push(`domain = any($${values.push(filter.domains)}::text[])`);
  if (filter.since) conditions.push(`opened_at >= $${values.push(filter.since)}`);
  if (state !== "waiting" && state !== "closed") conditions.push(`state = $${values.push(state)}`);
  if (behind) {
    const { id, dueAt, openedAt } = behind;
    const rank = criticalities.indexOf(behind.criticality) + 1;
    conditions.push(
      waits
        ? `(rank, due_at, id) > ($${values.push(rank)}, $${values.push(dueAt)}, $${values.push(id)})`
        : `(opened_at, id) < ($${values.push(openedAt)}, $${values.push(id)})`,
    );
  }
  const rows = await db.query<ItemSummary>({
    text: `select ${SUMMARY} from work.item where ${conditions.join(" and ")}
      order by ${waits ? "rank, due_at, id" : "opened_at desc, id desc"} limit $1`,
    values,
  });
  return rows.map(present);
}

/** What waits, by domain. */
export const countWaiting = (db: Queryable, now: Date): Promise<WaitingCount[]> =>
  db.query({
    name: "work.count-waiting",
    text: `select domain, count(*)::integer as waiting, (count(*) filter (where due_at < $1))::integer as overdue,
        min(opened_at) as "oldestAt"
      from work.item where ${WAITING} group by domain order by domain`,
    values: [now],
  });

/** What waits in one queue, by subject. */
export const countAbout = (db: Queryable, queue: string): Promise<{ subject: string; waiting: number }[]> =>
  db.query({
    text: `select subject, count(*)::integer as waiting from work.item
      where ${WAITING} and queue = $1 and subject is not null group by subject order by subject`,
    values: [queue],
  });

/** A change of state; `owner` absent: stays. */
export function setState(tx: Tx, id: string, state: ItemSummary["state"], owner?: string | null): Promise<unknown> {
  return owner === undefined
    ? tx.query({ name: "work.close", text: "update work.item set state = $2 where id = $1", values: [id, state] })
    : tx.query({
        name: "work.own",
        text: "update work.item set state = $2, owner = $3 where id = $1",
        values: [id, state, owner],
      });
}

export function raiseItem(tx: Tx, id: string, criticality: Criticality, at: Date): Promise<unknown> {
  return tx.query({
    name: "work.raise",
    text: "update work.item set criticality = $2, escalated_at = $3 where id = $1",
    values: [id, criticality, at],
  });
}

/** An item that waits for more information. */
export function setInquired(
  tx: Tx,
  id: string,
  { at, by, dueAt }: { readonly at: Date; readonly by: string; readonly dueAt: Date },
): Promise<unknown> {
  return tx.query({
    name: "work.inquired",
    text: "update work.item set inquired_at = $2, inquired_by = $3, due_at = $4 where id = $1",
    values: [id, at, by, dueAt],
  });
}

/** What waits on these journeys and is to be decided blind: who may not, and what may be chosen. */
export const readBlind = (
  db: Queryable,
  journeyIds: readonly string[],
): Promise<Pick<ItemRow, "journeyId" | "actions" | "excluded">[]> =>
  db.query({
    name: "work.blind",
    text: `select journey_id as "journeyId", actions, excluded from work.item
      where journey_id = any($1) and blind and ${WAITING}`,
    values: [journeyIds],
  });

/** Whether anything is to be closed or escalated at `now`. */
export async function hasLate(db: Queryable, now: Date): Promise<boolean> {
  const [row] = await db.query<{ late: boolean }>({
    name: "work.has-late",
    text: `select exists (select from work.item where ${EXPIRED}) or exists (select from work.item where ${OVERDUE}) as late`,
    values: [now],
  });
  return row!.late;
}

/** Items past their end, locked; those that somebody is at work on are left for the next time. */
export const lockExpired = (tx: Tx, now: Date, most: number): Promise<ItemRow[]> =>
  lockLate(tx, "work.expired", `${EXPIRED} order by expires_at`, now, most);

/** Items past their due time that were not escalated since, locked; as `lockExpired`. */
export const lockOverdue = (tx: Tx, now: Date, most: number): Promise<ItemRow[]> =>
  lockLate(tx, "work.overdue", `${OVERDUE} order by due_at`, now, most);

async function lockLate(tx: Tx, name: string, which: string, now: Date, most: number): Promise<ItemRow[]> {
  const rows = await tx.query<StoredItem>({
    name,
    text: `select ${WHOLE} from work.item where ${which} limit $2 for update skip locked`,
    values: [now, most],
  });
  return rows.map((row) => wholeItem(tx.vault, row));
}
