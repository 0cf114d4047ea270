// Commits what becomes of messages: cursors, parked rows and effects in one transaction, fenced by epoch.

import { append as appendLeaves } from "#engine/audit";
import { type Db, isSqlState, type Tx } from "#kernel/db";
import { asLockgateError, LockgateError } from "#kernel/errors";
import { advance } from "./cursors/store.ts";
import * as parked from "./parked/store.ts";
import type { Partitions } from "./partitions.ts";
import type { Publisher } from "./publisher.ts";
import type { Effects, RetryPolicy, Settlement } from "./types.ts";
import { judge, settlementOf, type Verdict } from "./verdict.ts";
import type { Wakes } from "./wake.ts";
import { attemptOf, type Settled, type Work } from "./work.ts";

/** A commit that a crash takes back takes its cursor back too: the messages come again. So nobody waits for the disk. */
const REPEATABLE = { durable: false } as const;

type Parking = Verdict & { kind: "park" };

export type OutcomeOptions = {
  readonly db: Db;
  readonly publisher: Publisher;
  readonly wakes: Wakes;
  readonly subscription: string;
  readonly retry: RetryPolicy;
  readonly partitions: Partitions;
  /** Told of each message that was parked, or parked again. */
  readonly onParked: (verdict: Parking) => void;
};

/** Whether a commit failed by what a message wanted to write, rather than by the lease or the connection. */
const isEffectFault = (thrown: unknown): boolean =>
  !isSqlState(thrown, "LG001") && !(thrown instanceof LockgateError && thrown.code === "DATABASE_UNAVAILABLE");

/** One write for each kind of row, with the rows of every message. */
function writeGathered(tx: Tx, all: readonly Effects[]): Promise<void>[] {
  const rows = Map.groupBy(
    all.flatMap((effects) => effects.gather ?? []),
    (one) => one.write,
  );
  return [...rows].map(([write, gathered]) => write(tx, gathered.map(({ row }) => row) as never[]));
}

/** What is kept of a message that was parked. */
const parkedRow = ({ work, verdict }: Settled): parked.ParkedRow[] =>
  verdict.kind === "park" ? [{ ...verdict, row: work.row }] : [];

