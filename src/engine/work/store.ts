// All SQL of work items. Instants come from the caller's clock.

import type { Queryable, Tx } from "#kernel/db";
import type { Action, Criticality, Item, ItemSummary, NewItem } from "./types.ts";

/** An item as it stands in its row. `content` is canonical JSON. */
export type ItemRow = ItemSummary & {
  readonly content: string;
  readonly tried: readonly string[];
  readonly excluded: readonly string[];
  readonly subject: string | undefined;
  readonly replySession: string;
  readonly replyContext: unknown;
};

/** One deed to record. */
export type Deed = {
  readonly itemId: string;
  readonly at: Date;
  readonly deed: Item["history"][number]["deed"];
  readonly by?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly action?: string | undefined;
  readonly comment?: string | undefined;
};

/** Which items, by equality; absent: any. */
export type ItemFilter = {
  readonly id?: string | undefined;
  readonly queue?: string | undefined;
  readonly domain?: string | undefined;
  readonly owner?: string | undefined;
  readonly journeyId?: string | undefined;
};

const SUMMARY = `id, state, owner, queue, domain, reason, criticality, title, journey_id as "journeyId", opened_at as "openedAt",
  due_at as "dueAt", expires_at as "expiresAt", escalated_at as "escalatedAt", digest, actions`;
const WHOLE = `${SUMMARY}, content, tried, excluded, subject, reply_session as "replySession", reply_context as "replyContext"`;
const WAITING = "state in ('open', 'claimed')";
const CLOSED = "state not in ('open', 'claimed')";
const OVERDUE = `${WAITING} and due_at <= $1 and (escalated_at is null or escalated_at < due_at)`;
const EXPIRED = `${WAITING} and expires_at <= $1`;

/** What a column holds as `null` is absent in our types. */
function present<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined])) as Row;
}

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
        excluded, opened_at, due_at, expires_at, reply_session, reply_context)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    values: [
      id,
      item.queue,
      item.domain,
      item.reason,
      item.criticality,
      item.title,
      item.journeyId,
      item.subject ?? null,
      content.text,
      content.digest,
      JSON.stringify(item.tried),
      JSON.stringify(item.actions),
      item.excluded,
      openedAt,
      item.dueAt,
      item.expiresAt ?? null,
      item.reply.session,
      JSON.stringify(item.reply.context ?? null),
    ],
  });
}

/** The item, locked until the transaction ends: what is done to one item is done in turn. */
export async function lockItem(tx: Tx, id: string): Promise<ItemRow | undefined> {
  const [row] = await tx.query<ItemRow>({
    name: "work.lock",
    text: `select ${WHOLE} from work.item where id = $1 for update`,
    values: [id],
  });
  return row && present(row);
}

/** What waits with that subject, locked, in one order for all. */
export async function lockAbout(tx: Tx, subject: string): Promise<ItemRow[]> {
  const rows = await tx.query<ItemRow>({
    name: "work.about",
    text: `select ${WHOLE} from work.item where subject = $1 and ${WAITING} order by id for update`,
    values: [subject],
  });
  return rows.map(present);
}

export async function readItem(db: Queryable, id: string): Promise<ItemRow | undefined> {
  const [row] = await db.query<ItemRow>({
    name: "work.read",
    text: `select ${WHOLE} from work.item where id = $1`,
    values: [id],
  });
  return row && present(row);
}

/** Items of one state, or of all that wait, or of all that are closed: what waits by urgency, what is closed by age. */
export async function listItems(
  db: Queryable,
  state: ItemSummary["state"] | "waiting" | "closed",
  filter: ItemFilter,
  most: number,
): Promise<ItemSummary[]> {
  const waits = state === "waiting" || state === "open" || state === "claimed";
  const columns = { id: "id", queue: "queue", domain: "domain", owner: "owner", journeyId: "journey_id" } as const;
  const wanted = (Object.keys(columns) as (keyof ItemFilter)[]).filter((name) => filter[name] !== undefined);
  const values: unknown[] = [most, ...wanted.map((name) => filter[name])];
  // The predicate of the partial index stands beside a single state, or the planner would not see that it fits.
  const conditions = [waits ? WAITING : CLOSED, ...wanted.map((name, index) => `${columns[name]} = $${index + 2}`)];
  if (state !== "waiting" && state !== "closed") conditions.push(`state = $${values.push(state)}`);
  const rows = await db.query<ItemSummary>({
    text: `select ${SUMMARY} from work.item where ${conditions.join(" and ")}
      order by ${waits ? "rank, due_at, id" : "opened_at desc, id desc"} limit $1`,
    values,
  });
  return rows.map(present);
}

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

export function insertDeed(tx: Tx, { itemId, at, deed, by, roles, action, comment }: Deed): Promise<unknown> {
  return tx.query({
    name: "work.deed",
    text: "insert into work.history (item_id, at, deed, by, roles, action, comment) values ($1, $2, $3, $4, $5, $6, $7)",
    values: [itemId, at, deed, by ?? null, roles ?? null, action ?? null, comment ?? null],
  });
}

export async function readHistory(db: Queryable, itemId: string): Promise<Item["history"]> {
  const rows = await db.query<Item["history"][number]>({
    name: "work.history",
    text: "select at, deed, by, action, comment from work.history where item_id = $1 order by number",
    values: [itemId],
  });
  return rows.map(present);
}

/** Somebody's choice of an action. */
export type Choice = {
  readonly name: string;
  readonly roles: readonly string[];
  readonly at: Date;
  readonly comment: string | undefined;
};

/** Who has chosen `action`, in order. */
export async function readChoices(tx: Queryable, itemId: string, action: Action["name"]): Promise<Choice[]> {
  const rows = await tx.query<Choice>({
    name: "work.choices",
    text: `select by as name, roles, at, comment from work.history
      where item_id = $1 and action = $2 and deed = 'chose' order by number`,
    values: [itemId, action],
  });
  return rows.map(present);
}

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
  const rows = await tx.query<ItemRow>({
    name,
    text: `select ${WHOLE} from work.item where ${which} limit $2 for update skip locked`,
    values: [now, most],
  });
  return rows.map(present);
}
