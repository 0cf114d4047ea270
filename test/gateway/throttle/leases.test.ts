// The bound over all nodes, whatever comes when; a hot node alone has the whole; and what happens without the database.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Leases, openLeases, type Verdict } from "../../../src/gateway/throttle/leases.ts";
import { type Allowance, LEASE_MS } from "../../../src/gateway/throttle/settings.ts";
import { memoryStore, steppedClock } from "./nodes.ts";

const START_MS = Date.UTC(2026, 4, 1, 9);
const ROOMY = 1_000_000;

type Arrival = { readonly afterMs: number; readonly node: number; readonly count: number };

/** Lets arrivals come to nodes that share one store. @returns when each that passed did, and what the others were told */
async function run(allowance: Allowance, nodes: number, arrivals: readonly Arrival[], startMs = START_MS) {
  const clock = steppedClock(startMs);
  const store = memoryStore(clock.now);
  const all: Leases[] = Array.from({ length: nodes }, () => openLeases(store.ask, clock));
  const passed: number[] = [];
  const refused: Verdict[] = [];
  const settle = (verdict: Verdict): void => void (verdict ? refused.push(verdict) : passed.push(clock.now()));
  const answers: Promise<void>[] = [];
  let tendedMs = startMs;
  let atMs = startMs;
  for (const { afterMs, node, count } of arrivals) {
    atMs += afterMs;
    for (; tendedMs + LEASE_MS <= atMs; tendedMs += LEASE_MS) {
      await clock.set(tendedMs + LEASE_MS);
      for (const one of all) one.tend();
    }
    await clock.set(atMs);
    for (let turn = 0; turn < count; turn += 1) {
      const verdict = all[node % nodes]!.bucket("ops", "s", allowance).take();
      if (verdict instanceof Promise) answers.push(verdict.then(settle));
      else settle(verdict);
    }
  }
  await clock.set(atMs + 1_000);
  await Promise.all(answers);
  for (const one of all) await one.close();
  return { passed, refused, statements: store.told.statements, elapsedMs: atMs - startMs };
}

/** The most that passed over any stretch of time, less what that stretch allows: at most `burst` if the bound holds. */
function worst(passed: readonly number[], perSecond: number): number {
  // Since the stretch that ends here: what passed since its best beginning, as a running maximum.
  let [most, worstSoFar] = [Number.NEGATIVE_INFINITY, 0];
  for (const [index, atMs] of passed.toSorted((a, b) => a - b).entries()) {
    most = Math.max(most, (atMs / 1_000) * perSecond - index);
    worstSoFar = Math.max(worstSoFar, most - (atMs / 1_000) * perSecond + index + 1);
  }
  return worstSoFar;
}

