// The end of the log: what came since a position, for whoever tells others that something happened.

import { horizon, type Queryable } from "#kernel/db";
import { storedLeaf } from "./leaf.ts";
import { leavesBetween } from "./store.ts";
import type { StoredLeaf } from "./types.ts";

/** What came since a position. Ask again from `upTo`: nothing will still come before it. */
export type Tail = {
  readonly upTo: number;
  /** In order; the first of them, where there are more than was asked for. */
  readonly leaves: readonly StoredLeaf[];
  readonly isWhole: boolean;
};

/** At most `most` leaves after a position; without one, none: only where the log ends. */
export async function logTail(db: Queryable, after: number | undefined, most: number): Promise<Tail> {
  const upTo = await horizon(db);
  if (after === undefined || after === upTo) return { upTo, leaves: [], isWhole: true };
  // A position beyond the end is of another log: what came since cannot be told.
  if (after > upTo) return { upTo, leaves: [], isWhole: false };
  const rows = await leavesBetween(db, after, upTo, most + 1);
  const leaves = rows.slice(0, most).map(({ position, body }) => storedLeaf(position, body));
  return { upTo, leaves, isWhole: rows.length <= most };
}
