// Why a subscription takes nothing up at the moment: its target is down.

const LONGEST_HOLD_MS = 15_000;

/**
 * While a target is down, one message at a time is tried, at growing intervals, until one gets through: a day of outage
 * neither parks the whole backlog nor fills the audit with failed attempts.
 */
export function pauses() {
  let heldTill = 0;
  let holds = 0;
  return {
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