describe("leases of three nodes", () => {
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 600 })),
      node: fc.nat(2),
      count: fc.integer({ min: 1, max: 40 }),
    }),
    { maxLength: 150 },
  );

  test("never let more pass, over any stretch of time, than rate times time and the burst", async () => {
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 0, max: 80 }),
        arrivals,
        async (perSecond, more, all) => {
          const burst = Math.max(2, perSecond + more);
          const { passed, refused } = await run({ perSecond, burst, perDay: ROOMY }, 3, all);
          refusals += refused.length;
          // What a double loses of instants in milliseconds since 1970.
          expect(worst(passed, perSecond)).toBeLessThanOrEqual(burst + 0.001);
          expect(passed.length + refused.length).toBe(all.reduce((sum, { count }) => sum + count, 0));
        },
      ),
      { numRuns: 150 },
    );
    expect(refusals).toBeGreaterThan(1_000);
  });

  test("never spend a lease late on top of a burst", async () => {
    // One node has come to lease a fifth of a second's worth, spends little of it, and then everybody comes at once.
    const steady = Array.from({ length: 200 }, () => ({ afterMs: 10, node: 0, count: 1 }));
    for (const pauseMs of [0, 50, 100, 150, 190, 199, 200, 250]) {
      const flood = [
        { afterMs: pauseMs, node: 0, count: 60 },
        { afterMs: 0, node: 1, count: 120 },
      ];
      const { passed } = await run({ perSecond: 100, burst: 100, perDay: ROOMY }, 3, [...steady, ...flood]);
      expect(worst(passed, 100)).toBeLessThanOrEqual(100.001);
    }
  });

  test("never let more pass in a day than its quota, and lose none of it to leases that end unspent", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), arrivals, async (perDay, all) => {
        const { passed } = await run({ perSecond: 1_000, burst: 2_000, perDay }, 3, all);
        const asked = all.reduce((sum, { count }) => sum + count, 0);
        expect(passed.length).toBeLessThanOrEqual(perDay);
        // Others hold back no more than a lease, and nothing after it: who came at the very end may have met that.
        if (asked <= perDay / 4) expect(passed.length).toBe(asked);
      }),
      { numRuns: 100 },
    );
  });

  test("leave nothing of a quota unused once everybody has come long enough", async () => {
    const steady = Array.from({ length: 400 }, (_, turn) => ({ afterMs: 50, node: turn, count: 3 }));
    expect((await run({ perSecond: 1_000, burst: 2_000, perDay: 500 }, 3, steady)).passed).toHaveLength(500);
  });

  test("give one hot node the whole while the others rest", async () => {
    const hot = Array.from({ length: 2_000 }, () => ({ afterMs: 5, node: 0, count: 2 }));
    const { passed, elapsedMs, statements } = await run({ perSecond: 200, burst: 200, perDay: ROOMY }, 3, hot);
    expect(passed.length).toBeGreaterThan(0.97 * 200 * (elapsedMs / 1_000));
    expect(statements).toBeLessThan(passed.length / 10);
  });

  test("begin a new day with a new quota", async () => {
    const arrivals = [
      { afterMs: 0, node: 0, count: 9 },
      { afterMs: 60_000, node: 1, count: 9 },
    ];
    const late = Date.UTC(2026, 4, 1, 23, 59, 30);
    const { passed, refused } = await run({ perSecond: 10, burst: 20, perDay: 5 }, 3, arrivals, late);
    expect(passed).toHaveLength(10);
    expect(refused[0]).toMatchObject({
      code: "QUOTA_EXCEEDED",
      retryAfterMs: expect.closeTo(30_000, -3) as number,
    });
  });
});

describe("a node without its database", () => {
  const allowance = { perSecond: 100, burst: 200, perDay: ROOMY };
  const clockAndFlood = async (ask: Parameters<typeof openLeases>[0]) => {
    const clock = steppedClock(START_MS);
    const leases = openLeases(ask, clock);
    const bucket = leases.bucket("ops", "s", allowance);
    const verdicts: Verdict[] = [];
    for (let turn = 0; turn < 1_000; turn += 1) {
      await clock.set(START_MS + turn * 10);
      void Promise.resolve(bucket.take()).then((verdict) => verdicts.push(verdict));
      if (turn % 20 === 0) leases.tend();
    }
    await clock.set(START_MS + 12_000);
    return { leases, clock, bucket, verdicts };
  };

  test.each<[string, () => Promise<never>]>([
    ["fails", () => Promise.reject(new Error("down"))],
    ["never answers", () => new Promise(() => undefined)],
  ])("that %s lets a tenth pass, neither none nor all", async (_, ask) => {
    const { verdicts } = await clockAndFlood(ask);
    const passed = verdicts.filter((verdict) => verdict === undefined).length;
    expect(verdicts).toHaveLength(1_000);
    // Ten a second for ten seconds, and a tenth of the burst.
    expect(passed).toBeGreaterThan(100);
    expect(passed).toBeLessThanOrEqual(121);
  });

  test("counts what it let pass once the database is back", async () => {
    const settled: number[] = [];
    let isDown = true;
    const store = memoryStore(() => START_MS);
    const { leases, clock } = await clockAndFlood(async (asks) => {
      if (isDown) throw new Error("down");
      settled.push(...asks.map((ask) => ask.settled));
      return store.ask(asks);
    });
    isDown = false;
    await clock.set(START_MS + 20_000);
    leases.tend();
    await clock.set(START_MS + 21_000);
    expect(settled[0]).toBeGreaterThan(100);
  });
});
