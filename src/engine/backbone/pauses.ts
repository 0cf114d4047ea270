// Why a subscription takes nothing up at the moment: an operator's pause, or a target that is down.

import type { Db } from "#kernel/db";
import { pausedReason } from "./cursors/store.ts";

const PAUSE_CHECK_MS = 200;
const LONGEST_HOLD_MS = 15_000;

/**
 * While a target is down, one message at a time is tried, at growing intervals, until one gets through: a day of outage
 * neither parks the whole backlog nor fills the audit with failed attempts.
 */
export function pauses(db: Db, subscription: string) {
  let isPaused = false;
  let knownTill = 0;
  let heldTill = 0;
  let holds = 0;
  return {
    /** Whether an operator paused the subscription, as known within the last moment. */
    async byOperator(): Promise<boolean> {
      if (Date.now() >= knownTill) {
        isPaused = (await pausedReason(db, subscription)) !== undefined;
        knownTill = Date.now() + PAUSE_CHECK_MS;
      }
      return isPaused;
    },
    /** The target was found down; `forMs` is the least time to leave it alone. */
    hold(forMs: number): void {
      // Several messages in flight find the same outage: it counts once.
      if (Date.now() < heldTill) return;
      heldTill = Date.now() + Math.min(LONGEST_HOLD_MS, forMs * 2 ** Math.min(holds, 10));
      holds += 1;
    },
    /** A message got an answer out of the target. */
    answered(): void {
      holds = 0;
    },
    heldTill: () => heldTill,
    /** How many messages may be taken up now: none, one to try the target with, or as many as fit. */
    room(): "none" | "one" | "any" {
      if (Date.now() < heldTill) return "none";
      return holds > 0 ? "one" : "any";
    },
  };
}
