// A durable subscription at work on one node: takes rounds from its partitions, runs the handler, commits the outcome.
//
//   claim ─▶ read ─▶ round ─▶ handlers in parallel ─▶ one commit: cursors + effects, fenced by epoch
//                                   ├─ failed ─▶ parked; later messages of that session park behind it
//                                   └─ slow   ─▶ parked while it runs on, so that nobody waits for it
//   due parked heads ─▶ handler ─▶ one commit each

import { append as appendLeaves } from "#engine/audit";
import { type Db, horizon, isSqlState, type Tx } from "#kernel/db";
import { asLockgateError, LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import * as cursors from "./cursors/store.ts";
import { envelopeOf, type MessageRow } from "./envelope.ts";
import * as parked from "./parked/store.ts";
import { ownedPartitions } from "./partitions.ts";
import type { Publisher } from "./publisher.ts";
import { semaphore } from "./semaphore.ts";
import { readBody, readMessages } from "./store.ts";
import { defaultRetry, type Effects, type Envelope, type SubscriptionOptions } from "./types.ts";
import { attemptOnce, judge, settlementOf, stillAtWork, type Verdict, waitBehind } from "./verdict.ts";
import type { Wakes } from "./wake.ts";

const LEASE_MS = 3_000;
const RENEW_EVERY_MS = 1_000;
const POLL_MS = 500;
const PAUSE_CHECK_MS = 200;
/** A handler that takes longer no longer holds up the commit of its round. */
const PATIENCE_MS = 250;
const READ_PER_PARTITION = 16;
const MOST_PER_ROUND = 256;
const MOST_DUE = 64;
/** On a stop, handlers at work get this long before they are told to give up. */
const HANDLER_GRACE_MS = 5_000;

/** A commit of ours that a crash takes back takes its cursor back too: the messages come again. So nobody waits for the disk. */
const REPEATABLE = { durable: false } as const;

/** What a subscription needs from its node. */
export type Node = {
  readonly id: string;
  readonly db: Db;
  readonly publisher: Publisher;
  readonly wakes: Wakes;
  readonly log: Log;
};

type Work = { readonly row: MessageRow; readonly envelope: Envelope; readonly attempt: number };

/** Runs until `signal` aborts; then lets handlers at work finish and gives the partitions up. */
export async function runSubscription(node: Node, options: SubscriptionOptions, signal: AbortSignal): Promise<void> {
  const { db, publisher, wakes } = node;
  const log = node.log.child({ subscription: options.name });
  const retry = { ...defaultRetry, ...options.retry };
  const topic = await publisher.numberOf(options.topic);
  await db.transaction((tx) => cursors.createSubscription(tx, options.name, topic, options.from ?? "beginning"));

  const partitions = ownedPartitions();
  const grace = new AbortController();
  signal.addEventListener("abort", () => setTimeout(() => grace.abort(), HANDLER_GRACE_MS).unref(), { once: true });
  const permits = semaphore(options.concurrency ?? 16);
  /** Positions whose handler is running outside of a round, with the promise of its settlement. */
  const atWork = new Map<number, Promise<void>>();
  let renewAt = 0;
  let dueAt = 0;
  let heldTill = 0;
  let isPaused = false;
  let pauseKnownTill = 0;

  const attemptOf = ({ envelope, attempt }: Work) => ({ part: options.name, journeyId: envelope.journeyId, attempt });

  const park = (
    tx: Tx,
    work: Work,
    verdict: Verdict & { kind: "park" },
    write: typeof parked.insertParked,
  ): Promise<unknown> =>
    write(tx, { ...verdict, subscription: options.name, partition: work.row.partition, envelope: work.envelope });

  const applyEffects = async (tx: Tx, all: readonly Effects[]): Promise<void> => {
    const leaves = all.flatMap((effects) => effects.leaves ?? []);
    const publish = all.flatMap((effects) => effects.publish ?? []);
    await Promise.all([appendLeaves(tx, leaves), publisher.publish(tx, publish)]);
    for (const effects of all) await effects.apply?.(tx);
  };

  const hintPublished = (all: readonly Effects[]) => {
    for (const name of new Set(all.flatMap((effects) => effects.publish ?? []).map((message) => message.topic)))
      wakes.hint(name);
  };

  const noteParked = (verdict: Verdict & { kind: "park" }) => {
    if (verdict.state === "waiting") dueAt = Math.min(dueAt, Date.now() + verdict.pauseMs);
    if (verdict.holdMs > 0) heldTill = Math.max(heldTill, Date.now() + verdict.holdMs);
  };

  /** Commits settled messages and moves the cursors to `upTo`. */
  const commitRound = async (
    settled: readonly (readonly [Work, Verdict])[],
    upTo: readonly MessageRow[],
  ): Promise<void> => {
    const moves = partitions.movesFor(upTo);
    const effects = settled.map(([, verdict]) => verdict.effects);
    await db.transaction(async (tx) => {
      void cursors.advance(tx, options.name, moves);
      for (const [work, verdict] of settled)
        if (verdict.kind === "park") void park(tx, work, verdict, parked.insertParked);
      await applyEffects(tx, effects);
    }, REPEATABLE);
    partitions.moved(moves);
    for (const [work, verdict] of settled) {
      if (verdict.kind !== "park") continue;
      noteParked(verdict);
      if (work.row.session !== null) partitions.hold(work.row.partition, work.row.session);
    }
    hintPublished(effects);
  };

  /** As commitRound, but where one message's effects break the commit, only that message is abandoned. */
  const commitIsolating = async (settled: readonly (readonly [Work, Verdict])[]): Promise<void> => {
    const rows = settled.map(([work]) => work.row);
    try {
      return await commitRound(settled, rows);
    } catch (thrown) {
      if (!isEffectFault(thrown)) throw thrown;
    }
    for (const [work, verdict] of settled.toSorted(([a], [b]) => a.row.position - b.row.position)) {
      try {
        await commitRound([[work, verdict]], [work.row]);
      } catch (thrown) {
        if (!isEffectFault(thrown)) throw thrown;
        log.warn("effects could not be committed", { journey: work.envelope.journeyId, error: thrown });
        await commitRound([[work, judge(settlementOf(thrown), attemptOf(work), retry)]], [work.row]);
      }
    }
  };

  /** Commits what becomes of a message that was already parked; `settles`: its session may go on. */
  const commitParked = async (
    work: Work,
    effects: Effects,
    settles: boolean,
    write: (tx: Tx) => Promise<unknown>,
  ): Promise<void> => {
    const { partition, session } = work.row;
    await db.transaction(async (tx) => {
      void cursors.advance(tx, options.name, [{ partition, position: 0, epoch: partitions.epochOf(partition) ?? -1 }]);
      void write(tx);
      await applyEffects(tx, [effects]);
    }, REPEATABLE);
    hintPublished([effects]);
    if (!settles) return;
    if (session !== null) partitions.release(partition, session);
    dueAt = 0;
  };

  const settleParked = async (work: Work, verdict: Verdict): Promise<void> => {
    if (verdict.kind === "done") {
      return commitParked(work, verdict.effects, true, (tx) =>
        parked.deleteParked(tx, options.name, work.row.position),
      );
    }
    await commitParked(work, verdict.effects, false, (tx) => park(tx, work, verdict, parked.updateParked));
    noteParked(verdict);
  };

  const settleParkedIsolating = async (work: Work, verdict: Verdict): Promise<void> => {
    try {
      await settleParked(work, verdict);
    } catch (thrown) {
      if (!isEffectFault(thrown)) throw thrown;
      await settleParked(work, judge(settlementOf(thrown), attemptOf(work), retry));
    }
  };

  const runHandler = async (work: Work): Promise<Verdict> => {
    const settlement = await permits.run(() => attemptOnce(options.handler, work.envelope, work.attempt, grace.signal));
    return judge(settlement, attemptOf(work), retry);
  };

  /** Keeps a message among those at work until it is settled; a fault there costs the leases, not the message. */
  const keepAtWork = (work: Work, settled: Promise<void>): void => {
    const done = settled
      .catch((thrown: unknown) => {
        log.warn("outcome could not be committed", { journey: work.envelope.journeyId, error: thrown });
        renewAt = 0;
        partitions.forget();
      })
      .finally(() => atWork.delete(work.row.position));
    atWork.set(work.row.position, done);
  };

  const runRound = async (rows: readonly MessageRow[]): Promise<void> => {
    const works = await Promise.all(rows.map((row) => workOf(row, 1)));
    const settled = new Map<Work, Verdict>();
    const verdictOf = async (work: Work): Promise<Verdict> => {
      const behind = work.row.session !== null && partitions.isHeld(work.row.partition, work.row.session);
      const verdict = behind ? waitBehind : await runHandler(work);
      settled.set(work, verdict);
      return verdict;
    };
    const running = new Map(works.map((work) => [work, verdictOf(work)]));
    await within(PATIENCE_MS, Promise.all(running.values()));
    const slow = works.filter((work) => !settled.has(work));
    await commitIsolating(works.map((work) => [work, settled.get(work) ?? stillAtWork(work.attempt)] as const));
    for (const work of slow)
      keepAtWork(
        work,
        running.get(work)!.then((late) => settleParkedIsolating(work, late)),
      );
  };

  const workOf = async (row: MessageRow, attempt: number): Promise<Work> => {
    const body = row.body ?? (await readBody(db, topic, row.partition, row.position));
    return { row, envelope: envelopeOf(options.topic, row, body), attempt };
  };

  const takeUpDue = async (): Promise<void> => {
    dueAt = Date.now() + POLL_MS;
    const rows = await parked.readDue(db, options.name, partitions.numbers(), [...atWork.keys()], MOST_DUE);
    for (const row of rows) {
      const work = await workOf(row, row.attempt + 1);
      const settled =
        row.state === "dismissing"
          ? dismiss(work)
          : runHandler(work).then((verdict) => settleParkedIsolating(work, verdict));
      keepAtWork(work, settled);
    }
    if (rows.length === MOST_DUE) dueAt = 0;
  };

  const dismiss = (work: Work): Promise<void> =>
    commitParked(work, {}, true, (tx) => parked.markDismissed(tx, options.name, work.row.position));

  const renew = async (): Promise<void> => {
    renewAt = Date.now() + RENEW_EVERY_MS;
    const owned = await db.transaction((tx) => cursors.claimPartitions(tx, options.name, node.id, LEASE_MS));
    const fresh = partitions.settle(owned);
    if (fresh.length === 0) return;
    for (const { partition, session, held } of await parked.countParked(db, options.name, fresh))
      partitions.hold(partition, session, held);
    dueAt = 0;
  };

  const step = async (): Promise<void> => {
    if (Date.now() >= renewAt) await renew();
    const seen = wakes.count(options.topic);
    if (Date.now() >= pauseKnownTill) {
      isPaused = (await cursors.pausedReason(db, options.name)) !== undefined;
      pauseKnownTill = Date.now() + PAUSE_CHECK_MS;
    }
    const paused = isPaused || Date.now() < heldTill;
    if (!paused && Date.now() >= dueAt) await takeUpDue();
    if (!paused && partitions.isDrained()) {
      partitions.add(await readMessages(db, topic, partitions.readFrom(), await horizon(db), READ_PER_PARTITION));
    }
    const round = paused ? [] : partitions.takeRound(MOST_PER_ROUND);
    if (round.length > 0) return runRound(round);
    const soonest = Math.min(renewAt, Math.max(dueAt, heldTill), Date.now() + POLL_MS);
    await wakes.wait(options.topic, seen, Math.max(1, soonest - Date.now()), signal);
  };

  while (!signal.aborted) {
    try {
      await step();
    } catch (thrown) {
      const error = isSqlState(thrown, "LG001") ? new LockgateError("LEASE_LOST") : asLockgateError(thrown);
      log.warn("subscription starts over", { error });
      partitions.forget();
      renewAt = 0;
      await wakes.wait(options.topic, Number.POSITIVE_INFINITY, 250, signal);
    }
  }
  await Promise.all(atWork.values());
  await db.transaction((tx) => cursors.releasePartitions(tx, options.name, node.id)).catch(() => undefined);
}

/** Whether a commit failed by what a message wanted to write, rather than by the lease or the connection. */
const isEffectFault = (thrown: unknown): boolean =>
  !isSqlState(thrown, "LG001") && !(thrown instanceof LockgateError && thrown.code === "DATABASE_UNAVAILABLE");

/** Waits for `work`, but no longer than `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
