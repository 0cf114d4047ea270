// What the rest of the platform does with the audit: append leaves, and read those of journeys.

import type { Queryable, Tx } from "#kernel/db";
import { leafBody, storedLeaf } from "./leaf.ts";
import { insertLeaves, type LeafRow, leavesOfJourneys, strandLeavesOfJourneys } from "./store.ts";
import type { Leaf, StoredLeaf } from "./types.ts";

/**
 * Appends leaves in the transaction that does what they record: both are committed or neither is.
 * One statement, whatever their number, which need not be awaited: what cannot be written is told at once.
 * @throws AUDIT_BAD_LEAF when a leaf is over 65,535 bytes or cannot be written as canonical JSON.
 */
export function append(tx: Tx, leaves: readonly Leaf[]): Promise<unknown> {
  if (leaves.length === 0) return Promise.resolve();
  const bodies = leaves.map(leafBody);
  const journeyIds = leaves.map((leaf) => leaf.journeyId ?? "");
  return insertLeaves(tx, journeyIds, bodies);
}

/** The leaves of a journey in the order they were appended: its timeline, and what a proof proves. */
export const journeyLeaves = async (db: Queryable, journeyId: string): Promise<StoredLeaf[]> =>
  byJourney(await leavesOfJourneys(db, [journeyId])).get(journeyId) ?? [];

/** Of the leaves of several journeys, those that open or end a strand, each journey's in order. */
export const strandLeaves = async (
  db: Queryable,
  journeyIds: readonly string[],
): Promise<ReadonlyMap<string, StoredLeaf[]>> => byJourney(await strandLeavesOfJourneys(db, journeyIds));

function byJourney(rows: readonly (LeafRow & { readonly journeyId: string })[]): ReadonlyMap<string, StoredLeaf[]> {
  const leaves = new Map<string, StoredLeaf[]>();
  for (const { journeyId, position, body } of rows) {
    const own = leaves.get(journeyId);
    const leaf = storedLeaf(position, body);
    if (own) own.push(leaf);
    else leaves.set(journeyId, [leaf]);
  }
  return leaves;
}
