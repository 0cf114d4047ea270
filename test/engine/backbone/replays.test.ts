// Bulk replay: exactly the letters that were looked at, at the rate that was asked for, each once, whoever dies meanwhile.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { journeyLeaves } from "#engine/audit";
import { type Backbone, type Envelope, openBackbone, type Replay, type ReplayItemState } from "#engine/backbone";
import { type Clock, manualClock, systemClock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { paceOf } from "../../../src/engine/backbone/replays/run.ts";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { until } from "../../until.ts";

const TOPIC = "things.made";
const log = openLog("silent");

let database: TestDatabase;
let backbone: Backbone;
/** What the handler is to fail with, by the text of the message. */
let failing: Map<string, LockgateError>;
let handled: string[];
/** The roles that people hold now; of whoever is not among them nothing is known. */
let held: Map<string, string[]>;

const olga = { name: "olga", roles: ["operator"] };
const otto = { name: "otto", roles: ["operator"] };

const openOn = (clock: Clock, db = database.db) =>
  openBackbone({ db, node: newId(), clock, log, keepMs: 86_400_000, rolesOf: async (name) => held.get(name) });

const handler = async ({ body }: Envelope) => {
  const text = body.toString();
  const error = failing.get(text);
  if (error) throw error;
  handled.push(text);
  return { settle: "complete" } as const;
};

beforeEach(async () => {
  database = await testDatabase();
  failing = new Map();
  handled = [];
  held = new Map();
});
afterEach(async () => {
  await backbone.close();
  await database.drop();
});

const broken = () => new LockgateError("CHANNEL_TRANSFORM_FAILED");

/** Messages that die at once; each in a session of its own, or all in the one given. @returns their journeys, by text */
async function dead(texts: readonly string[], session?: string): Promise<Map<string, string>> {
  const journeys = new Map(texts.map((text) => [text, newId()]));
  for (const text of texts) failing.set(text, broken());
  await backbone.publishNow(
    texts.map((text) => ({
      topic: TOPIC,
      session: session ?? text,
      journeyId: journeys.get(text)!,
      body: Buffer.from(text),
      contentType: "text/plain",
      source: "test",
    })),
  );
  const expected = session === undefined ? texts.length : 1;
  await until(async () => (await letters()).filter(({ journeyId }) => has(journeys, journeyId)).length === expected);
  return journeys;
}

const has = (journeys: ReadonlyMap<string, string>, journeyId: string) => [...journeys.values()].includes(journeyId);
const letters = () => backbone.parked({ state: "dead", most: 1_000 });
const named = (count: number, prefix = "m") => Array.from({ length: count }, (_, nth) => `${prefix}${nth}`);

const start = (replay: Replay, perSecond = 500) =>
  backbone.replays.start(replay.id, { digest: replay.digest, perSecond, reason: "mended" }, olga);
const counted = async (id: string, expected: Partial<Record<ReplayItemState, number>>) =>
  until(async () => {
    const { counts } = await backbone.replays.show(id);
    return Object.entries(expected).every(([state, count]) => counts[state as ReplayItemState] === count);
  });
const ended = (id: string) => until(async () => (await backbone.replays.show(id)).endedAt !== null);
const replayedLeaves = async (journeyId: string) =>
  (await journeyLeaves(database.db, journeyId)).filter(({ name }) => name === "dead-letter.replayed");

describe("a replay", () => {
  beforeEach(async () => {
    backbone = await openOn(systemClock);
    backbone.subscribe({ name: "things", topic: TOPIC, handler });
  });

  test("tries exactly the letters that its preview fixed, while new ones arrive", async () => {
    const first = await dead(named(5));
    const replay = await backbone.replays.preview({ subscription: "things", most: 100 }, "olga");
    expect(replay).toMatchObject({ state: "previewed", targets: 5, previewedBy: "olga", counts: { pending: 5 } });
    await dead(named(3, "late"));
    failing.clear();
    expect((await backbone.replays.show(replay.id)).digest).toBe(replay.digest);
    await start(replay);
    await ended(replay.id);
    expect(await backbone.replays.show(replay.id)).toMatchObject({ state: "done", counts: { through: 5 } });
    expect(handled.toSorted()).toEqual([...first.keys()]);
    expect(await letters()).toHaveLength(3);
  });

  test("tells of each letter what became of it", async () => {
    const journeys = await dead(["well", "ill", "lost"]);
    const replay = await backbone.replays.preview({ most: 100 }, "olga");
    failing.delete("well");
    failing.set("ill", new LockgateError("CHANNEL_UNKNOWN"));
    const lost = (await letters()).find(({ journeyId }) => journeyId === journeys.get("lost"))!;
    await backbone.dismissDeadLetter("things", lost.position, "otto");
    await start(replay);
    await ended(replay.id);
    const items = await backbone.replays.items(replay.id, { after: 0, most: 10 });
    expect(items.map(({ state, code, failedCode }) => [state, code, failedCode])).toEqual([
      ["through", "CHANNEL_TRANSFORM_FAILED", null],
      ["failed", "CHANNEL_TRANSFORM_FAILED", "CHANNEL_UNKNOWN"],
      ["gone", "CHANNEL_TRANSFORM_FAILED", null],
    ]);
    expect(await backbone.replays.items(replay.id, { after: 1, most: 1 })).toMatchObject([{ nth: 2 }]);
    expect(await backbone.replays.items(replay.id, { after: 0, most: 9, state: "gone" })).toMatchObject([{ nth: 3 }]);
  });

  test("is started once by two who start it at once, and by nobody with another's digest", async () => {
    for (let round = 0; round < 5; round += 1) {
      await dead(named(2, `r${round}-`));
      const replay = await backbone.replays.preview({ most: 100 }, "olga");
      const answers = await Promise.allSettled([start(replay, 1), start(replay, 2)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "REPLAY_STATE" } });
    }
    const replay = await backbone.replays.preview({ most: 100 }, "olga");
    await expect(start({ ...replay, digest: "0".repeat(64) })).rejects.toMatchObject({ code: "REPLAY_STALE" });
    await expect(start({ ...replay, id: newId() })).rejects.toMatchObject({ code: "REPLAY_UNKNOWN" });
  });

  test("takes up nothing while it is paused, goes on when resumed, and leaves the rest when cancelled", async () => {
    const journeys = await dead(named(6));
    const replay = await backbone.replays.preview({ most: 100 }, "olga");
    failing.clear();
    await start(replay, 1);
    await counted(replay.id, { through: 1 });
    await backbone.replays.pause(replay.id, "otto");
    const { counts } = await backbone.replays.show(replay.id);
    await counted(replay.id, { replayed: 0 });
    expect((await backbone.replays.show(replay.id)).counts.pending).toBe(counts.pending);
    await expect(backbone.replays.pause(replay.id, "otto")).rejects.toMatchObject({ code: "REPLAY_STATE" });
    await backbone.replays.resume(replay.id, otto);
    await counted(replay.id, { pending: counts.pending - 1 });
    const left = await backbone.replays.cancel(replay.id, "otto");
    await ended(replay.id);
    const done = await backbone.replays.show(replay.id);
    expect(done).toMatchObject({ state: "cancelled", counts: { left: left.counts.left, pending: 0, replayed: 0 } });
    expect(done.counts.through + done.counts.left).toBe(journeys.size);
    expect(handled).toHaveLength(done.counts.through);
  });

  test("stops by itself where whoever started it has lost a role, and goes on in the name of whoever takes it on", async () => {
    await dead(named(8));
    const replay = await backbone.replays.preview({ most: 100 }, "olga");
    failing.clear();
    held.set("olga", ["operator"]);
    expect(await start(replay, 2)).toMatchObject({ actingBy: "olga", lapsed: null });
    await until(() => handled.length > 0);
    held.set("olga", []);
    await until(async () => (await backbone.replays.show(replay.id)).state === "paused");
    const { lapsed, actingBy, counts } = await backbone.replays.show(replay.id);
    expect([lapsed, actingBy, counts.pending > 0]).toEqual(["roles", "olga", true]);
    expect(await backbone.replays.resume(replay.id, otto)).toMatchObject({ actingBy: "otto", lapsed: null });
    await ended(replay.id);
    expect(await backbone.replays.show(replay.id)).toMatchObject({ startedBy: "olga", counts: { through: 8 } });
  });

  test("keeps the order of a session, whose later messages wait behind its letter", async () => {
    const texts = named(5, "s");
    await dead(texts, "one session");
    const replay = await backbone.replays.preview({ most: 100 }, "olga");
    expect(replay.targets).toBe(1);
    failing.clear();
    await start(replay);
    await until(() => handled.length === texts.length);
    expect(handled).toEqual(texts);
  });

  test("means by its filter what a person means", async () => {
    await dead(named(3));
    failing.set("other", new LockgateError("CHANNEL_UNKNOWN"));
    const at = new Date();
    await dead(["other"]);
    const all = (await letters()).toReversed();
    const count = async (filter: object) => (await backbone.replays.preview({ most: 100, ...filter }, "olga")).targets;
    expect(await count({})).toBe(4);
    expect(await count({ most: 2 })).toBe(2);
    expect(await count({ code: "CHANNEL_UNKNOWN" })).toBe(0);
    expect(await count({ since: at })).toBe(1);
    expect(await count({ until: at })).toBe(3);
    expect(await count({ subscription: "nobody's" })).toBe(0);
    expect(await count({ ids: [{ subscription: "things", position: all[1]!.position }] })).toBe(1);
  });

  test("is on record with each letter's journey, and with who did what", async () => {
    const journeys = await dead(named(2));
    const replay = await backbone.replays.preview({ most: 100 }, "olga");
    failing.clear();
    await start(replay);
    await ended(replay.id);
    for (const journeyId of journeys.values())
      expect(await replayedLeaves(journeyId)).toMatchObject([{ outcome: "ok", detail: { replay: replay.id } }]);
  });
});

