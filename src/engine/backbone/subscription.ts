// A durable subscription at work on one node: takes rounds from its partitions, runs the handler, commits the outcome.
//
//   claim ─▶ read ─▶ round ─▶ handlers in parallel ─▶ one commit: cursors + effects, fenced by epoch
//                                   ├─ failed ─▶ parked; later messages of that session park behind it
//                                   └─ slow   ─▶ parked while it runs on, so that nobody waits for it
//   due parked heads ─▶ handler ─▶ one commit each

import { setTimeout } from "node:timers/promises";
import { type Db, isSqlState } from "#kernel/db";
import { asLockgateError, LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { createSubscription, releasePartitions } from "./cursors/store.ts";
import type { MessageRow } from "./envelope.ts";
import { handledInSpan } from "./handled-in-span.ts";
import type { Leases } from "./leases.ts";
import type { Lookout } from "./lookout.ts";
import { outcomes } from "./outcome.ts";
import { countParked, readDue } from "./parked/store.ts";
import { ownedPartitions } from "./partitions.ts";
import { pauses } from "./pauses.ts";
import type { Publisher } from "./publisher.ts";
import { semaphore } from "./semaphore.ts";
import { readUnread } from "./store.ts";
import { defaultRetry, type SubscriptionOptions } from "./types.ts";
import { attemptOnce, judge, stillAtWork, type Verdict, waitBehind } from "./verdict.ts";
import type { Wakes } from "./wake.ts";
import { attemptOf, type Settled, type Work, workOf } from "./work.ts";

const POLL_MS = 500;
/** How seldom a topic is looked at of which nobody tells anything new. */
const LONGEST_POLL_MS = 2_000;
/** What stands above the horizon is looked for again after this: whoever holds the horizon down tells nothing of this topic. */
const HELD_BACK_MS = 10;
/** A handler that takes longer no longer holds up the commit of its round. */
const PATIENCE_MS = 1_000;
const MOST_PER_ROUND = 256;
/** A round may shrink to this where handlers are slow. */
const LEAST_PER_ROUND = 16;
const MOST_DUE = 64;
/** After a round smaller than this, the next waits for a moment: rounds of two or three cost as much as one of thirty. */
const SMALL_ROUND = 32;
const GATHER_MS = 8;
/** On a stop, handlers at work get this long before they are told to give up. */
const HANDLER_GRACE_MS = 5_000;

/** What a subscription needs from its node. */
export type Node = {
  readonly id: string;
  readonly db: Db;
  readonly publisher: Publisher;
  readonly wakes: Wakes;
  readonly lookout: Lookout;
  readonly leases: Leases;
  readonly log: Log;
};

/** Runs until `signal` aborts; then lets handlers at work finish and gives the partitions up. */
export async function runSubscription(node: Node, options: SubscriptionOptions, signal: AbortSignal): Promise<void> {
  const { db, publisher, wakes } = node;
  const log = node.log.child({ subscription: options.name });
  const begin = async () => {
    const number = await publisher.numberOf(options.topic);
    await db.transaction((tx) => createSubscription(tx, options.name, number, options.from ?? "beginning"));
    return subscriptionWorker(node, options, { name: options.topic, number }, signal);
  };
  let worker: Awaited<ReturnType<typeof begin>> | undefined;
  while (!signal.aborted) {
    try {
      worker ??= await begin();
      await worker.step();
    } catch (thrown) {
      const error = isSqlState(thrown, "LG001") ? new LockgateError("LEASE_LOST") : asLockgateError(thrown);
      log.warn("subscription starts over", { error });
      worker?.startOver();
      await wakes.wait(options.topic, Number.POSITIVE_INFINITY, 250, signal);
    }
  }
  await worker?.finish();
  await db.transaction((tx) => releasePartitions(tx, options.name, node.id)).catch(() => undefined);
}

type Topic = { readonly name: string; readonly number: number };

function subscriptionWorker(
  { db, publisher, wakes, lookout, leases, log }: Node,
  options: SubscriptionOptions,
  topic: Topic,
  signal: AbortSignal,
) {
  const { name: subscription, handler } = options;
  const retry = { ...defaultRetry, ...options.retry };
  const partitions = ownedPartitions();
  const permits = semaphore(options.concurrency ?? 16);
  const pause = pauses();
  const giveUp = afterGrace(signal);
  /** Positions whose handler runs outside of a round, with the promise of its settlement. */
  const atWork = new Map<number, Promise<void>>();
  let renewAt = 0;
  let dueAt = 0;
  let gatherTill = 0;
  /** How many hints there had been before the look that left nothing unread; none where more may be. */
  let quietSince: number | undefined;
  let pollMs = POLL_MS;
  let pollAt = 0;
  /** When to look again for what stood above the horizon at the last look. */
  let heldBackTill = Number.POSITIVE_INFINITY;
  /** As many as the handlers have lately got through while a round waited for them: what is parked costs two commits. */
  let mostPerRound = MOST_PER_ROUND;

  const outcome = outcomes({
    db,
    publisher,
    wakes,
    subscription,
    retry,
    partitions,
    onParked(verdict) {
      if (verdict.state === "waiting") dueAt = Math.min(dueAt, Date.now() + verdict.pauseMs);
      if (verdict.holdMs > 0) pause.hold(verdict.holdMs);
    },
  });

  const startOver = (): void => {
    partitions.forget();
    renewAt = 0;
  };

  const runHandler = async (work: Work, waited: boolean): Promise<Verdict> => {
    const delivery = { attempt: work.attempt, waited, signal: giveUp };
    const settlement = await permits.run(() =>
      handledInSpan(subscription, work.envelope, (message) => attemptOnce(handler, message, delivery)),
    );
    if (settlement.settle !== "hold") pause.answered();
    return judge(settlement, attemptOf(subscription, work), retry);
  };

  /** Keeps a message among those at work until it is settled; a fault there costs the leases, not the message. */
  const keepAtWork = ({ row, envelope }: Work, settling: Promise<void>): void => {
    const settled = settling
      .catch((error: unknown) => {
        log.warn("outcome could not be committed", { subscription, journey: envelope.journeyId, error });
        startOver();
      })
      .finally(() => {
        atWork.delete(row.position);
        dueAt = 0; // the next message of the session may go on
        wakes.hint(topic.name);
      });
    atWork.set(row.position, settled);
  };

  const runRound = async (rows: readonly MessageRow[]): Promise<void> => {
    const works = await Promise.all(rows.map((row) => workOf(db, topic, row, 1)));
    const verdicts = new Map<Work, Verdict>();
    const decide = async (work: Work): Promise<Verdict> => {
      const isHeld = work.row.session !== null && partitions.isHeld(work.row.partition, work.row.session);
      const verdict = isHeld ? waitBehind : await runHandler(work, false);
      verdicts.set(work, verdict);
      return verdict;
    };
    const deciding = new Map(works.map((work) => [work, decide(work)]));
    await within(PATIENCE_MS, Promise.all(deciding.values()));
    const slow = works.filter((work) => !verdicts.has(work));
    await outcome.round(
      works.map((work): Settled => ({ work, verdict: verdicts.get(work) ?? stillAtWork(work.attempt) })),
    );
    mostPerRound =
      slow.length > 0
        ? Math.min(mostPerRound, Math.max(LEAST_PER_ROUND, rows.length - slow.length))
        : Math.min(MOST_PER_ROUND, Math.max(mostPerRound, 2 * rows.length));
    if (rows.length < SMALL_ROUND) gatherTill = performance.now() + GATHER_MS;
    for (const work of slow)
      keepAtWork(
        work,
        deciding.get(work)!.then((late) => outcome.parked(work, late)),
      );
  };

  /** @returns how many were taken up */
  const takeUpDue = async (most: number): Promise<number> => {
    dueAt = Number.POSITIVE_INFINITY;
    const rows = await readDue(db, subscription, partitions.numbers(), [...atWork.keys()], most);
    for (const row of rows) {
      const work = await workOf(db, topic, row, row.attempt + 1);
      const settling =
        row.state === "dismissing"
          ? outcome.dismissed(work)
          : runHandler(work, true).then((verdict) => outcome.parked(work, verdict));
      keepAtWork(work, settling);
    }
    if (rows.length === MOST_DUE) dueAt = 0;
    return rows.length;
  };

  const renew = async (): Promise<void> => {
    renewAt = leases.nextRenewal();
    const fresh = partitions.settle(await leases.renew(subscription));
    if (fresh.length === 0) return;
    for (const { partition, session, held } of await countParked(db, subscription, fresh))
      partitions.hold(partition, session, held);
    dueAt = 0;
    quietSince = undefined;
  };

  /** Reads on where something may be unread: after a hint, and now and then, since a hint can be lost. */
  const readOn = async (): Promise<void> => {
    const hints = wakes.count(topic.name);
    const isQuiet = hints === quietSince;
    if (isQuiet && Date.now() < pollAt) return;
    const { rows, isMore, isHeldBack } = await readUnread(db, { topic: topic.number, after: partitions.readFrom() });
    partitions.add(rows);
    // What was read is all there was: what comes after comes with a hint.
    quietSince = isMore ? undefined : hints;
    pollMs = isHeldBack ? HELD_BACK_MS : isQuiet ? Math.min(LONGEST_POLL_MS, 2 * pollMs) : POLL_MS;
    pollAt = Date.now() + pollMs;
    heldBackTill = isHeldBack ? pollAt : Number.POSITIVE_INFINITY;
  };

  const nextRound = async (most: number): Promise<MessageRow[]> => {
    if (partitions.isDrained()) await readOn();
    return partitions.takeRound(most);
  };

  const takeUpAll = async (): Promise<MessageRow[]> => {
    const early = gatherTill - performance.now();
    if (early > 0) await setTimeout(early);
    if (Date.now() >= dueAt || (await lookout.isDue(subscription))) await takeUpDue(MOST_DUE);
    return nextRound(mostPerRound);
  };

  /** One message to try the target with: one that waits for it, or a new one. */
  const takeUpOne = async (): Promise<MessageRow[]> => ((await takeUpDue(1)) > 0 ? [] : nextRound(1));

  return {
    startOver,
    async step(): Promise<void> {
      if (Date.now() >= renewAt) await renew();
      const seen = wakes.count(topic.name);
      const room = (await lookout.isPaused(subscription)) ? "none" : pause.room();
      const round = room === "any" ? await takeUpAll() : room === "one" && atWork.size === 0 ? await takeUpOne() : [];
      if (round.length > 0) return runRound(round);
      const soonest = Math.min(renewAt, Math.max(dueAt, pause.heldTill()), heldBackTill, Date.now() + POLL_MS);
      heldBackTill = Number.POSITIVE_INFINITY;
      await wakes.wait(topic.name, seen, Math.max(1, soonest - Date.now()), signal);
    },
    async finish(): Promise<void> {
      await Promise.all(atWork.values());
    },
  };
}

/** Aborts some time after `signal` does. */
function afterGrace(signal: AbortSignal): AbortSignal {
  const grace = new AbortController();
  signal.addEventListener("abort", () => globalThis.setTimeout(() => grace.abort(), HANDLER_GRACE_MS).unref(), {
    once: true,
  });
  return grace.signal;
}

/** Waits for `work`, but no longer than `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = globalThis.setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
