// The chore of work items: what nobody decided in time is closed as expired, and what is past its due time is escalated once.

import { append } from "#engine/audit";
import type { Tx } from "#kernel/db";
import * as past from "./history/store.ts";
import { EXPIRED, raised } from "./judge.ts";
import * as store from "./store.ts";
import { decidedMessage, decidedOf, leafOf } from "./telling.ts";
import { WORK_DECIDED, type WorkOptions } from "./types.ts";

const MOST_AT_ONCE = 100;

/**
 * Does what is due now. Every node may: rows are taken with SKIP LOCKED.
 * @returns how many items were closed and how many escalated
 */
export async function tendLate(options: WorkOptions): Promise<{ expired: number; escalated: number }> {
  const { db, backbone, clock } = options;
  const done = { expired: 0, escalated: 0 };
  while (await store.hasLate(db, new Date(clock.now()))) {
    await backbone.numberOf(WORK_DECIDED);
    const expired = await db.transaction((tx) => expire(tx, options));
    const escalated = await db.transaction((tx) => escalate(tx, options));
    if (expired.length > 0) backbone.hint(WORK_DECIDED);
    say(options, "work item expired", expired);
    say(options, "work item escalated", escalated);
    done.expired += expired.length;
    done.escalated += escalated.length;
    // What is late and could not be had is in somebody's hands at this moment.
    if (expired.length + escalated.length === 0) break;
  }
  return done;
}

async function expire(tx: Tx, { backbone, clock }: WorkOptions): Promise<store.ItemRow[]> {
  const at = new Date(clock.now());
  const items = await store.lockExpired(tx, at, MOST_AT_ONCE);
  for (const item of items) {
    void store.setState(tx, item.id, "expired");
    void past.insertDeed(tx, { itemId: item.id, at, deed: "expired" });
  }
  if (items.length > 0)
    await backbone.publish(
      tx,
      items.map((item) => decidedMessage(item, decidedOf(item, EXPIRED, []))),
    );
  await append(
    tx,
    items.map((item) => leafOf(item, "work.expired", at, "expired")),
  );
  return items;
}

/** The owner stays: somebody at work on it goes on, and everybody sees that it is late. */
async function escalate(tx: Tx, { clock }: WorkOptions): Promise<store.ItemRow[]> {
  const at = new Date(clock.now());
  const items = await store.lockOverdue(tx, at, MOST_AT_ONCE);
  for (const item of items) {
    void store.raiseItem(tx, item.id, raised(item.criticality), at);
    void past.insertDeed(tx, { itemId: item.id, at, deed: "escalated" });
  }
  await append(
    tx,
    items.map((item) =>
      leafOf(item, "work.escalated", at, "overdue", { detail: { criticality: raised(item.criticality) } }),
    ),
  );
  return items;
}

function say({ log }: WorkOptions, text: string, items: readonly store.ItemRow[]): void {
  for (const { id, queue, reason, journeyId } of items) log.warn(text, { item: id, queue, reason, journey: journeyId });
}
