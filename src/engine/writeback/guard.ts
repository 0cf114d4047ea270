// What stands between us and a target in trouble: a circuit breaker for each target, and a rate limit for each system behind them.

import { openBreaker } from "#engine/limits";
import type { Clock } from "#kernel/clock";
import { type ErrorCode, LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";

/** Errors that speak of the target as a whole, not of the one record. */
const TARGET_DOWN: ReadonlySet<ErrorCode> = new Set([
  "ERP_UNAVAILABLE",
  "ERP_THROTTLED",
  "ERP_NO_ANSWER",
  "ERP_BAD_ANSWER",
  "ERP_UNAUTHORISED",
]);

const speaksOfTarget = (thrown: unknown): thrown is LockgateError =>
  thrown instanceof LockgateError && TARGET_DOWN.has(thrown.code);

/** Whether a call failed because the target is in trouble, and it provably did nothing: to be tried again once it is well. */
export const isTargetDown = (thrown: unknown): thrown is LockgateError =>
  speaksOfTarget(thrown) && thrown.disposition !== "ambiguous";

const LEAST_HOLD_MS = 250;
const LONGEST_HOLD_MS = 15_000;

/** Lets calls through while the target is well. */
export type Guard = {
  /** @throws ERP_UNAVAILABLE with `reason: breaker` without calling, while the breaker is open */
  call<T>(work: () => Promise<T>): Promise<T>;
  /** How long to leave the target alone after `error`: a quarter of the time that it has been in trouble for. */
  holdMs(error: LockgateError): number;
};

/**
 * @param target its name
 * @param pace comes round when the next call may begin
 */
export function guard(target: string, pace: Pace, { clock, log }: { readonly clock: Clock; readonly log: Log }): Guard {
  const breaker = openBreaker({
    system: target,
    log,
    isTrouble: speaksOfTarget,
    heldBack: (retryAfterMs) => new LockgateError("ERP_UNAVAILABLE", { reason: "breaker", retryAfterMs }),
  });
  let downSince: number | undefined;
  return {
    async call(work) {
      await pace();
      try {
        const answer = await breaker.call(work);
        downSince = undefined;
        return answer;
      } catch (thrown) {
        if (speaksOfTarget(thrown)) downSince ??= clock.now();
        throw thrown;
      }
    },
    holdMs({ retryAfterMs = 0 }) {
      const downForMs = downSince === undefined ? 0 : clock.now() - downSince;
      return Math.max(retryAfterMs, Math.min(LONGEST_HOLD_MS, Math.max(LEAST_HOLD_MS, downForMs / 4)));
    },
  };
}

/** Comes round when the next call of a system may begin. */
export type Pace = () => Promise<void>;

/**
 * The pace of one system, for all targets that it holds: at most so many calls a second. A bucket that refills steadily and holds one
 * second's worth.
 */
export function openPace(clock: Clock, perSecond: number): Pace {
  let tokens = perSecond;
  let filledAt = clock.now();
  return async () => {
    const now = clock.now();
    tokens = Math.min(perSecond, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    tokens -= 1;
    if (tokens < 0) await clock.sleep((-tokens / perSecond) * 1000);
  };
}
