// A circuit breaker: while a system is in trouble calls to it are held back, and one now and then looks whether it is well again.

import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, ExponentialBackoff, handleWhen } from "cockatiel";
import type { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { answerFor } from "#kernel/telemetry";

/** So many failures in a row open it. */
const MOST_FAILURES = 5;
const LEAST_OPEN_MS = 500;
const LONGEST_OPEN_MS = 15_000;

export type BreakerOptions = {
  /** What it is told as: in the log, and on the console among the systems. */
  readonly system: string;
  readonly log: Log;
  /** Whether a failure speaks of the system as a whole, not of the one call. */
  isTrouble(thrown: unknown): boolean;
  /** What a caller is told whose call is held back. */
  heldBack(retryAfterMs: number): LockgateError;
};

export type Breaker = {
  /** @throws `heldBack`, without doing the work, while it is open */
  call<T>(work: () => Promise<T>): Promise<T>;
  /** It is told of no more. */
  close(): void;
};

/** Opens it closed: calls go through. */
export function openBreaker({ system, log, isTrouble, heldBack }: BreakerOptions): Breaker {
  const circuit = circuitBreaker(handleWhen(isTrouble), {
    breaker: new ConsecutiveBreaker(MOST_FAILURES),
    halfOpenAfter: new ExponentialBackoff({ initialDelay: LEAST_OPEN_MS, maxDelay: LONGEST_OPEN_MS }),
  });
  let isOpen = false;
  const changed = (open: boolean): void => {
    isOpen = open;
    log.warn(open ? "breaker open" : "breaker closed", { target: system });
  };
  circuit.onBreak(() => changed(true));
  circuit.onReset(() => changed(false));
  const attributes = { "lockgate.system": system };
  const close = answerFor("lockgate.breaker.open", async () => [{ value: isOpen ? 1 : 0, attributes }]);
  return {
    async call(work) {
      try {
        return await circuit.execute(work);
      } catch (thrown) {
        throw thrown instanceof BrokenCircuitError ? heldBack(LEAST_OPEN_MS) : thrown;
      }
    },
    close,
  };
}
