// Several nodes and several versions: every step's effects once, and each instance ends under the version it began with.

import { describe, expect, test } from "vitest";
import { defineSaga, type SagaDefinition } from "#engine/sagas";
import { until } from "../../until.ts";
import { event, gone, operator, orders, outside, placed, result, rig, told } from "./saga-rig.ts";

describe("sagas on two nodes", () => {
  const nodes = rig();

  test("run every step's effects once, with events that come to both, and nothing of their races in the audit", async () => {
    const effects = new Map<string, number>();
    const saga = defineSaga(orders({ concurrency: 64 }))
      .step("reserve", { run: () => result(1) })
      .wait("paid", { event: event("order.paid") })
      .wait("sent", { event: event("order.sent") })
      .step("close", {
        run: async ({ key }) => ({
          result: 2,
          apply: async () => void effects.set(key, (effects.get(key) ?? 0) + 1),
        }),
      })
      .end();
    const [first, second] = [await nodes.open(saga), await nodes.open(saga)];
    await until(async () => {
      const rows = await nodes.db.query<{ owners: number }>(
        "select count(distinct owner) as owners from backbone.cursor group by subscription",
      );
      return rows.length > 0 && rows.every(({ owners }) => owners === 2);
    });
    const keys = Array.from({ length: 60 }, (_, number) => `k${number}`);
    await first.backbone.publishNow(keys.flatMap((key) => [placed(key), placed(key)]));
    await until(async () => {
      const [row] = await nodes.db.query<{ all: number }>("select count(*) as all from saga.instance");
      return row!.all === keys.length;
    });
    // Each event twice, and both kinds at once, from both nodes: most are early, and every one races with something.
    await Promise.all([
      first.backbone.publishNow(keys.flatMap((key) => [told("order.paid", key), told("order.sent", key)])),
      second.backbone.publishNow(keys.flatMap((key) => [told("order.sent", key), told("order.paid", key)])),
    ]);
    for (const key of keys)
      expect(gone(await nodes.reached(key, "completed"))).toEqual([
        "reserve ran",
        "paid event",
        "sent event",
        "close ran",
      ]);
    await until(async () => (await first.backbone.backlog()).every(({ unread, waiting }) => unread + waiting === 0));
    const [journal] = await nodes.db.query<{ all: number }>(
      "select count(*) as all from saga.journal where step = 'close'",
    );
    expect(journal!.all).toBe(keys.length);
    expect(await nodes.leaves("attempted")).toEqual([]);
    expect(await first.backbone.parked({ most: 10 })).toEqual([]);
  });

  test("never let two messages with one key begin two instances, also in one round", async () => {
    const saga = defineSaga(orders())
      .step("pay", { run: () => result(1) })
      .end();
    const [first, second] = [await nodes.open(saga), await nodes.open(saga)];
    const twice = Array.from({ length: 40 }, (_, number) => placed(`k${number % 4}`));
    await Promise.all([first.backbone.publishNow(twice), second.backbone.publishNow(twice)]);
    for (const number of [0, 1, 2, 3]) await nodes.reached(`k${number}`, "completed");
    await until(async () => (await first.backbone.backlog()).every(({ unread, waiting }) => unread + waiting === 0));
    const [row] = await nodes.db.query<{ all: number }>("select count(*) as all from saga.instance");
    expect(row!.all).toBe(4);
    expect(await nodes.leaves("attempted")).toEqual([]);
  });
});

describe("versions of a saga", () => {
  const nodes = rig();

  const first = (world = outside()): SagaDefinition =>
    defineSaga(orders({ version: 1 }))
      .step("old", { run: world.does("old", 1) })
      .wait("paid", { event: event("order.paid") })
      .step("old too", { run: world.does("old too", 1) })
      .end();
  const second = (world = outside()): SagaDefinition =>
    defineSaga(orders({ version: 2 }))
      .step("new", { run: world.does("new", 2) })
      .end();

  test("an instance ends under the one it began with, while new ones begin under the highest", async () => {
    const before = await nodes.open(first());
    await before.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await before.close();
    // The newer one no longer waits for the event; the older instance still hears it.
    const after = await nodes.open(second(), first());
    expect(after.sagas.definitions.map(({ version }) => version)).toEqual([2, 1]);
    await after.backbone.publishNow([placed("b"), told("order.paid", "a")]);
    expect(await nodes.reached("b", "completed")).toMatchObject({ version: 2 });
    const old = await nodes.reached("a", "completed");
    expect(old.version).toBe(1);
    expect(gone(old)).toEqual(["old ran", "paid event", "old too ran"]);
  });

  test("each read an event in their own way", async () => {
    const one = defineSaga(orders({ version: 1 }))
      .wait("paid", { event: event<{ key: string; read?: string }>("order.paid") })
      .end();
    const newer = {
      ...event<{ key: string; read?: string }>("order.paid"),
      read: (message: { body: Buffer }) => ({ ...JSON.parse(message.body.toString()), read: "newer" }),
    };
    const two = defineSaga(orders({ version: 2 }))
      .wait("paid", { event: newer })
      .end();
    const before = await nodes.open(one);
    await before.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await before.close();
    const after = await nodes.open(one, two);
    await after.backbone.publishNow([placed("b")]);
    await nodes.reached("b", "waiting");
    await after.backbone.publishNow([told("order.paid", "a"), told("order.paid", "b")]);
    expect((await nodes.reached("a", "completed")).journal[0]!.result).not.toMatchObject({ read: "newer" });
    expect((await nodes.reached("b", "completed")).journal[0]!.result).toMatchObject({ read: "newer" });
  });

  test("that a node does not know are left where they are, visibly, and go on once they are known again", async () => {
    const before = await nodes.open(first());
    await before.backbone.publishNow([placed("a"), placed("b")]);
    await nodes.reached("a", "waiting");
    const { id } = await nodes.reached("b", "waiting");
    await before.sagas.pause(id, operator.name);
    await before.close();
    const without = await nodes.open(second());
    await without.sagas.resume(id, operator.name);
    await until(async () => (await without.backbone.parked({ state: "dead", most: 2 })).length === 1);
    const [dead] = await without.backbone.parked({ state: "dead", most: 2 });
    expect(dead).toMatchObject({ subscription: "order.filling.advanced", reason: "SAGA_VERSION_UNKNOWN", attempt: 3 });
    expect((await nodes.leaves("attempted")).map(({ code }) => code)).toContain("SAGA_VERSION_UNKNOWN");
    await expect(without.sagas.retryFrom(id, "paid", operator.name)).rejects.toMatchObject({ code: "SAGA_STATE" });
    expect((await nodes.find("b"))?.status).toBe("running");
    await without.close();
    const again = await nodes.open(second(), first());
    await again.backbone.replayDeadLetter("order.filling.advanced", dead!.position, operator.name);
    expect(await nodes.reached("b", "waiting")).toMatchObject({ step: "paid" });
    await again.backbone.publishNow([told("order.paid", "a"), told("order.paid", "b")]);
    await nodes.reached("a", "completed");
    await nodes.reached("b", "completed");
  });
});
