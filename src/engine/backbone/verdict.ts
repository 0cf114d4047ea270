// What becomes of a message once its handler has answered: pure judgement, no I/O.

import { asLockgateError, type ErrorCode, LockgateError } from "#kernel/errors";
import type { Effects, Envelope, Handler, RetryPolicy, Settlement } from "./types.ts";

/** The outcome to commit. */
export type Verdict =
  | { readonly kind: "done"; readonly effects: Effects }
  | {
      readonly kind: "park";
      readonly state: "waiting" | "dead";
      /** Attempts made so far, this one included where it counts. */
      readonly attempt: number;
      readonly pauseMs: number;
      readonly reason: ErrorCode | undefined;
      readonly description: string | undefined;
      readonly effects: Effects;
      /** The subscription takes nothing up for this long. */
      readonly holdMs: number;
    };

const NONE: Effects = {};

/** Full jitter: anywhere between nothing and the exponential bound, so that a crowd of retries spreads out. */
export function pauseAfter(attempt: number, retry: RetryPolicy, random = Math.random): number {
  return Math.round(random() * Math.min(retry.longestPauseMs, retry.firstPauseMs * 2 ** (attempt - 1)));
}

function park(state: "waiting" | "dead", attempt: number, pauseMs: number, error?: LockgateError, holdMs = 0): Verdict {
  return {
    kind: "park",
    state,
    attempt,
    pauseMs,
    reason: error?.code,
    description: error?.message,
    effects: NONE,
    holdMs,
  };
}

/** A follower of a message that is parked: it waits without an attempt of its own. */
export const waitBehind: Verdict = park("waiting", 0, 0);

/** A message whose handler is still at work: it is parked so that the cursor need not wait for it. */
export const stillAtWork = (attempt: number): Verdict => park("waiting", attempt, 0);

/** Turns a settlement of the `attempt`-th attempt into what to commit. */
export function judge(settlement: Settlement, attempt: number, retry: RetryPolicy, nowMs: number): Verdict {
  switch (settlement.settle) {
    case "complete":
      return { kind: "done", effects: settlement };
    case "abandon": {
      const { error } = settlement;
      if (attempt >= retry.maxAttempts) return park("dead", attempt, 0, error);
      return park("waiting", attempt, Math.max(error.retryAfterMs ?? 0, pauseAfter(attempt, retry)), error);
    }
    case "defer":
      return park("waiting", attempt - 1, Math.max(0, settlement.till.getTime() - nowMs));
    case "hold":
      return park("waiting", attempt - 1, settlement.forMs, settlement.error, settlement.forMs);
    case "dead-letter":
      return {
        kind: "park",
        state: "dead",
        attempt,
        pauseMs: 0,
        holdMs: 0,
        reason: settlement.reason,
        description: settlement.description,
        effects: { leaves: settlement.leaves ?? [] },
      };
  }
}

/** How an error settles: by its disposition alone. */
export function settlementOf(thrown: unknown): Settlement {
  const error = asLockgateError(thrown);
  return error.disposition === "permanent"
    ? { settle: "dead-letter", reason: error.code, description: error.message }
    : { settle: "abandon", error };
}

/** Runs the handler once; whatever it throws becomes a settlement. */
export async function attemptOnce(
  handler: Handler,
  envelope: Envelope,
  attempt: number,
  signal: AbortSignal,
): Promise<Settlement> {
  if (envelope.expiresAt && envelope.expiresAt.getTime() < Date.now())
    return settlementOf(new LockgateError("MESSAGE_EXPIRED"));
  try {
    return await handler(envelope, { attempt, signal });
  } catch (thrown) {
    return settlementOf(thrown);
  }
}