describe("a node that dies", () => {
  /** A node's clock and database until it is killed: then what it has under way is rolled back, and nothing goes on. */
  const mortal = (db: Db) => {
    let isDead = false;
    const refuseDead = () => {
      if (isDead) throw new LockgateError("DATABASE_UNAVAILABLE");
    };
    const clock: Clock = {
      now: systemClock.now,
      sleep: (ms, signal) =>
        isDead && signal
          ? new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
          : systemClock.sleep(ms, signal),
    };
    const body: Db = {
      ...db,
      query: async (statement) => {
        refuseDead();
        return db.query(statement);
      },
      transaction: (work, options) =>
        db.transaction(async (tx) => {
          const result = await work(tx);
          refuseDead();
          return result;
        }, options),
    };
    return {
      clock,
      db: body,
      kill: () => {
        isDead = true;
      },
    };
  };

  test("in the middle of a replay leaves it to another, and no letter is tried twice", async () => {
    const victim = mortal(database.db);
    backbone = await openOn(victim.clock, victim.db);
    const first = backbone;
    // The letters are worked by a third, so that only the replay changes hands.
    const worker = await openOn(manualClock());
    worker.subscribe({ name: "things", topic: TOPIC, handler });
    const journeys = await dead(named(30));
    const replay = await first.replays.preview({ most: 100 }, "olga");
    failing.clear();
    await start(replay, 20);
    await until(() => handled.length >= 5);
    victim.kill();
    backbone = await openOn(systemClock);
    await ended(replay.id);
    expect(await backbone.replays.show(replay.id)).toMatchObject({ state: "done", counts: { through: 30 } });
    expect(handled).toHaveLength(30);
    expect(new Set(handled).size).toBe(30);
    for (const journeyId of journeys.values()) expect(await replayedLeaves(journeyId)).toHaveLength(1);
    await first.close();
    await worker.close();
  }, 30_000);
});

