// A node's share in replays: takes up letters of the jobs that it holds a lease of, at their rate, and notes what becomes of them.
//
// Whatever a letter's turn changes is one commit: the letter waits again in its old place, its item says so, and the audit does. A
// node that dies between two commits leaves a job whose lease runs out, and the next node goes on with the next letter.

import { append } from "#engine/audit";
import { type Lapse, lapseOf, type RolesOf } from "#kernel/authority";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";
import { PART } from "./replays.ts";
import * as store from "./store.ts";

const LEASE_MS = 3_000;
const LOOK_EVERY_MS = 1_000;
/** While a job runs. No letter is caught up on that a tick of this length did not bring. */
const TICK_MS = 100;
const SETTLE_EVERY_MS = 500;
const MOST_AT_ONCE = 100;
const FORGET_EVERY_MS = 3_600_000;
const HOUR_MS = 3_600_000;
const KEEP_PREVIEWS_MS = 24 * HOUR_MS;
const KEEP_ENDED_MS = 90 * 24 * HOUR_MS;

type Node = {
  readonly db: Db;
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly rolesOf: RolesOf | undefined;
};

/** Runs until `signal` aborts; every node may. */
export async function runReplays(node: Node, signal: AbortSignal): Promise<void> {
  const { db, clock, log } = node;
  const paces = new Map<string, ReturnType<typeof paceOf>>();
  let jobs: readonly store.ReplayAtWork[] = [];
  let lookAt = 0;
  let settleAt = 0;
  let forgetAt = 0;

  const step = async (): Promise<void> => {
    if (clock.now() >= lookAt) {
      lookAt = clock.now() + LOOK_EVERY_MS;
      jobs = await jobsOf(node);
    }
    for (const { id, state, perSecond } of jobs) {
      if (state !== "running") continue;
      const pace = paces.get(id) ?? paceOf(perSecond, clock.now());
      paces.set(id, pace);
      await takeUp(node, id, pace(clock.now()));
    }
    if (jobs.length > 0 && clock.now() >= settleAt) {
      settleAt = clock.now() + SETTLE_EVERY_MS;
      for (const { id } of jobs) if (await settle(node, id)) paces.delete(id);
    }
    if (clock.now() >= forgetAt) {
      forgetAt = clock.now() + FORGET_EVERY_MS;
      await store.forgetReplays(db, new Date(clock.now() - KEEP_PREVIEWS_MS), new Date(clock.now() - KEEP_ENDED_MS));
    }
  };

  while (!signal.aborted) {
    await step().catch((error: unknown) => log.warn("replays could not go on", { error }));
    await clock.sleep(jobs.some(({ state }) => state === "running") ? TICK_MS : LOOK_EVERY_MS, signal);
  }
  await store.releaseReplays(db, node.id).catch(() => undefined);
}

/** Tells at each call how many letters may be taken up since the last: the first at once, then one each `1 / perSecond`. */
export function paceOf(perSecond: number, nowMs: number): (nowMs: number) => number {
  const everyMs = 1_000 / perSecond;
  let nextMs = nowMs;
  return (now) => {
    // A node that was late does not make up for it: the rate is the most that there is.
    nextMs = Math.max(nextMs, now - Math.max(TICK_MS, everyMs) + everyMs);
    if (now < nextMs) return 0;
    const due = Math.min(MOST_AT_ONCE, Math.floor((now - nextMs) / everyMs) + 1);
    nextMs += due * everyMs;
    return due;
  };
}

/** The jobs of this node. One that may act for nobody any more is paused until somebody takes it on. */
async function jobsOf(node: Node): Promise<readonly store.ReplayAtWork[]> {
  const jobs: store.ReplayAtWork[] = [];
  for (const job of await store.claimReplays(node.db, node.id, LEASE_MS)) {
    const lapse = job.state === "running" ? await lapseOf(job, node.rolesOf, node.clock.now()) : undefined;
    if (lapse) await pauseLapsed(node, job, lapse);
    jobs.push(lapse ? { ...job, state: "paused" } : job);
  }
  return jobs;
}

async function pauseLapsed({ db, id: node, clock, log }: Node, { id, by }: store.ReplayAtWork, lapse: Lapse) {
  const leaf = { at: new Date(clock.now()), part: PART, name: "replay.lapsed", outcome: "waiting" } as const;
  const isPaused = await db.transaction(async (tx) => {
    if (!(await store.holds(tx, id, node))) return false;
    await store.pauseReplay(tx, id, lapse);
    await append(tx, [{ ...leaf, detail: { replay: id, reason: lapse, actingBy: by.name } }]);
    return true;
  });
  if (isPaused) log.warn("a replay stopped, for nobody acts for it any more", { replay: id, reason: lapse });
}

async function takeUp({ db, id: node, clock }: Node, id: string, most: number): Promise<void> {
  if (most === 0) return;
  const at = new Date(clock.now());
  await db.transaction(async (tx) => {
    if (!(await store.holds(tx, id, node))) return;
    const taken = await store.takeUp(tx, id, most, at);
    await append(
      tx,
      taken.map(({ nth, subscription, journeyId, state }) => ({
        at,
        part: subscription,
        name: "dead-letter.replayed",
        outcome: state === "gone" ? "unchanged" : "ok",
        journeyId,
        detail: { replay: id, nth },
      })),
    );
  });
}

/** @returns whether the job has ended */
async function settle({ db, clock }: Node, id: string): Promise<boolean> {
  const at = new Date(clock.now());
  return db.transaction(async (tx) => {
    if ((await store.settleItems(tx, id, at)) > 0) return false;
    if (await store.endReplay(tx, id, at))
      await append(tx, [{ at, part: PART, name: "replay.ended", outcome: "ok", detail: { replay: id } }]);
    return true;
  });
}
