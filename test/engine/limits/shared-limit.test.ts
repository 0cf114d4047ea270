// A limit shared by nodes: kept over any stretch of the server's time, fair, and left without a trace.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type LimitSettings, type SharedLimit, sharedLimit, type Turn } from "#engine/limits";
import { systemClock } from "#kernel/clock";
import { type Db, openDatabase, type Queryable } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { type Reservation, reserve } from "../../../src/engine/limits/store.ts";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { testVault } from "../../vault.ts";

let database: TestDatabase;
let other: Db;
beforeAll(async () => {
  database = await testDatabase();
  other = openDatabase(database.as("lockgate_app"), 2, testVault);
});
afterAll(async () => {
  await other?.close();
  await database?.drop();
});

let names = 0;
let name = "";
afterEach(() => {
  names += 1;
});
const limitOn = (db: Queryable, more: Partial<LimitSettings> = {}): SharedLimit => {
  name = `limit-${names}`;
  return sharedLimit({ db, clock: systemClock, name, perSecond: 100, mostWaitMs: 60_000, ...more });
};

/** A database that writes down what it granted, by the server's clock. */
function watched(db: Queryable) {
  const reservations: Reservation[] = [];
  const seen: Queryable = {
    vault: db.vault,
    query: async <Row>(statement: Parameters<Queryable["query"]>[0]) => {
      const rows = await db.query<Row>(statement);
      reservations.push(...(rows as Reservation[]));
      return rows;
    },
  };
  return { db: seen, reservations };
}

const turnsOf = (reservations: readonly Reservation[], spacingMs: number): number[] =>
  reservations
    .flatMap(({ granted, dueMs }) => Array.from({ length: granted }, (_, index) => dueMs + index * spacingMs))
    .toSorted((a, b) => a - b);

const take = (limit: SharedLimit, times: number): Promise<Turn[]> =>
  Promise.all(Array.from({ length: times }, () => limit.take()));
const granted = { outcome: "granted" };

