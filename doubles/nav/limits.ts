// Operational limits: a sliding request window per user, and a queue in front of a few running requests.

import type { Switches } from "./settings.ts";

/** Why a request is not let in. */
export type Denial =
  | { kind: "rate"; actual: number; max: number; retryAfterSeconds: number | null }
  | { kind: "queueFull"; actual: number; max: number }
  | { kind: "waitedTooLong" };

/** Lets requests in; every admitted one must call `leave` once. */
export interface Limits {
  /** Undefined when admitted at once or after waiting in the queue, else why not. */
  enter(user: string, switches: Switches): Denial | undefined | Promise<Denial | undefined>;
  leave(): void;
}

/** Limits that read the switches at every request. */
export function createLimits(nowMs: () => number): Limits {
  const seen = new Map<string, number[]>();
  const waiting: { admit: (denial: Denial | undefined) => void; timer: NodeJS.Timeout }[] = [];
  let running = 0;

  const overRate = (user: string, rate: NonNullable<Switches["rate"]>): Denial | undefined => {
    const from = nowMs() - rate.windowMs;
    const recent = (seen.get(user) ?? []).filter((at) => at > from);
    seen.set(user, recent);
    if (recent.length >= rate.requests) {
      return { kind: "rate", actual: recent.length + 1, max: rate.requests, retryAfterSeconds: rate.retryAfterSeconds };
    }
    recent.push(nowMs());
    return undefined;
  };

  return {
    enter: (user, switches) => {
      const denied = switches.rate && overRate(user, switches.rate);
      if (denied) return denied;
      const { concurrency } = switches;
      if (running < concurrency.running) {
        running += 1;
        return undefined;
      }
      const max = concurrency.running + concurrency.queued;
      if (waiting.length >= concurrency.queued) return { kind: "queueFull", actual: max + 1, max };
      return new Promise((admit) => {
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          admit({ kind: "waitedTooLong" });
        };
        const entry = { admit, timer: setTimeout(giveUp, concurrency.maxWaitMs).unref() };
        waiting.push(entry);
      });
    },
    leave: () => {
      const next = waiting.shift();
      if (!next) {
        running -= 1;
        return;
      }
      clearTimeout(next.timer);
      next.admit(undefined);
    },
  };
}