describe("the rate", () => {
  test("is held by the clock: never more in a second than was asked for", async () => {
    const clock = manualClock();
    backbone = await openOn(clock);
    backbone.subscribe({ name: "things", topic: TOPIC, handler });
    await dead(named(25));
    const replay = await backbone.replays.preview({ most: 100 }, "olga");
    failing.clear();
    await start(replay, 5);
    await until(async () => {
      await clock.advance(100);
      return (await backbone.replays.show(replay.id)).counts.pending === 0;
    });
    const items = await backbone.replays.items(replay.id, { after: 0, most: 25 });
    const at = items.map(({ replayedAt }) => replayedAt!.getTime());
    for (let nth = 5; nth < at.length; nth += 1) expect(at[nth]! - at[nth - 5]!).toBeGreaterThanOrEqual(1_000);
  });

  test("is nobody's any more after eight hours: the job stops by itself and says so", async () => {
    const clock = manualClock();
    backbone = await openOn(clock);
    backbone.subscribe({ name: "things", topic: TOPIC, handler });
    await dead(named(3));
    const replay = await backbone.replays.preview({ most: 100 }, "olga");
    await start(replay, 500);
    await clock.advance(8 * 3_600_000);
    await until(async () => {
      await clock.advance(100);
      return (await backbone.replays.show(replay.id)).state === "paused";
    });
    expect(await backbone.replays.show(replay.id)).toMatchObject({ lapsed: "time", counts: { pending: 3 } });
  });

  test.each([
    [0.5, 20, 10],
    [1, 20, 20],
    [10, 20, 200],
    [100, 20, 2_000],
    [1_000, 20, 20_000],
  ])("of %d a second comes to no more in %d seconds, however the ticks fall", (perSecond, seconds, most) => {
    for (const tickMs of [20, 100, 130, 1_000]) {
      const pace = paceOf(perSecond, 0);
      let taken = 0;
      for (let now = 0; now < seconds * 1_000; now += tickMs) taken += pace(now);
      expect(taken).toBeLessThanOrEqual(most);
      expect(taken).toBeGreaterThan(0);
    }
  });
});
