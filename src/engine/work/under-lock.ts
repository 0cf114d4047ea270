// One person's deed on one item: a transaction under the item's lock, and a refusal on record.

import { append } from "#engine/audit";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import * as past from "./history/store.ts";
import * as store from "./store.ts";
import { leafOf } from "./telling.ts";
import type { Decider, Seen } from "./types.ts";

/** Something a person does: the leaf's name, and the action where one is chosen. */
export type Attempt = {
  readonly name: `work.${string}`;
  readonly decider: Decider;
  readonly action?: string;
  readonly seen?: Seen | undefined;
};

/** Runs `work` on the locked item; a refusal is recorded in a transaction of its own, for the first is rolled back. */
export type UnderLock = <T>(
  id: string,
  attempt: Attempt,
  work: (tx: Tx, item: store.ItemRow, at: Date) => Promise<T>,
) => Promise<T>;

export const openLock =
  ({ db, clock }: { readonly db: Db; readonly clock: Clock }): UnderLock =>
  async (id, attempt, work) => {
    let item: store.ItemRow | undefined;
    try {
      return await db.transaction(async (tx) => {
        item = await lockedItem(tx, id, attempt.seen);
        return await work(tx, item, new Date(clock.now()));
      });
    } catch (thrown) {
      const refused = item;
      if (refused && thrown instanceof LockgateError && thrown.code.startsWith("WORK_"))
        await db.transaction((tx) => recordRefusal(tx, refused, attempt, thrown, new Date(clock.now())));
      throw thrown;
    }
  };

/** @throws WORK_UNKNOWN, PRECONDITION_FAILED */
export async function lockedItem(tx: Tx, id: string, seen: Seen | undefined): Promise<store.ItemRow> {
  const item = await store.lockItem(tx, id);
  if (!item) throw new LockgateError("WORK_UNKNOWN", { at: id });
  if (seen && seen.deeds !== (await past.countDeeds(tx, id)))
    throw new LockgateError("PRECONDITION_FAILED", { at: id });
  return item;
}

export function recordRefusal(
  tx: Tx,
  item: store.ItemRow,
  attempt: Attempt,
  { code }: LockgateError,
  at: Date,
): Promise<unknown> {
  // An action that the item does not offer is whatever the request said.
  const known = item.actions.find(({ name }) => name === attempt.action);
  const detail = known ? { action: known.name } : {};
  return append(tx, [leafOf(item, attempt.name, at, "refused", { actor: attempt.decider.name, code, detail })]);
}
