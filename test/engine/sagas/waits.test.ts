// Waiting: for an event, for a time, for a person.

import { describe, expect, test } from "vitest";
import { defineSaga, END, withdrawnMessage } from "#engine/sagas";
import { until } from "../../until.ts";
import { event, gone, operator, orders, outside, placed, result, rig, told } from "./saga-rig.ts";

const quickWait = 150;
const item = {
  queue: "orders",
  domain: "test",
  reason: "asked",
  criticality: "normal",
  title: "May it go?",
  content: { question: "may it" },
  tried: [],
  actions: [
    { name: "approve", quorum: 1, roles: [] },
    { name: "refuse", quorum: 1, roles: [] },
  ],
  excluded: [],
  dueAt: new Date("2100-01-01T00:00:00Z"),
} as const;

describe("a saga that waits", () => {
  const nodes = rig();

  const paying = defineSaga(orders())
    .step("ask", { reads: true, run: () => result("asked") })
    .wait("paid", { event: event("order.paid"), outcome: ({ note }) => note ?? "full", ways: { late: END } })
    .step("thank", { reads: true, run: ({ results }) => result(results.paid?.note ?? "none") })
    .end();

  test("goes on with the event that has its key, and no other does", async () => {
    const node = await nodes.open(paying);
    await node.backbone.publishNow([placed("a"), placed("b")]);
    await nodes.reached("a", "waiting");
    const other = await nodes.reached("b", "waiting");
    expect(other.awaiting).toEqual({ event: "order.paid" });
    await node.backbone.publishNow([told("order.paid", "nobody"), told("order.paid", "a", { note: "half" })]);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["ask ran", "paid event half", "thank ran"]);
    expect(instance.journal.map((entry) => entry.result)).toEqual(["asked", { key: "a", note: "half" }, "half"]);
    expect((await nodes.find("b"))?.status).toBe("waiting");
    expect(await node.backbone.parked({ most: 10 })).toEqual([]);
  });

  test("keeps an event that comes early, the last of its name, and uses it once", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const saga = defineSaga(orders())
      .step("slow", {
        run: async () => {
          begin();
          await gate;
          return { result: 0 };
        },
      })
      .wait("first", { event: event("order.paid") })
      .wait("second", { event: event("order.paid") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await begun;
    await node.backbone.publishNow([told("order.paid", "a", { note: "1" })]);
    await until(async () => Object.keys((await nodes.find("a"))!.mailbox).length === 1);
    await node.backbone.publishNow([told("order.paid", "a", { note: "2" })]);
    const kept = async () => (await nodes.find("a"))!.mailbox["order.paid"] as { note?: string } | undefined;
    await until(async () => (await kept())?.note === "2");
    open();
    await until(async () => (await nodes.find("a"))!.step === "second");
    const waiting = await nodes.reached("a", "waiting");
    expect(gone(waiting)).toEqual(["slow ran", "first event"]);
    expect(waiting).toMatchObject({ step: "second", mailbox: {} });
    expect(waiting.journal[1]!.result).toMatchObject({ note: "2" });
    await node.backbone.publishNow([told("order.paid", "a", { note: "3" })]);
    expect((await nodes.reached("a", "completed")).journal[2]!.result).toMatchObject({ note: "3" });
  });

  test("never misses an event that is kept while the transition to the wait is being committed", async () => {
    let kept = 0;
    const saga = defineSaga(orders())
      .step("pay", {
        run: async ({ input }) => {
          // The event comes after this transition was read, and before it is committed.
          await node.backbone.publishNow([told("order.paid", input.key)]);
          await until(async () => Object.keys((await nodes.find(input.key))!.mailbox).length === 1);
          kept += 1;
          return { result: 0 };
        },
      })
      .wait("paid", { event: event("order.paid") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a"), placed("b"), placed("c")]);
    for (const key of ["a", "b", "c"]) await nodes.reached(key, "completed");
    expect(kept).toBe(3);
  });

  test("ends late when its time has passed, on another node after a restart as well", async () => {
    const saga = defineSaga(orders())
      .wait("paid", { event: event("order.paid"), withinMs: () => quickWait, ways: { late: END } })
      .step("thank", { run: () => result("thanks") })
      .end();
    const first = await nodes.open(saga);
    await first.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await first.close();
    await nodes.open(saga);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["paid late late"]);
  });

  test("without an event is a timer", async () => {
    const saga = defineSaga(orders())
      .wait("pause", { withinMs: () => 1 })
      .step("after", { run: ({ results }) => result(results.pause ?? "nothing") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["pause late late", "after ran"]);
    expect(instance.journal[1]!.result).toBe("nothing");
  });

  test("that was heard in time is not woken by its deadline, nor is the next wait", async () => {
    const saga = defineSaga(orders())
      .wait("first", { event: event("order.paid"), withinMs: () => quickWait })
      .wait("second", { event: event("order.sent") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await node.backbone.publishNow([told("order.paid", "a")]);
    await until(async () => (await nodes.find("a"))?.step === "second");
    // The timer has come and gone once it is no longer scheduled and nothing is unread.
    await until(async () => (await nodes.db.query("select from backbone.scheduled")).length === 0);
    await until(async () => (await node.backbone.backlog()).every(({ unread }) => unread === 0));
    expect(await nodes.find("a")).toMatchObject({ status: "waiting", step: "second" });
  });

  const asking = defineSaga(orders())
    .step("propose", { reads: true, run: () => result("this") })
    .ask("approval", {
      ask: async ({ results, input }) => ({
        item: { ...item, content: { proposed: results.propose, for: input.key } },
      }),
      ways: { refuse: END, expired: END, withdrawn: END },
    })
    .step("do", { run: ({ results }) => result(`${results.approval.action} by ${results.approval.by[0]?.name}`) })
    .end();

  test("for a person opens an item in the same commit and goes on as decided", async () => {
    const node = await nodes.open(asking);
    await node.backbone.publishNow([placed("a")]);
    const asked = await nodes.item(node);
    const waiting = await nodes.find("a");
    expect(waiting).toMatchObject({ status: "waiting", step: "approval", awaiting: { item: asked.id } });
    expect(asked).toMatchObject({ content: { proposed: "this", for: "a" }, journeyId: waiting!.journeyId });
    await nodes.decide(node, "approve");
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["propose ran", "approval decided approve", "do ran"]);
    expect(instance.journal.at(-1)!.result).toBe("approve by olga");
  });

  test("for a person takes the way of a refusal", async () => {
    const node = await nodes.open(asking);
    await node.backbone.publishNow([placed("a")]);
    await nodes.decide(node, "refuse");
    expect(gone(await nodes.reached("a", "completed"))).toEqual(["propose ran", "approval decided refuse"]);
  });

  test("for a person who does not decide in time goes on as expired", async () => {
    const saga = defineSaga(orders())
      .ask("approval", { ask: async () => ({ item: { ...item, expiresAt: new Date(Date.now() + 50) } }) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await until(async () => (await node.work.tick()).expired === 1);
    expect(gone(await nodes.reached("a", "completed"))).toEqual(["approval decided expired"]);
  });

  test("for a person whose question another process took over goes on as withdrawn", async () => {
    const node = await nodes.open(asking);
    await node.backbone.publishNow([placed("a")]);
    const { id: itemId } = await nodes.item(node);
    const { id: instanceId, saga, journeyId } = (await nodes.find("a"))!;
    await node.backbone.publishNow([
      withdrawnMessage({ saga, instanceId, itemId: "another", journeyId }),
      withdrawnMessage({ saga, instanceId, itemId, journeyId }),
    ]);
    expect(gone(await nodes.reached("a", "completed"))).toEqual(["propose ran", "approval decided withdrawn"]);
  });

  test("for a person asks anew where it goes round, under a key of its own", async () => {
    const world = outside();
    const saga = defineSaga(orders())
      .ask("approval", {
        ask: async (context) => {
          await world.does("asked", 0)(context);
          return { item: { ...item, actions: [...item.actions, { name: "again", quorum: 1, roles: [] }] } };
        },
        ways: { again: "approval" },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const first = await nodes.decide(node, "again");
    const second = await nodes.decide(node, "approve");
    expect(second.id).not.toBe(first.id);
    expect(gone(await nodes.reached("a", "completed"))).toEqual(["approval decided again", "approval decided approve"]);
    expect(world.keys("asked")).toEqual(["a:approval", "a:approval:2"]);
  });

  test("uses a decision and an event that came while it was paused once it is resumed", async () => {
    const saga = defineSaga(orders())
      .ask("approval", { ask: async () => ({ item }) })
      .wait("paid", { event: event("order.paid") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const { id } = await nodes.reached("a", "waiting");
    await node.sagas.pause(id, operator.name);
    await nodes.decide(node, "approve");
    await node.backbone.publishNow([told("order.paid", "a")]);
    await until(async () => Object.keys((await nodes.find("a"))!.mailbox).length === 2);
    expect((await nodes.find("a"))!.status).toBe("paused");
    await node.sagas.resume(id, operator.name);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["approval decided approve", "paid event"]);
    expect(instance.mailbox).toEqual({});
  });

  test("keeps to its deadline when it was paused meanwhile", async () => {
    const saga = defineSaga(orders())
      .wait("paid", { event: event("order.paid"), withinMs: () => 400 })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("early"), placed("over")]);
    const early = await nodes.reached("early", "waiting");
    const over = await nodes.reached("over", "waiting");
    await node.sagas.pause(early.id, operator.name);
    await node.sagas.pause(over.id, operator.name);
    await node.sagas.resume(early.id, operator.name);
    expect(gone(await nodes.reached("early", "completed"))).toEqual(["paid late late"]);
    await until(async () => (await nodes.db.query("select from backbone.scheduled")).length === 0);
    expect((await nodes.find("over"))!.status).toBe("paused");
    await node.sagas.resume(over.id, operator.name);
    expect(gone(await nodes.reached("over", "completed"))).toEqual(["paid late late"]);
  });
});
