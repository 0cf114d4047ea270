// A node's share in groups: does to one item after the other what somebody decided for all, and notes what became of each.
//
// What is done to an item and that it was done are one commit. A node that dies between two of them leaves a job whose lease
// runs out, and the next node goes on with the next item.

import { append } from "#engine/audit";
import { type Lapse, lapseOf, type RolesOf } from "#kernel/authority";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { asLockgateError, LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import type { Decider } from "../decider.ts";
import { PART } from "./groups.ts";
import * as store from "./store.ts";

const LEASE_MS = 5_000;
const LOOK_EVERY_MS = 500;
const MOST_AT_ONCE = 20;
const KEEP_PREVIEWS_MS = 86_400_000;

/** Does a job's deed to one item, and `besides` in the same commit. */
export type DoToItem = (
  item: { readonly id: string; readonly digest: string },
  job: Pick<store.GroupAtWork, "deed" | "action" | "comment"> & { readonly by: Decider },
  besides: (tx: Tx) => Promise<void>,
) => Promise<void>;

export type GroupNode = {
  readonly db: Db;
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly rolesOf: RolesOf | undefined;
  readonly doToItem: DoToItem;
};

/** The job was paused, ended, or is another node's by now: no fault, and nothing was done. */
const notAtWork = new LockgateError("GROUP_STATE", { reason: "not-at-work" });

/** Runs until `signal` aborts; every node may. */
export async function runGroups(node: GroupNode, signal: AbortSignal): Promise<void> {
  const { db, clock, log } = node;
  while (!signal.aborted) {
    await stepGroups(node, signal).catch((error: unknown) => log.warn("groups of work could not go on", { error }));
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  await store.releaseGroups(db, node.id).catch(() => undefined);
}

/** Takes up the next items of every job that is this node's. */
async function stepGroups(node: GroupNode, signal: AbortSignal): Promise<void> {
  const { db, clock } = node;
  await store.forgetPreviews(db, new Date(clock.now() - KEEP_PREVIEWS_MS));
  for (;;) {
    const jobs = await store.claimGroups(db, node.id, LEASE_MS);
    if (jobs.length === 0 || signal.aborted) return;
    for (const job of jobs) {
      const lapse = await lapseOf(job, node.rolesOf, clock.now());
      await (lapse ? pauseLapsed(node, job, lapse) : takeUp(node, job, signal));
    }
  }
}

/** Nobody acts for it any more: it waits until somebody takes it on. */
async function pauseLapsed({ db, id: node, clock, log }: GroupNode, { id, by }: store.GroupAtWork, lapse: Lapse) {
  const leaf = { at: new Date(clock.now()), part: PART, name: "work-group.lapsed", outcome: "waiting" } as const;
  const isPaused = await db.transaction(async (tx) => {
    const group = await store.lockGroup(tx, id);
    if (group?.state !== "running" || !(await store.isAtWork(tx, id, node))) return false;
    void store.pauseGroup(tx, id, lapse);
    await append(tx, [{ ...leaf, detail: { group: id, reason: lapse, actingBy: by.name } }]);
    return true;
  });
  if (isPaused) log.warn("a group of work stopped, for nobody acts for it any more", { group: id, reason: lapse });
}

async function takeUp(node: GroupNode, job: store.GroupAtWork, signal: AbortSignal): Promise<void> {
  const next = await store.readNext(node.db, job.id, MOST_AT_ONCE);
  try {
    for (const target of next) {
      if (signal.aborted) return;
      await settleOne(node, job, target);
    }
  } catch (thrown) {
    if (thrown === notAtWork) return;
    throw thrown;
  }
  if (next.length < MOST_AT_ONCE) await end(node, job.id);
}

async function settleOne(
  node: GroupNode,
  job: store.GroupAtWork,
  { nth, itemId, digest }: Awaited<ReturnType<typeof store.readNext>>[number],
): Promise<void> {
  const { db, clock, doToItem } = node;
  const settle = async (tx: Tx, code: Parameters<typeof store.settleTarget>[3]["code"]): Promise<void> => {
    if (!(await store.isAtWork(tx, job.id, node.id))) throw notAtWork;
    await store.settleTarget(tx, job.id, nth, { code, at: new Date(clock.now()) });
  };
  try {
    await doToItem({ id: itemId, digest }, job, (tx) => settle(tx, null));
  } catch (thrown) {
    if (thrown === notAtWork) throw thrown;
    const { code, disposition } = asLockgateError(thrown);
    // The database is away, or this is our own fault: the item's turn is still to come.
    if (disposition !== "permanent" || code === "INTERNAL") throw thrown;
    await db.transaction((tx) => settle(tx, code));
  }
}

async function end({ db, id: node, clock }: GroupNode, id: string): Promise<void> {
  const at = new Date(clock.now());
  await db.transaction(async (tx) => {
    const group = await store.lockGroup(tx, id);
    if (group?.state !== "running" || !(await store.isAtWork(tx, id, node))) return;
    if ((await store.readNext(tx, id, 1)).length > 0) return;
    await store.endGroup(tx, id, "done", at);
    await append(tx, [{ at, part: PART, name: "work-group.ended", outcome: "ok", detail: { group: id } }]);
  });
}
