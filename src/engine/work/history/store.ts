// SQL of what was done about work items: deeds, choices, comments. Instants come from the caller's clock.

import type { Queryable, Tx } from "#kernel/db";
import { packed } from "#kernel/packed";
import type { Vault } from "#kernel/vault";
import { present } from "../present.ts";
import type { Action, Item } from "../types.ts";

/** One deed to record. */
export type Deed = {
  readonly itemId: string;
  readonly at: Date;
  readonly deed: Item["history"][number]["deed"];
  readonly by?: string | undefined;
  readonly to?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly action?: string | undefined;
  readonly refused?: readonly string[] | undefined;
  readonly comment?: string | undefined;
};

const COMMENT = "work.history.comment";

/** What is said at a deed is bound to the item, the deed and whose it is: its number is not told before it is stored. */
const commentPlace = (itemId: string, deed: string, by: string | null | undefined): string =>
  `${itemId} ${deed} ${by ?? ""}`;
const openComment = (
  vault: Vault,
  itemId: string,
  {
    deed,
    by,
    comment,
  }: { readonly deed: string; readonly by?: string | null | undefined; readonly comment: Buffer | null },
): string | undefined =>
  comment === null ? undefined : vault.open(comment, COMMENT, commentPlace(itemId, deed, by)).toString();

export function insertDeed(
  tx: Tx,
  { itemId, at, deed, by, to, roles, action, refused = [], comment }: Deed,
): Promise<unknown> {
  return tx.query({
    name: "work.deed",
    text: `insert into work.history (item_id, at, deed, by, roles, action, refused, comment, assignee)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      itemId,
      at,
      deed,
      by ?? null,
      roles ?? null,
      action ?? null,
      refused.length === 0 ? null : refused,
      comment === undefined ? null : tx.vault.seal(comment, COMMENT, commentPlace(itemId, deed, by)),
      to ?? null,
    ],
  });
}

/** Comments, in one statement. */
export function insertComments(
  tx: Tx,
  comments: readonly { readonly itemId: string; readonly by: string; readonly comment: string }[],
  at: Date,
): Promise<unknown> {
  const { bytes, offsets, sizes } = packed(
    comments.map(({ itemId, by, comment }) => tx.vault.seal(comment, COMMENT, commentPlace(itemId, "commented", by))),
  );
  return tx.query({
    name: "work.comments",
    text: `insert into work.history (item_id, at, deed, by, comment)
      select c.item_id, $1, 'commented', c.by, substring($2::bytea from c.offset for c.size)
      from unnest(string_to_array($3, ',')::uuid[], $4::text[], $5::integer[], $6::integer[]) as c(item_id, by, "offset", size)`,
    values: [at, bytes, comments.map(({ itemId }) => itemId).join(","), comments.map(({ by }) => by), offsets, sizes],
  });
}

/** How much was done about an item: every deed is one more. */
export async function countDeeds(db: Queryable, itemId: string): Promise<number> {
  const [row] = await db.query<{ deeds: number }>({
    name: "work.deeds",
    text: "select count(*)::integer as deeds from work.history where item_id = $1",
    values: [itemId],
  });
  return row!.deeds;
}

export async function readHistory(db: Queryable, itemId: string): Promise<Item["history"]> {
  const rows = await db.query<Omit<Item["history"][number], "comment"> & { readonly comment: Buffer | null }>({
    name: "work.history",
    text: `select at, deed, by, assignee as "to", action, refused, comment from work.history where item_id = $1 order by number`,
    values: [itemId],
  });
  return rows.map((row) => present({ ...row, comment: openComment(db.vault, itemId, row) }));
}

/** Somebody's choice of an action. */
export type Choice = {
  readonly name: string;
  readonly roles: readonly string[];
  readonly at: Date;
  readonly refused?: readonly string[] | undefined;
  readonly comment: string | undefined;
};

/** The actions by which decided items were decided, by item. */
export async function readDecisions(db: Queryable, itemIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ itemId: string; action: string }>({
    name: "work.decisions",
    text: `select item_id as "itemId", action from work.history where item_id = any($1::uuid[]) and deed = 'decided'`,
    values: [itemIds],
  });
  return new Map(rows.map(({ itemId, action }) => [itemId, action]));
}

/** Who has chosen `action`, in order. */
export async function readChoices(tx: Queryable, itemId: string, action: Action["name"]): Promise<Choice[]> {
  const rows = await tx.query<Omit<Choice, "comment"> & { readonly comment: Buffer | null }>({
    name: "work.choices",
    text: `select by as name, roles, at, refused, comment from work.history
      where item_id = $1 and action = $2 and deed = 'chose' order by number`,
    values: [itemId, action],
  });
  return rows.map((row) =>
    present({ ...row, comment: openComment(tx.vault, itemId, { deed: "chose", by: row.name, comment: row.comment }) }),
  );
}

/** Whether somebody has chosen an action of another item of the journey. */
export async function hasChosenBeside(
  db: Queryable,
  { id, journeyId }: { readonly id: string; readonly journeyId: string },
  name: string,
): Promise<boolean> {
  const [row] = await db.query<{ chosen: boolean }>({
    name: "work.chosen-beside",
    text: `select exists (select from work.history h join work.item i on i.id = h.item_id
      where i.journey_id = $2 and i.id <> $1 and h.deed = 'chose' and h.by = $3) as chosen`,
    values: [id, journeyId, name],
  });
  return row!.chosen;
}
