// What becomes of a message once its handler has answered: pure judgement, no I/O.

import { asLockgateError, type ErrorCode, LockgateError } from "#kernel/errors";
import type { Delivery, Effects, Envelope, Handler, RetryPolicy, Settlement } from "./types.ts";

/** The outcome to commit. */
export type Verdict =
  | {
      readonly kind: "done";
      readonly effects: Effects;
      /** What becomes of it where the effects cannot be committed. */
      readonly refused?: ((error: LockgateError) => Settlement) | undefined;
    }
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

/** Which attempt a settlement belongs to. */
export type Attempt = {
  /** The subscription. */
  readonly part: string;
  readonly journeyId: string;
  /** 1 for the first. */
  readonly attempt: number;
};

const parkedQuietly = (attempt: number, pauseMs: number, error?: LockgateError): Verdict => ({
  kind: "park",
  state: "waiting",
  attempt,
  pauseMs,
  reason: error?.code,
  description: error?.message,
  effects: NONE,
  holdMs: 0,
});

/** A follower of a message that is parked: it waits without an attempt of its own. */
export const waitBehind: Verdict = parkedQuietly(0, 0);

/** A message whose handler is still at work: it is parked so that the cursor need not wait for it. */
export const stillAtWork = (attempt: number): Verdict => parkedQuietly(attempt, 0);

/** A failed attempt is a milestone of its journey, whatever comes of it. */
function parkedBy(
  error: { code: ErrorCode; message: string },
  of: Attempt,
  more: { state: "waiting" | "dead"; counts: boolean; pauseMs: number; holdMs?: number },
): Verdict & { kind: "park" } {
  const { part, journeyId, attempt } = of;
  const outcome = more.state === "dead" ? "waiting" : "failed";
  return {
    kind: "park",
    state: more.state,
    attempt: more.counts ? attempt : attempt - 1,
    pauseMs: more.pauseMs,
    reason: error.code,
    description: error.message,
    effects: { leaves: [{ at: new Date(), part, name: "attempted", outcome, code: error.code, journeyId, attempt }] },
    holdMs: more.holdMs ?? 0,
  };
}

/** Turns the settlement of one attempt into what to commit. */
export function judge(settlement: Settlement, of: Attempt, retry: RetryPolicy): Verdict {
  switch (settlement.settle) {
    case "complete":
      return { kind: "done", effects: settlement, refused: settlement.refused };
    case "abandon": {
      const { error } = settlement;
      if (of.attempt >= retry.maxAttempts) return parkedBy(error, of, { state: "dead", counts: true, pauseMs: 0 });
      const pauseMs = Math.max(error.retryAfterMs ?? 0, pauseAfter(of.attempt, retry));
      return parkedBy(error, of, { state: "waiting", counts: true, pauseMs });
    }
    case "defer":
      return parkedQuietly(of.attempt - 1, Math.max(0, settlement.till.getTime() - Date.now()), settlement.error);
    case "hold":
      return parkedBy(settlement.error, of, {
        state: "waiting",
        counts: false,
        pauseMs: settlement.forMs,
        holdMs: settlement.forMs,
      });
    case "dead-letter": {
      const error = { code: settlement.reason, message: settlement.description };
      const verdict = parkedBy(error, of, { state: "dead", counts: true, pauseMs: 0 });
      return { ...verdict, effects: { ...verdict.effects, apply: settlement.apply } };
    }
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
export async function attemptOnce(handler: Handler, envelope: Envelope, delivery: Delivery): Promise<Settlement> {
  if (envelope.expiresAt && envelope.expiresAt.getTime() < Date.now())
    return settlementOf(new LockgateError("MESSAGE_EXPIRED"));
  try {
    return await handler(envelope, delivery);
  } catch (thrown) {
    return settlementOf(thrown);
  }
}
