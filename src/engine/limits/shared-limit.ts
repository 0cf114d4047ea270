// A limit of so many turns a second that all nodes share through one row.

import type { Clock } from "#kernel/clock";
import type { Queryable } from "#kernel/db";
import { reserve } from "./store.ts";

/** Least time between two reservations of one node, so that a busy node asks for many turns at once. */
const gatherMs = 50;
/** A turn that nobody has used by then is let go: used later, it would fall together with others. */
const latestMs = 50;

/** What became of a request for a turn. */
export type Turn =
  | { readonly outcome: "granted" }
  /** Too many are waiting. A turn may be free after so many milliseconds. */
  | { readonly outcome: "too-far"; readonly retryAfterMs: number }
  | { readonly outcome: "aborted" };

/** A limit that all nodes keep together. */
export type SharedLimit = {
  /**
   * Resolves when it is the caller's turn, in the order of asking within this node. One that is turned away or aborts
   * uses none.
   * @throws DATABASE_UNAVAILABLE, and then nobody has a turn
   */
  take(signal?: AbortSignal): Promise<Turn>;
};

/** How a limit is kept. All nodes MUST use the same values for the same name. */
export type LimitSettings = {
  readonly db: Queryable;
  readonly clock: Clock;
  /** Names the limit's row. */
  readonly name: string;
  readonly perSecond: number;
  /** Turns that may be taken at once after a time of rest; default 1, so that turns are evenly spaced. */
  readonly burst?: number;
  /** Who would wait longer than this is turned away, in milliseconds. */
  readonly mostWaitMs: number;
};

type Waiter = {
  readonly sinceMs: number;
  readonly settle: (turn: Turn) => void;
  readonly fail: (why: unknown) => void;
};

/**
 * In any stretch of time all nodes together get at most `perSecond` turns for each second of it, `burst` more, and at high
 * rates 50 ms worth more: so late a turn may be used. Turns are spaced by GCRA on the database server's clock. A node
 * reserves at most 50 ms worth of them, for callers that wait and for as many as lately came, and reserves again when
 * they are used: so nodes that are busy at once share the turns evenly.
 */
export function sharedLimit({ db, clock, name, perSecond, burst = 1, mostWaitMs }: LimitSettings): SharedLimit {
  const spacingMs = 1000 / perSecond;
  const limit = { name, spacingMs, creditMs: (burst - 1) * spacingMs, furthestMs: mostWaitMs };
  const mostAtOnce = Math.max(burst, Math.round(gatherMs / spacingMs));
  let waiting: Waiter[] = [];
  /** When the turns that are due and unused were due. */
  let spare: number[] = [];
  let isServing = false;
  let askedMs = Number.NEGATIVE_INFINITY;
  /** Turns of the last reservation, and how many were used. */
  let last = { granted: 0, used: 0 };

  const turnAway = (whom: readonly Waiter[], retryAfterMs: number): void => {
    waiting = waiting.filter((waiter) => !whom.includes(waiter));
    for (const waiter of whom) waiter.settle({ outcome: "too-far", retryAfterMs: Math.ceil(retryAfterMs) });
  };

  const useSpare = (): boolean => {
    const now = clock.now();
    spare = spare.filter((dueMs) => now - dueMs <= latestMs);
    if (waiting.length > 0 || spare.shift() === undefined) return false;
    last.used += 1;
    return true;
  };

  /** Gives each turn, when it is due, to whoever has waited longest by then. */
  const give = async (granted: number, firstDueMs: number): Promise<void> => {
    const reservedMs = clock.now();
    for (let index = 0; index < granted; index += 1) {
      const dueMs = Math.max(firstDueMs + index * spacingMs, reservedMs);
      const waitMs = Math.ceil(dueMs - clock.now());
      if (waitMs > 0) await clock.sleep(waitMs);
      if (clock.now() - dueMs > latestMs) continue;
      const waiter = waiting.shift();
      if (!waiter) spare.push(dueMs);
      else {
        last.used += 1;
        waiter.settle({ outcome: "granted" });
      }
    }
  };

  /** How many turns to ask for: twice as many as last time, as long as all of them are used. */
  const wanted = (): number => {
    const isBusy = clock.now() - askedMs < 4 * gatherMs;
    const ahead = isBusy ? (last.used === last.granted ? 2 * last.granted : last.used) : 0;
    return Math.min(mostAtOnce, Math.max(waiting.length, ahead));
  };

  const serveOnce = async (): Promise<void> => {
    const gatherForMs = askedMs + gatherMs - clock.now();
    if (gatherForMs > 0) await clock.sleep(gatherForMs);
    const now = clock.now();
    turnAway(
      waiting.filter(({ sinceMs }) => now - sinceMs > mostWaitMs),
      waiting.length * spacingMs,
    );
    if (waiting.length === 0) return;
    const turns = wanted();
    askedMs = now;
    const { granted, dueMs, nowMs } = await reserve(db, limit, turns);
    last = { granted, used: 0 };
    if (granted === 0) turnAway(waiting, dueMs - nowMs);
    else await give(granted, clock.now() + dueMs - nowMs);
  };

  const serve = async (): Promise<void> => {
    isServing = true;
    try {
      // Who asks in the same turn of the event loop is served by the same reservation.
      await Promise.resolve();
      while (waiting.length > 0) await serveOnce();
    } catch (why) {
      for (const waiter of waiting.splice(0)) waiter.fail(why);
    } finally {
      // In the same turn of the event loop as the last look at `waiting`: nobody can come in between unseen.
      isServing = false;
    }
  };

  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        const waitMs = waiting.length * spacingMs;
        if (signal?.aborted) return resolve({ outcome: "aborted" });
        if (useSpare()) return resolve({ outcome: "granted" });
        if (waitMs > mostWaitMs) return resolve({ outcome: "too-far", retryAfterMs: Math.ceil(waitMs) });
        const leave = (): void => {
          waiting = waiting.filter((other) => other !== waiter);
          resolve({ outcome: "aborted" });
        };
        const waiter: Waiter = {
          sinceMs: clock.now(),
          settle: (turn) => {
            signal?.removeEventListener("abort", leave);
            resolve(turn);
          },
          fail: (why) => {
            signal?.removeEventListener("abort", leave);
            reject(why);
          },
        };
        signal?.addEventListener("abort", leave, { once: true });
        waiting.push(waiter);
        if (!isServing) void serve();
      }),
  };
}