/** @throws SQLSTATE LG001 when a partition has a new owner, DATABASE_UNAVAILABLE: nothing may be assumed committed then */
export function outcomes({ db, publisher, wakes, subscription, retry, partitions, onParked }: OutcomeOptions) {
  const apply = async (tx: Tx, all: readonly Effects[]): Promise<void> => {
    const leaves = all.flatMap((effects) => effects.leaves ?? []);
    const messages = all.flatMap((effects) => effects.publish ?? []);
    await Promise.all([appendLeaves(tx, leaves), publisher.publish(tx, messages), ...writeGathered(tx, all)]);
    for (const effects of all) await effects.apply?.(tx);
  };

  const hint = (all: readonly Effects[]): void => {
    const topics = new Set(all.flatMap((effects) => effects.publish ?? []).map((message) => message.topic));
    for (const topic of topics) wakes.hint(topic);
  };

  /** Commits what becomes of a message; where its effects break that, what it wants then, or else a failed attempt. */
  const commitOne = async (
    work: Work,
    verdict: Verdict,
    commit: (verdict: Verdict) => Promise<void>,
  ): Promise<void> => {
    const again = (settlement: Settlement) => commit(judge(settlement, attemptOf(subscription, work), retry));
    try {
      return await commit(verdict);
    } catch (thrown) {
      if (!isEffectFault(thrown)) throw thrown;
      const refused = verdict.kind === "done" ? verdict.refused?.(asLockgateError(thrown)) : undefined;
      if (!refused) return again(settlementOf(thrown));
      return again(refused).catch((fault: unknown) => {
        if (!isEffectFault(fault)) throw fault;
        return again(settlementOf(fault));
      });
    }
  };

  const commitRound = async (settled: readonly Settled[]): Promise<void> => {
    const moves = partitions.movesFor(settled.map(({ work }) => work.row));
    const effects = settled.map(({ verdict }) => verdict.effects);
    await db.transaction(async (tx) => {
      void advance(tx, subscription, moves);
      void parked.insertParked(tx, subscription, settled.flatMap(parkedRow));
      await apply(tx, effects);
    }, REPEATABLE);
    partitions.moved(moves);
    for (const { work, verdict } of settled) {
      if (verdict.kind !== "park") continue;
      if (work.row.session !== null) partitions.hold(work.row.partition, work.row.session);
      onParked(verdict);
    }
    hint(effects);
  };

  /** Commits for messages that were already parked; moving their cursors nowhere is what fences the commit. */
  const commitParked = async (
    works: readonly Work[],
    all: readonly Effects[],
    write: (tx: Tx) => void,
  ): Promise<void> => {
    const own = new Set(works.map(({ row }) => row.partition));
    const fences = [...own].map((partition) => ({
      partition,
      position: 0,
      epoch: partitions.epochOf(partition) ?? -1,
    }));
    await db.transaction(async (tx) => {
      void advance(tx, subscription, fences);
      write(tx);
      await apply(tx, all);
    }, REPEATABLE);
    hint(all);
  };

  const release = ({ row }: Work): void => {
    if (row.session !== null) partitions.release(row.partition, row.session);
  };

  const commitLate = async (settled: readonly Settled[]): Promise<void> => {
    const effects = settled.map(({ verdict }) => verdict.effects);
    const works = settled.map(({ work }) => work);
    await commitParked(works, effects, (tx) => {
      for (const row of settled.flatMap(parkedRow)) void parked.updateParked(tx, subscription, row);
      const done = settled.filter(({ verdict }) => verdict.kind === "done");
      void parked.deleteParked(
        tx,
        subscription,
        done.map(({ work }) => work.row.position),
      );
    });
    for (const { work, verdict } of settled) {
      if (verdict.kind === "park") onParked(verdict);
      else release(work);
    }
  };

  /** As a round: together, or where one breaks that, each by itself. */
  const late = together(async (settled: readonly Settled[]): Promise<PromiseSettledResult<void>[]> => {
    try {
      await commitLate(settled);
      return settled.map(() => ({ status: "fulfilled", value: undefined }));
    } catch (thrown) {
      if (!isEffectFault(thrown)) return settled.map(() => ({ status: "rejected", reason: thrown }));
    }
    const ends: PromiseSettledResult<void>[] = [];
    for (const { work, verdict } of settled)
      ends.push(
        ...(await Promise.allSettled([commitOne(work, verdict, (one) => commitLate([{ work, verdict: one }]))])),
      );
    return ends;
  });

  return {
    /** Commits a round; where one message's effects break the commit, only that message is abandoned. */
    async round(settled: readonly Settled[]): Promise<void> {
      try {
        return await commitRound(settled);
      } catch (thrown) {
        if (!isEffectFault(thrown)) throw thrown;
      }
      for (const { work, verdict } of settled.toSorted((a, b) => a.work.row.position - b.work.row.position))
        await commitOne(work, verdict, (one) => commitRound([{ work, verdict: one }]));
    },
    /** Commits what becomes of a message that was already parked. */
    parked: (work: Work, verdict: Verdict): Promise<void> => late({ work, verdict }),
    /** Ends a dismissal: the message is kept, and its session goes on. */
    async dismissed(work: Work): Promise<void> {
      await commitParked([work], [], (tx) => void parked.markDismissed(tx, subscription, work.row.position));
      release(work);
    },
  };
}

/** Runs `work` on what has come meanwhile, all at once, and never twice at a time. */
function together<One>(
  work: (all: readonly One[]) => Promise<PromiseSettledResult<void>[]>,
): (one: One) => Promise<void> {
  let waiting: { one: One; resolve: () => void; reject: (reason: unknown) => void }[] = [];
  let isAtWork = false;
  const run = async (): Promise<void> => {
    isAtWork = true;
    while (waiting.length > 0) {
      const all = waiting;
      waiting = [];
      const ends = await work(all.map(({ one }) => one));
      for (const [index, { resolve, reject }] of all.entries()) {
        const end = ends[index]!;
        if (end.status === "fulfilled") resolve();
        else reject(end.reason);
      }
    }
    isAtWork = false;
  };
  return (one) =>
    new Promise((resolve, reject) => {
      waiting.push({ one, resolve, reject });
      if (!isAtWork) void run();
    });
}
