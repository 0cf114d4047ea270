// Writes that are asked for one by one, side by side, share a commit.

import { LockgateError } from "./errors.ts";

const MOST_PER_COMMIT = 500;
/** More than this many waiting: the database does not keep up, and whoever asks is told so at once. */
const MOST_WAITING = 10_000;
const COME_AGAIN_MS = 1_000;

type Waiting<Job, Result> = { readonly job: Job; resolve(result: Result): void; reject(error: unknown): void };

/**
 * Jobs that come within a turn of the event loop, or while the commit before is under way, are given to `commit` together;
 * one that comes alone waits for nobody. A commit that fails is tried again for each job by itself, unless the database is
 * gone: a job that cannot be stored is in nobody else's way.
 * @param commit does the jobs in one transaction. @returns their results, in order
 */
export function commitTogether<Job, Result>(
  commit: (jobs: readonly Job[]) => Promise<readonly Result[]>,
): (job: Job) => Promise<Result> {
  const waiting: Waiting<Job, Result>[] = [];
  let isBusy = false;

  const settle = async (batch: readonly Waiting<Job, Result>[]): Promise<void> => {
    try {
      const results = await commit(batch.map(({ job }) => job));
      for (const [index, one] of batch.entries()) one.resolve(results[index]!);
    } catch (thrown) {
      const isLost = thrown instanceof LockgateError && thrown.code === "DATABASE_UNAVAILABLE";
      if (!isLost && batch.length > 1) for (const one of batch) await settle([one]);
      else for (const one of batch) one.reject(thrown);
    }
  };

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) await settle(waiting.splice(0, MOST_PER_COMMIT));
    isBusy = false;
  };

  return (job) => {
    if (waiting.length >= MOST_WAITING)
      return Promise.reject(new LockgateError("GATEWAY_OVERLOADED", { retryAfterMs: COME_AGAIN_MS }));
    return new Promise((resolve, reject) => {
      waiting.push({ job, resolve, reject });
      if (isBusy) return;
      isBusy = true;
      setImmediate(() => void flush());
    });
  };
}
