// How a message settles that waits for somebody who is on the way, or for what a steward is to say.

import type { Settlement } from "#engine/backbone";
import type { Clock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";

/** How long it is left alone when the error does not say. */
const PENDING_MS = 500;

/** Deferred: waiting for others counts as no attempt. */
export const pendingTill = (clock: Clock, thrown: unknown): Settlement | undefined =>
  thrown instanceof LockgateError && (thrown.code === "PERSON_PENDING" || thrown.code === "PERSON_UNDECIDED")
    ? { settle: "defer", till: new Date(clock.now() + (thrown.retryAfterMs ?? PENDING_MS)), error: thrown }
    : undefined;
