// What a person can do to an instance by hand, and what is recorded of that.

import { describe, expect, test } from "vitest";
import { defineSaga } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { until } from "../../until.ts";
import { event, gone, orders, outside, placed, result, rig, told } from "./saga-rig.ts";

describe("an instance steered by hand", () => {
  const nodes = rig();

  /** A step that waits for `open` while it runs. */
  const gated = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let entered = 0;
    return {
      open: resolve,
      entered: () => entered,
      run: async () => {
        entered += 1;
        await promise;
        return { result: "through" };
      },
    };
  };

  const waiting = (world = outside()) =>
    defineSaga(orders())
      .step("reserve", { run: world.does("reserve", 1), undo: world.does("release", 1) })
      .wait("paid", { event: event("order.paid") })
      .step("send", { run: world.does("send", 1) })
      .end();

  test("does nothing more once paused, even what was under way, until resumed", async () => {
    const gate = gated();
    const saga = defineSaga(orders())
      .step("slow", { run: gate.run })
      .step("after", { run: () => result(1) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await until(() => gate.entered() === 1);
    const { id } = (await nodes.find("a"))!;
    await node.sagas.pause(id, "olga");
    gate.open();
    await until(async () => (await node.backbone.parked({ most: 5 })).length === 0);
    const paused = (await nodes.find("a"))!;
    expect(paused).toMatchObject({ status: "paused", resumes: "running", journal: [] });
    await node.sagas.resume(id, "pete");
    expect(gone(await nodes.reached("a", "completed"))).toEqual(["slow ran", "after ran"]);
    const byHand = (await nodes.leaves("advanced")).filter(({ actor }) => actor);
    expect(byHand.map(({ outcome, actor }) => [outcome, actor])).toEqual([
      ["paused", "olga"],
      ["running", "pete"],
    ]);
    // Whoever lost against a person's hand has not failed.
    expect(await nodes.leaves("attempted")).toEqual([]);
  });

  test("is undone and ends as cancelled, while waiting for an event", async () => {
    const world = outside();
    const node = await nodes.open(waiting(world));
    await node.backbone.publishNow([placed("a")]);
    const { id } = await nodes.reached("a", "waiting");
    await node.sagas.cancel(id, "olga");
    expect(gone(await nodes.reached("a", "cancelled"))).toEqual(["reserve ran", "reserve undone"]);
    await node.backbone.publishNow([told("order.paid", "a")]);
    await until(async () => (await node.backbone.backlog()).every(({ unread }) => unread === 0));
    expect(await nodes.find("a")).toMatchObject({ status: "cancelled", mailbox: {}, step: null });
    expect(world.steps()).toEqual(["reserve", "release"]);
  });

  test("ends as cancelled where there is nothing to undo, and its open question is withdrawn", async () => {
    const saga = defineSaga(orders())
      .ask("approval", {
        ask: async () => ({
          item: {
            queue: "orders",
            domain: "test",
            reason: "asked",
            criticality: "normal",
            title: "May it go?",
            content: {},
            tried: [],
            actions: [{ name: "approve", quorum: 1, roles: [] }],
            excluded: [],
            dueAt: new Date("2100-01-01T00:00:00Z"),
          },
        }),
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const item = await nodes.item(node);
    await node.sagas.cancel((await nodes.find("a"))!.id, "olga");
    expect((await nodes.reached("a", "cancelled")).journal).toEqual([]);
    expect((await node.work.list({ id: item.id, most: 1 }))[0]!.state).toBe("withdrawn");
  });

  test("can be cancelled while it is stuck; what a person was asked about that is withdrawn", async () => {
    const saga = defineSaga(orders())
      .step("pay", { run: async () => Promise.reject(new LockgateError("ERP_REFUSED")) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const item = await nodes.item(node);
    await node.sagas.cancel((await nodes.find("a"))!.id, "olga");
    await nodes.reached("a", "cancelled");
    expect((await node.work.list({ id: item.id, most: 1 }))[0]!.state).toBe("withdrawn");
  });

  test("runs again from an earlier step, under new keys, and its journal says so", async () => {
    const world = outside();
    const node = await nodes.open(waiting(world));
    await node.backbone.publishNow([placed("a")]);
    const { id } = await nodes.reached("a", "waiting");
    await expect(node.sagas.retryFrom(id, "send", "olga")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await expect(node.sagas.retryFrom(id, "nowhere", "olga")).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await node.sagas.retryFrom(id, "reserve", "olga");
    await until(() => world.keys("reserve").length === 2);
    await nodes.reached("a", "waiting");
    await node.backbone.publishNow([told("order.paid", "a")]);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["reserve ran", "reserve restarted", "reserve ran", "paid event", "send ran"]);
    expect(world.keys("reserve")).toEqual(["a:reserve", "a:reserve:2"]);
    expect((await nodes.leaves("advanced")).filter(({ actor }) => actor).length).toBe(1);
  });

  test("runs a parallel step whole again when sent back to it", async () => {
    const world = outside();
    let isRefused = true;
    const saga = defineSaga(orders())
      .parallel("both", {
        left: { run: world.does("left", 1) },
        right: {
          run: async () => {
            if (isRefused) throw new LockgateError("ERP_REFUSED");
            return { result: 2 };
          },
        },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const { id } = await nodes.reached("a", "stuck");
    isRefused = false;
    await node.sagas.retryFrom(id, "both", "olga");
    expect(gone(await nodes.reached("a", "completed"))).toEqual([
      "both/left ran",
      "both restarted",
      "both/left ran",
      "both/right ran",
    ]);
    expect(world.keys("left")).toEqual(["a:both/left", "a:both/left:2"]);
  });

  test("refuses what its state does not allow, and what it does not know", async () => {
    const node = await nodes.open(waiting());
    await node.backbone.publishNow([placed("a")]);
    const { id } = await nodes.reached("a", "waiting");
    await expect(node.sagas.resume(id, "olga")).rejects.toMatchObject({ code: "SAGA_STATE" });
    await node.sagas.cancel(id, "olga");
    await nodes.reached("a", "cancelled");
    for (const deed of ["pause", "resume", "cancel"] as const)
      await expect(node.sagas[deed](id, "olga")).rejects.toMatchObject({ code: "SAGA_STATE" });
    await expect(node.sagas.retryFrom(id, "reserve", "olga")).rejects.toMatchObject({ code: "SAGA_STATE" });
    await expect(node.sagas.pause(newId(), "olga")).rejects.toMatchObject({ code: "SAGA_UNKNOWN" });
    await expect(node.sagas.instance(newId())).rejects.toMatchObject({ code: "SAGA_UNKNOWN" });
  });

  test("is found by its journey, and what its steps recorded by their name, page by page", async () => {
    const saga = defineSaga(orders())
      .step("weigh", { reads: true, run: ({ input }) => result(input.key) })
      .end();
    const node = await nodes.open(saga);
    const since = new Date();
    const messages = Array.from({ length: 450 }, (_, number) => placed(`k${number}`));
    await node.backbone.publishNow(messages);
    const recorded = async (): Promise<unknown[]> => {
      const seen: unknown[] = [];
      for await (const one of node.sagas.recorded("order.filling", "weigh", since)) seen.push(one.result);
      return seen;
    };
    await until(async () => (await recorded()).length >= messages.length);
    const seen = await recorded();
    expect(new Set(seen).size).toBe(450);
    expect(seen.length).toBe(450);
    const found = await node.sagas.ofJourney(messages[7]!.journeyId);
    expect(found.map(({ key }) => key)).toEqual(["k7"]);
  });

  test("is forgotten with all that it recorded once it has ended and its time is over, and not before", async () => {
    const node = await nodes.open(waiting());
    await node.backbone.publishNow([placed("ended"), placed("waiting")]);
    await nodes.reached("waiting", "waiting");
    const { id } = await nodes.reached("ended", "waiting");
    await node.sagas.cancel(id, "olga");
    const { changedAt } = await nodes.reached("ended", "cancelled");
    expect(await node.sagas.forget(changedAt)).toBe(0);
    expect(await node.sagas.forget(new Date(Date.now() + 60_000))).toBe(1);
    expect(await nodes.find("ended")).toBeUndefined();
    expect((await nodes.find("waiting"))!.journal.length).toBe(1);
    expect(
      (await nodes.db.query({ text: "select from saga.journal where instance_id = $1", values: [id] })).length,
    ).toBe(0);
  });
});
