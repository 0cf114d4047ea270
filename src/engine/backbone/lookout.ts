// What a node looks for on behalf of all its subscriptions at once: which of them an operator paused, and where something parked is due.

import type { Db } from "#kernel/db";
import { pausedSubscriptions } from "./cursors/store.ts";
import { subscriptionsWithDue } from "./parked/store.ts";

const PAUSE_CHECK_MS = 200;
const DUE_CHECK_MS = 500;

/** The looks of one node. */
export type Lookout = {
  /** Whether an operator paused the subscription, as known within the last moment. */
  isPaused(subscription: string): Promise<boolean>;
  /** Whether something parked has come due in the subscription; each look says so once. */
  isDue(subscription: string): Promise<boolean>;
};

export function lookout(db: Db): Lookout {
  const paused = remembered(PAUSE_CHECK_MS, () => pausedSubscriptions(db));
  const due = remembered(DUE_CHECK_MS, () => subscriptionsWithDue(db));
  return {
    isPaused: async (subscription) => (await paused()).has(subscription),
    isDue: async (subscription) => (await due()).delete(subscription),
  };
}

/** Looks when somebody asks, and answers whoever asks within `forMs` with the same. */
function remembered(forMs: number, look: () => Promise<Set<string>>): () => Promise<Set<string>> {
  let known: Promise<Set<string>> | undefined;
  let knownTill = 0;
  return () => {
    if (known && Date.now() < knownTill) return known;
    knownTill = Date.now() + forMs;
    const looked = look();
    looked.catch(() => {
      if (known === looked) known = undefined;
    });
    known = looked;
    return looked;
  };
}