describe("a shared limit", () => {
  test("gives two nodes together no more turns in any stretch of time than one would get", async () => {
    const [one, two] = [watched(database.db), watched(other)];
    const limits = [limitOn(one.db), limitOn(two.db)];
    const answers = await Promise.all(limits.map((limit) => take(limit, 40)));
    expect(answers.flat()).toEqual(Array(80).fill(granted));
    const turns = turnsOf([...one.reservations, ...two.reservations], 10);
    expect(turns.length).toBeGreaterThanOrEqual(80);
    // Every turn is a whole spacing after the one before, less what a double loses of a time in microseconds.
    const gaps = turns.slice(1).map((turn, index) => turn - turns[index]!);
    expect(Math.min(...gaps)).toBeGreaterThan(9.99);
    expect(one.reservations.length + two.reservations.length).toBeLessThan(80);
  });

  test("shares the turns between nodes that are busy at once", async () => {
    const [one, two] = [watched(database.db), watched(other)];
    const busy = limitOn(one.db, { perSecond: 50 });
    const late = limitOn(two.db, { perSecond: 50 });
    const first = take(busy, 30);
    await busy.take(AbortSignal.abort());
    await take(late, 10);
    const ended = two.reservations.at(-1)!.dueMs;
    const mine = turnsOf(two.reservations, 20);
    // While the other one was at it, the node with the long queue got no more than a block's worth above its half.
    const theirs = turnsOf(one.reservations, 20).filter((turn) => turn >= mine[0]! && turn <= ended);
    expect(Math.abs(theirs.length - mine.length)).toBeLessThanOrEqual(4);
    expect(await first).toHaveLength(30);
  });

  test("gives the turns of one node in the order of asking", async () => {
    const limit = limitOn(database.db, { perSecond: 200 });
    const order: number[] = [];
    await Promise.all(Array.from({ length: 30 }, (_, index) => limit.take().then(() => order.push(index))));
    expect(order).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  test("lets a burst go at once where one is allowed, and no more", async () => {
    const seen = watched(database.db);
    await take(limitOn(seen.db, { perSecond: 1, burst: 3 }), 3);
    const { dueMs, nowMs } = seen.reservations[0]!;
    expect(seen.reservations).toMatchObject([{ granted: 3 }]);
    expect(dueMs + 2 * 1000).toBeLessThanOrEqual(nowMs + 0.01);
    const next = await reserve(database.db, { name, spacingMs: 1000, creditMs: 2000, furthestMs: 9000 }, 1);
    expect(next.dueMs).toBeGreaterThan(next.nowMs);
  });

  test("turns away who would wait too long, and says how long", async () => {
    const limit = limitOn(database.db, { perSecond: 1, mostWaitMs: 3_000 });
    const leave = new AbortController();
    expect(await limit.take()).toEqual(granted);
    const queue = Array.from({ length: 4 }, () => limit.take(leave.signal));
    expect(await limit.take()).toEqual({ outcome: "too-far", retryAfterMs: 4_000 });
    leave.abort();
    await Promise.all(queue);
  });

  test("turns away at once when other nodes have taken what is near", async () => {
    const far = { spacingMs: 1000, creditMs: 0, furthestMs: 2_500 };
    const limit = limitOn(database.db, { perSecond: 1, mostWaitMs: 2_500 });
    expect(await reserve(other, { name, ...far }, 9)).toMatchObject({ granted: 3 });
    const turn = await limit.take();
    expect(turn).toMatchObject({ outcome: "too-far" });
    expect((turn as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(2_500 / 2);
  });

  test("starts over when the server's clock was put back", async () => {
    const limit = { name: "clock", spacingMs: 1000, creditMs: 0, furthestMs: 2_500 };
    await reserve(other, limit, 1);
    await other.query("update limits.turn set next_at = clock_timestamp() + interval '1 hour' where name = 'clock'");
    expect(await reserve(other, limit, 1)).toMatchObject({ granted: 1 });
  });

  test("passes the turn of one who left to the next, and reserves none for nobody", async () => {
    const seen = watched(database.db);
    const limit = limitOn(seen.db, { perSecond: 20 });
    const leave = new AbortController();
    const first = limit.take();
    const second = limit.take(leave.signal);
    const third = limit.take();
    leave.abort();
    expect(await Promise.all([first, second, third])).toEqual([granted, { outcome: "aborted" }, granted]);
    expect(turnsOf(seen.reservations, 50)).toHaveLength(2);
  });

  test("gives nobody a turn under a signal that has fired already", async () => {
    const seen = watched(database.db);
    expect(await limitOn(seen.db).take(AbortSignal.abort())).toEqual({ outcome: "aborted" });
    expect(seen.reservations).toEqual([]);
  });

  test("asks the database seldom when many ask for turns", async () => {
    const seen = watched(database.db);
    await take(limitOn(seen.db, { perSecond: 400 }), 100);
    expect(seen.reservations.length).toBeLessThanOrEqual(8);
    expect(Math.max(...seen.reservations.map((one) => one.granted))).toBe(20);
  });

  test("fails for all who wait when the database does not answer, and recovers", async () => {
    let isDown = true;
    const limit = limitOn({
      vault: testVault,
      query: (statement) =>
        isDown ? Promise.reject(new LockgateError("DATABASE_UNAVAILABLE")) : database.db.query(statement),
    });
    const codes = await Promise.allSettled([limit.take(), limit.take()]);
    expect(codes).toMatchObject([
      { reason: { code: "DATABASE_UNAVAILABLE" } },
      { reason: { code: "DATABASE_UNAVAILABLE" } },
    ]);
    isDown = false;
    expect(await limit.take()).toEqual(granted);
  });

  test("can be read by the auditor and changed by the platform only", async () => {
    const auditor = openDatabase(database.as("lockgate_auditor"), 1);
    try {
      await limitOn(database.db).take();
      expect(await auditor.query("select name from limits.turn")).not.toEqual([]);
      await expect(auditor.query("update limits.turn set next_at = now()")).rejects.toThrow(/permission denied/);
      await expect(database.db.query("delete from limits.turn")).rejects.toThrow(/permission denied/);
    } finally {
      await auditor.close();
    }
  });
});
