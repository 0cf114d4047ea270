// The statement that leases: the same as its model in memory, kept by real nodes at once, and told to the audit once.

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "#kernel/clock";
import { type Db, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openLeases } from "../../../src/gateway/throttle/leases.ts";
import { type Ask, forget, lease, note } from "../../../src/gateway/throttle/store.ts";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { memoryStore } from "./nodes.ts";

const START_MS = Date.UTC(2026, 4, 1, 23, 59, 0);

let database: TestDatabase;
let others: Db[];
beforeAll(async () => {
  database = await testDatabase();
  others = [1, 2, 3].map(() => openDatabase(database.as("lockgate_app"), 2));
});
afterAll(async () => {
  for (const one of others ?? []) await one.close();
  await database?.drop();
});

const askOf = (more: Partial<Ask>): Ask => ({
  product: "ops",
  subject: "s",
  wanted: 1,
  settled: 0,
  day: undefined,
  spacingMs: 100,
  depthMs: 1_800,
  perDay: 50,
  ...more,
});

test("the statement does what its model does, over midnight as well", async () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    wanted: fc.integer({ min: 0, max: 30 }),
    settled: fc.integer({ min: -10, max: 10 }),
    isSameDay: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      let nowMs = START_MS;
      const model = memoryStore(() => nowMs);
      const subject = newId();
      for (const { afterMs, wanted, settled, isSameDay } of steps) {
        nowMs += afterMs;
        const day = new Date(isSameDay ? nowMs : START_MS).toISOString().slice(0, 10);
        const asks = [askOf({ subject, wanted, settled, day })];
        const [real] = await lease(database.db, asks, new Date(nowMs));
        const [expected] = await model.ask(asks);
        expect(real).toMatchObject({ ...expected, dueMs: expect.closeTo(expected!.dueMs, 1) as number });
      }
    }),
    { numRuns: 40 },
  );
});

test("real nodes on real time keep the bound together, with far fewer statements than requests", async () => {
  const allowance = { perSecond: 200, burst: 200, perDay: 1_000_000 };
  let statements = 0;
  const nodes = others.map((db) =>
    openLeases((asks) => {
      statements += 1;
      return lease(db, asks);
    }, systemClock),
  );
  const subject = newId();
  const beganMs = Date.now();
  let [passed, asked] = [0, 0];
  while (Date.now() - beganMs < 1_500) {
    const verdicts = nodes.flatMap((node) =>
      Array.from({ length: 10 }, () => node.bucket("ops", subject, allowance).take()),
    );
    for (const verdict of await Promise.all(verdicts)) if (!verdict) passed += 1;
    asked += verdicts.length;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seconds = (Date.now() - beganMs) / 1_000;
  for (const node of nodes) await node.close();
  expect(passed).toBeLessThanOrEqual(200 + 200 * seconds);
  expect(passed).toBeGreaterThan(0.8 * (200 + 200 * (seconds - 0.5)));
  expect(statements).toBeLessThan(asked / 4);
});

test("what a node gives back at its end is there for the others", async () => {
  const [one, other] = others.map((db) => openLeases((asks) => lease(db, asks), systemClock));
  const bucket = one!.bucket("ops", "given-back", { perSecond: 10, burst: 20, perDay: 40 });
  await Promise.all(Array.from({ length: 4 }, () => bucket.take()));
  await one!.close();
  const [row] = await database.db.query<{ used: number }>(
    "select used from throttle.bucket where subject = 'given-back'",
  );
  expect(row?.used).toBe(4);
  await other!.close();
});

test("the audit is told once a minute of too fast requests, and once a day of a quota", async () => {
  await lease(database.db, [askOf({ subject: "told" })]);
  const told = (isQuota: boolean) =>
    database.db.transaction((tx) => note(tx, { product: "ops", subject: "told", isQuota }));
  expect([await told(false), await told(false), await told(true), await told(true)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test("what nobody has asked for in weeks is forgotten", async () => {
  await lease(database.db, [askOf({ subject: "old" })], new Date(Date.now() - 40 * 86_400_000));
  await lease(database.db, [askOf({ subject: "new" })]);
  await forget(database.db);
  const rows = await database.db.query("select subject from throttle.bucket where subject in ('old', 'new')");
  expect(rows).toEqual([{ subject: "new" }]);
});
