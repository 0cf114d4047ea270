// Three tiers of retries, what a person does about the last, and how a start that fails is dealt with.

import { describe, expect, test } from "vitest";
import { defineSaga } from "#engine/sagas";
import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { until } from "../../until.ts";
import { event, gone, operator, orders, outside, placed, rig, told } from "./saga-rig.ts";

describe("a saga whose step fails", () => {
  const nodes = rig();

  /** Fails the first `times` times with `code`. */
  const failing = (times: number, code: "ERP_LOCKED" | "ERP_REFUSED" | "ERP_UNAVAILABLE") => {
    let left = times;
    return () => {
      left -= 1;
      if (left >= 0) throw new LockgateError(code);
    };
  };

  test("tries it again at once first, then after a back-off, with the attempts counted", async () => {
    const world = outside();
    const fail = failing(5, "ERP_LOCKED");
    const saga = defineSaga(orders())
      .step("pay", {
        immediateRetries: 1,
        run: async (context) => {
          await world.does("pay", 0)(context);
          fail();
          return { result: "paid" };
        },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const instance = await nodes.reached("a", "completed");
    expect(world.calls.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(new Set(world.keys("pay"))).toEqual(new Set(["a:pay"]));
    expect(instance.journal[0]).toMatchObject({ attempt: 3 });
    expect((await nodes.leaves("attempted")).map(({ code }) => code)).toEqual(["ERP_LOCKED", "ERP_LOCKED"]);
  });

  test("asks a person once that is used up, and goes on where it stood when told to", async () => {
    const world = outside();
    const fail = failing(3, "ERP_LOCKED");
    const saga = defineSaga(orders())
      .step("reserve", { run: world.does("reserve", 1), undo: world.does("release", 1) })
      .step("pay", {
        run: async (context) => {
          await world.does("pay", 0)(context);
          fail();
          return { result: "paid" };
        },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const stuck = await nodes.reached("a", "stuck");
    expect(stuck).toMatchObject({ step: "pay", code: "ERP_LOCKED" });
    const item = await nodes.item(node);
    expect(item).toMatchObject({ queue: "orders", reason: "ERP_LOCKED", subject: stuck.id, tried: ["3 attempts"] });
    expect(item.actions.map(({ name }) => name)).toEqual(["retry", "undo"]);
    await nodes.decide(node, "retry");
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["reserve ran", "pay ran"]);
    expect(instance.code).toBeNull();
    expect(world.keys("pay").length).toBe(4);
    const moves = (await nodes.leaves("advanced")).map(({ outcome, actor, code }) => [outcome, code, actor]);
    expect(moves).toEqual([
      ["running", undefined, undefined],
      ["running", undefined, undefined],
      ["stuck", "ERP_LOCKED", undefined],
      ["running", undefined, "olga"],
      ["completed", undefined, undefined],
    ]);
  });

  test("asks a person at once where trying again cannot mend it, and is undone when told to", async () => {
    const world = outside();
    const saga = defineSaga(orders())
      .step("reserve", { run: world.does("reserve", 1), undo: world.does("release", 1) })
      .step("pay", { run: async () => Promise.reject(new LockgateError("ERP_REFUSED")) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "stuck");
    await nodes.decide(node, "undo");
    const instance = await nodes.reached("a", "undone");
    expect(gone(instance)).toEqual(["reserve ran", "reserve undone"]);
    expect(instance).toMatchObject({ code: "ERP_REFUSED", step: null });
    expect(world.steps()).toEqual(["reserve", "release"]);
  });

  test("asks a person as well where its effects can never be committed", async () => {
    let text = "not \u0000 text";
    const apply = async (tx: Tx): Promise<void> => void (await tx.query({ text: "select $1::text", values: [text] }));
    const saga = defineSaga(orders())
      .step("write", { run: async () => ({ result: text, apply }) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    expect(await nodes.reached("a", "stuck")).toMatchObject({ code: "DATABASE_REFUSED_VALUE", step: "write" });
    text = "text";
    await nodes.decide(node, "retry");
    expect((await nodes.reached("a", "completed")).journal[0]!.result).toBe("text");
    expect(await node.backbone.parked({ most: 10 })).toEqual([]);
  });

  test("commits the event that it heard before the step after it can fail", async () => {
    const fail = failing(2, "ERP_REFUSED");
    const saga = defineSaga(orders())
      .wait("paid", { event: event("order.paid") })
      .step("check", {
        reads: true,
        run: async () => {
          fail();
          return { result: "fine" };
        },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await node.backbone.publishNow([told("order.paid", "a", { note: "full" })]);
    expect(await nodes.reached("a", "stuck")).toMatchObject({ step: "check" });
    await nodes.decide(node, "retry");
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["paid event", "check ran"]);
    expect(instance.journal[0]!.result).toMatchObject({ note: "full" });
    expect(instance.mailbox).toEqual({});
  });

  test("reads anew what a step that failed after an event was to go by, but for what others go by", async () => {
    let [found, version] = [0, 1];
    const saga = defineSaga(orders())
      .wait("paid", { event: event("order.paid") })
      .step("find", { reads: true, keeps: true, run: async () => ({ result: ++found }) })
      .step("read", { reads: true, run: async () => ({ result: version++ }) })
      .step("check", {
        reads: true,
        run: async ({ results }) => {
          if (results.read < 3) throw new LockgateError("PERSON_CHANGED");
          return { result: "fine" };
        },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await node.backbone.publishNow([told("order.paid", "a")]);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["paid event", "find ran", "read ran", "check ran"]);
    expect(instance.journal.slice(1, 3).map(({ result }) => result)).toEqual([1, 3]);
  });

  test("waits as a whole, without counting attempts, while its definition says that the target is down", async () => {
    const world = outside();
    const fail = failing(6, "ERP_UNAVAILABLE");
    const saga = defineSaga(
      orders({
        retry: { maxAttempts: 2, firstPauseMs: 5, longestPauseMs: 20 },
        settle: (thrown) =>
          thrown instanceof LockgateError && thrown.code === "ERP_UNAVAILABLE"
            ? { settle: "hold", forMs: 20, error: thrown }
            : undefined,
      }),
    )
      .step("pay", {
        run: async (context) => {
          await world.does("pay", 0)(context);
          fail();
          return { result: "paid" };
        },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "completed");
    expect(world.calls.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(await node.work.list({ most: 10 })).toEqual([]);
  });
});

describe("a saga that cannot begin", () => {
  const nodes = rig();
  const { promise: never } = Promise.withResolvers<never>();

  /** Refuses keys until they are mended. */
  const picky = () => {
    const bad = new Set(["bad"]);
    const saga = defineSaga(orders())
      .step("check", {
        reads: true,
        run: async ({ input }) => {
          if (bad.has(input.key)) throw new LockgateError("ERP_REFUSED");
          return { result: null };
        },
      })
      .end();
    return { saga, mend: () => bad.clear() };
  };
  const inOrder = (key: string) => ({ ...placed(key), session: "s" });

  test("leaves a dead letter with its session behind it, and an item whose retry replays it", async () => {
    const { saga, mend } = picky();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([inOrder("bad"), inOrder("next")]);
    const item = await nodes.item(node);
    const [dead] = await node.backbone.parked({ state: "dead", most: 2 });
    expect(dead).toMatchObject({ subscription: "order.filling", reason: "ERP_REFUSED" });
    expect(item).toMatchObject({ reason: "ERP_REFUSED", subject: `order.filling ${dead!.position}` });
    expect(await nodes.find("next")).toBeUndefined();
    mend();
    await nodes.decide(node, "retry");
    await nodes.reached("bad", "completed");
    await nodes.reached("next", "completed");
    expect(await node.backbone.parked({ most: 10 })).toEqual([]);
    expect((await nodes.leaves("dead-letter.replayed")).map(({ actor }) => actor)).toEqual(["olga"]);
  });

  test("lets its session go on when a person dismisses it", async () => {
    const { saga } = picky();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([inOrder("bad"), inOrder("next")]);
    await nodes.decide(node, "dismiss");
    await nodes.reached("next", "completed");
    expect(await nodes.find("bad")).toBeUndefined();
    expect((await node.backbone.parked({ most: 2 })).map(({ state }) => state)).toEqual(["dismissed"]);
  });

  test("asks anew where the retry fails too, and asks once at a time", async () => {
    const { saga } = picky();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("bad")]);
    const first = await nodes.decide(node, "retry");
    const second = await nodes.item(node);
    expect(second.id).not.toBe(first.id);
    const [dead] = await node.backbone.parked({ state: "dead", most: 1 });
    await node.backbone.replayDeadLetter("order.filling", dead!.position, "by hand");
    await until(async () => (await nodes.item(node)).id !== second.id);
    expect((await node.work.list({ state: "withdrawn", most: 5 })).map(({ id }) => id)).toEqual([second.id]);
    expect((await node.work.list({ state: "open", most: 5 })).length).toBe(1);
  });

  test("closes the item when its dead letter is replayed by hand and goes through", async () => {
    const { saga, mend } = picky();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("bad")]);
    const { id } = await nodes.item(node);
    const [dead] = await node.backbone.parked({ state: "dead", most: 1 });
    mend();
    await node.backbone.replayDeadLetter("order.filling", dead!.position, operator.name);
    await nodes.reached("bad", "completed");
    await until(async () => (await node.work.list({ id, most: 1 }))[0]!.state === "withdrawn");
  });

  test("is asked about as well where its message cannot be read", async () => {
    const saga = defineSaga(
      orders({
        read: () => {
          throw new LockgateError("REQUEST_INVALID");
        },
      }),
    )
      .step("check", { run: () => never })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    expect(await nodes.item(node)).toMatchObject({ reason: "REQUEST_INVALID" });
  });
});
