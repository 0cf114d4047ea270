// What it hangs on who may do something about an item.

import type { Queryable } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import * as past from "./history/store.ts";
import * as store from "./store.ts";
import type { Work } from "./types.ts";

/** So many items are not asked for again. */
const MOST_KNOWN = 10_000;

/**
 * Reads of one node. Where an item belongs and who may not decide it is written at its opening, and the platform has no right to
 * change it after: what was read once is known.
 */
export function openAbout(db: Queryable): Work["about"] {
  const known = new Map<string, store.AboutRow>();
  const read = async (id: string): Promise<store.AboutRow> => {
    const item = await store.readAbout(db, id);
    if (!item) throw new LockgateError("WORK_UNKNOWN", { at: id });
    // Maps keep the order of insertion: the oldest goes first.
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value!);
    known.set(id, item);
    return item;
  };
  return async (id, action) => {
    const { domain, journeyId, excluded: proposers } = known.get(id) ?? (await read(id));
    const chosen = action === undefined ? [] : await past.readChoices(db, id, action);
    const deeds = () => past.countDeeds(db, id);
    return { domain, journeyId, proposers, chosenBy: chosen.map(({ name }) => name), deeds };
  };
}
