// Chores that some node must do: release scheduled messages, make room on the log, drop what is old.

import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";
import { hasDue, releaseScheduled, tidy } from "./store.ts";
import type { Wakes } from "./wake.ts";

const RELEASE_EVERY_MS = 200;
const TIDY_EVERY_MS = 15_000;
const MOST_RELEASED = 500;

/**
 * Runs until `signal` aborts. Every node may run it: rows are taken with SKIP LOCKED and blocks under a lock.
 * @param keepMs how long messages stay on the log once every subscription has read them
 */
export async function runChores(
  node: { db: Db; wakes: Wakes; clock: Clock; log: Log; keepMs: number },
  signal: AbortSignal,
): Promise<void> {
  let tidyAt = 0;
  while (!signal.aborted) {
    try {
      if (await hasDue(node.db)) {
        const topics = await node.db.transaction((tx) => releaseScheduled(tx, MOST_RELEASED));
        for (const topic of topics) node.wakes.hint(topic);
      }
      if (node.clock.now() >= tidyAt) {
        await tidy(node.db, node.keepMs);
        tidyAt = node.clock.now() + TIDY_EVERY_MS;
      }
    } catch (error) {
      node.log.warn("backbone chores failed", { error });
    }
    await node.clock.sleep(RELEASE_EVERY_MS, signal);
  }
}
