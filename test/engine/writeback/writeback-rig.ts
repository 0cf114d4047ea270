// Write-back at work on a database of its own, against a fake target, with somebody who listens for what is told.

import { pino } from "pino";
import { type Effects, type Envelope, openBackbone } from "#engine/backbone";
import {
  type Held,
  openPace,
  openWriteback,
  type Values,
  type WriteRequest,
  type WriteSettled,
} from "#engine/writeback";
import { systemClock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { testDatabase } from "../../database.ts";
import { until } from "../../until.ts";
import { fakeTarget } from "./fake-target.ts";

/** A subject's record as a caller has just read it. */
export type KnownRecord = Held & { readonly subject: string };

export const request = (subject: string, values: Values, more: Partial<WriteRequest> = {}): WriteRequest => ({
  subject,
  idempotencyKey: newId(),
  values,
  eventAt: Date.now() + 60_000,
  ...more,
});

/** A change of a record as its caller has just read it. */
export const onBasis = ({ subject, version, values }: KnownRecord, wanted: Values, strict = false): WriteRequest =>
  request(subject, wanted, { basis: { version, values, strict } });

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** A database one of whose next commits can be lost after everything in it has been sent. */
function failingDb(db: Db) {
  let doomed: { when(): boolean; lost(): void } | undefined;
  const failing: Db = {
    ...db,
    async transaction(work, options) {
      let lost: (() => void) | undefined;
      return db
        .transaction(async (tx) => {
          const result = await work(tx);
          if (!doomed?.when()) return result;
          lost = doomed.lost;
          doomed = undefined;
          throw new LockgateError("DATABASE_UNAVAILABLE");
        }, options)
        .finally(() => lost?.());
    },
  };
  return {
    db: failing,
    /** The first commit for which `when` holds is lost; resolves once it is. */
    loseCommit: (when: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        doomed = { when, lost: resolve };
      }),
  };
}

const SETTLED = "change.settled";

export async function startRig() {
  const database = await testDatabase();
  const { db, loseCommit } = failingDb(database.db);
  const log = pino({ level: "silent" });
  const backbone = await openBackbone({ db, node: newId(), clock: systemClock, log, keepMs: 3_600_000 });
  const fake = fakeTarget();
  const { target } = fake;
  const writeback = openWriteback({
    db,
    backbone,
    clock: systemClock,
    log,
    target,
    tells: SETTLED,
    concurrency: 16,
    pace: openPace(systemClock, 100_000),
  });
  writeback.run();
  const heard: { readonly message: Envelope; readonly told: WriteSettled }[] = [];
  backbone.subscribe({
    name: "listener",
    topic: SETTLED,
    handler: async (message) => {
      heard.push({ message, told: JSON.parse(message.body.toString()) as WriteSettled });
      return { settle: "complete" };
    },
  });

  /** Commits effects as a round of messages would. */
  const commit = async (all: readonly Effects[]): Promise<void> => {
    await db.transaction(async (tx) => {
      const gathered = all.flatMap(({ gather = [] }) => gather);
      const kinds = Map.groupBy(gathered, ({ write }) => write);
      for (const [write, rows] of kinds) await write(tx, rows.map(({ row }) => row) as never[]);
      await backbone.publish(
        tx,
        all.flatMap(({ publish = [] }) => publish),
      );
    });
    backbone.hint("fake-write.requested");
  };
  const ask = (...requests: readonly WriteRequest[]): Promise<void> =>
    commit(
      requests.map((request) =>
        writeback.request(request, { journeyId: newId(), traceparent: undefined, position: 7 }),
      ),
    );
  const toldOf = (key: string) => heard.map(({ told }) => told).filter(({ idempotencyKey }) => idempotencyKey === key);
  const settled = async (key: string): Promise<WriteSettled> => {
    await until(() => toldOf(key).length > 0);
    return toldOf(key)[0]!;
  };
  return {
    ...fake,
    db,
    loseCommit,
    backbone,
    writeback,
    heard,
    commit,
    ask,
    toldOf,
    /** A subject whose record the target holds. */
    async adopted(values: Values): Promise<KnownRecord> {
      const held = fake.existing(values);
      const subject = newId();
      await db.transaction((tx) => writeback.adopt(tx, subject, held));
      return { subject, ...held };
    },
    /** What was told of the request of that key, once something was. */
    settled,
    /** Asks, waits until it is told, and says what was told and which calls that took. */
    async carryOut(asked: WriteRequest) {
      const before = fake.calls.length;
      await ask(asked);
      const told = await settled(asked.idempotencyKey);
      return { told, calls: fake.calls.slice(before) };
    },
    writesOf: (asked: WriteRequest) => fake.writes.filter(({ key }) => key === asked.idempotencyKey),
    stateOf: async (key: string) => {
      const [row] = await db.query<{ state: string }>({
        text: "select state from writeback.change where idempotency_key = $1",
        values: [key],
      });
      return row?.state;
    },
    async close() {
      await backbone.close();
      await database.drop();
    },
  };
}
