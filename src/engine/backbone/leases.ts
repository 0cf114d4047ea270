// The leases of a node: all its subscriptions renew theirs at the same instants, in one transaction.

import { commitTogether } from "#kernel/commit-together";
import type { Db } from "#kernel/db";
import { claimPartitions, type OwnedPartition } from "./cursors/store.ts";

const LEASE_MS = 3_000;
const RENEW_EVERY_MS = 1_000;

/** The leases of one node. */
export type Leases = {
  /** Renews the lease of a subscription. @returns the partitions of it that are this node's now */
  renew(subscription: string): Promise<readonly OwnedPartition[]>;
  /** When the leases are to be renewed next, in milliseconds since the Unix epoch: the same instant for all. */
  nextRenewal(): number;
};

export const leases = (db: Db, node: string): Leases => ({
  renew: commitTogether(async (subscriptions) => {
    const owned = await db.transaction((tx) => claimPartitions(tx, [...new Set(subscriptions)], node, LEASE_MS));
    const bySubscription = Map.groupBy(owned, ({ subscription }) => subscription);
    return subscriptions.map((subscription) => bySubscription.get(subscription) ?? []);
  }),
  nextRenewal: () => (Math.floor(Date.now() / RENEW_EVERY_MS) + 1) * RENEW_EVERY_MS,
});
