// Steps: in order, recorded, each with its effects in one commit, and each of them once.

import { describe, expect, test } from "vitest";
import { defineSaga, END } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { until } from "../../until.ts";
import { peek } from "../../vault.ts";
import { gone, orders, outside, placed, result, rig } from "./saga-rig.ts";

describe("steps of a saga", () => {
  const nodes = rig();

  test("run in order, each knowing what the ones before it recorded", async () => {
    const saga = defineSaga(orders())
      .step("weigh", { reads: true, run: () => result({ grams: 7 }) })
      .step("pack", { run: ({ results, input }) => result(`${input.key} of ${results.weigh.grams} g`) })
      .step("label", { run: ({ results }) => result(results.pack.length) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["weigh ran", "pack ran", "label ran"]);
    expect(instance.journal.map((entry) => entry.result)).toEqual([{ grams: 7 }, "a of 7 g", 8]);
    expect(instance).toMatchObject({ step: null, awaiting: null, version: 1, saga: "order.filling" });
  });

  test("share a commit where they only read, and find everything before them committed where they act", async () => {
    const committed: unknown[] = [];
    const look = async () => {
      const [row] = await nodes.db.query<object>(
        "select i.revision, (select count(*) from saga.journal j where j.instance_id = i.id) as entries from saga.instance i",
      );
      committed.push(row);
      return { result: null };
    };
    const saga = defineSaga(orders())
      .step("first", { reads: true, run: look })
      .step("second", { reads: true, run: look })
      .step("third", { run: look })
      .step("fourth", { run: look })
      .step("fifth", { reads: true, run: look })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const { journal } = await nodes.reached("a", "completed");
    expect(committed).toEqual([
      undefined,
      undefined,
      { revision: 1, entries: 2 },
      { revision: 2, entries: 3 },
      { revision: 2, entries: 3 },
    ]);
    expect(journal.map(({ revision, ordinal }) => [revision, ordinal])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [3, 0],
      [3, 1],
    ]);
  });

  test("commit their effects with the transition: a run whose commit is lost runs again under its key, its effects once", async () => {
    const world = outside();
    let commits = 0;
    const saga = defineSaga(orders())
      .step("pay", {
        run: async (context) => {
          const { result } = await world.does("pay", "paid")(context);
          return {
            result,
            publish: [{ ...placed("a"), topic: "order.paid" }],
            apply: async () => {
              commits += 1;
              // A round that fails is committed again message by message.
              if (commits <= 2) throw new LockgateError("ERP_LOCKED");
            },
          };
        },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "completed");
    expect(world.keys("pay")).toEqual(["a:pay", "a:pay"]);
    const [{ count } = { count: -1 }] = await nodes.db.query<{ count: number }>(
      "select count(*) from backbone.log l join backbone.topic t on t.id = l.topic where t.name = 'order.paid'",
    );
    expect(count).toBe(1);
  });

  test("are left out where `when` says so, and record nothing then", async () => {
    const saga = defineSaga(orders())
      .step("first", { reads: true, run: () => result(false) })
      .step("second", { run: () => result("never"), when: ({ results }) => results.first === true })
      .step("third", { reads: true, run: ({ results }) => result(results.second ?? "none") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["first ran", "third ran"]);
    expect(instance.journal[1]!.result).toBe("none");
  });

  test("go back by an outcome, with another key for each visit, and to the end", async () => {
    const world = outside();
    const saga = defineSaga(orders())
      .step("try", {
        run: async (context) => {
          await world.does("try", 0)(context);
          return { result: world.calls.length };
        },
      })
      .step("judge", {
        reads: true,
        run: async ({ results }) => ({ result: null, outcome: results.try < 3 ? "again" : "enough" }),
        ways: { again: "try", enough: END },
      })
      .step("never", { run: () => result("reached") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const instance = await nodes.reached("a", "completed");
    expect(world.keys("try")).toEqual(["a:try", "a:try:2", "a:try:3"]);
    expect(gone(instance)).toEqual([
      "try ran",
      "judge ran again",
      "try ran",
      "judge ran again",
      "try ran",
      "judge ran enough",
    ]);
  });

  test("that only read and go round for long are committed now and then", async () => {
    const saga = defineSaga(orders())
      .step("count", {
        reads: true,
        run: async ({ results }: { results: { count?: number } }) => {
          const count = (results.count ?? 0) + 1;
          return { result: count, outcome: count < 100 ? "more" : "done" };
        },
        ways: { more: "count" },
      })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const { journal, revision } = await nodes.reached("a", "completed");
    expect(journal.length).toBe(100);
    expect(revision).toBe(4);
  });

  test("run side by side as branches; one that fails is run again alone, the result of the other is kept", async () => {
    const world = outside();
    let atOnce = 0;
    let most = 0;
    const together = async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await until(() => most === 2);
      atOnce -= 1;
    };
    const saga = defineSaga(orders())
      .parallel("both", {
        left: {
          run: async (context) => {
            await world.does("left", 1)(context);
            await together();
            return { result: "l" };
          },
        },
        right: {
          run: async (context) => {
            await world.does("right", 1)(context);
            await together();
            if (world.keys("right").length === 1) throw new LockgateError("ERP_LOCKED");
            return { result: "r" };
          },
        },
      })
      .step("after", { reads: true, run: ({ results }) => result(results.both) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const instance = await nodes.reached("a", "completed");
    expect(most).toBe(2);
    expect(gone(instance)).toEqual(["both/left ran", "both/right ran", "after ran"]);
    expect(instance.journal.at(-1)!.result).toEqual({ left: "l", right: "r" });
    expect(world.keys("left")).toEqual(["a:both/left"]);
    expect(world.keys("right")).toEqual(["a:both/right", "a:both/right"]);
  });

  test("may tell at the end what came of it, and keep less of the input than they were given", async () => {
    const saga = defineSaga({
      ...orders<{ key: string; secret?: string }>(),
      keep: ({ key }) => ({ key }),
      onEnd: ({ ended, results }) => ({
        publish: [{ ...placed("a", { ended, results }), topic: "order.closed" }],
      }),
    })
      .step("look", { reads: true, run: ({ input }) => result(input.secret) })
      .step("act", { run: ({ input }) => result(input.secret ?? "gone") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a", { secret: "s" })]);
    const instance = await nodes.reached("a", "completed");
    expect(instance.input).toEqual({ key: "a" });
    const [row] = await nodes.db.query<{ body: Buffer }>(
      "select body from backbone.log l join backbone.topic t on t.id = l.topic where t.name = 'order.closed'",
    );
    expect(JSON.parse(peek(row!.body))).toMatchObject({
      ended: "completed",
      results: { look: "s", act: "gone" },
    });
  });

  test("that were sent again find their instance: no second one, no dead letter, nothing in the audit", async () => {
    const world = outside();
    const saga = defineSaga(orders())
      .step("pay", { run: world.does("pay", 1) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a"), placed("a"), placed("b")]);
    await nodes.reached("a", "completed");
    await nodes.reached("b", "completed");
    const before = (await nodes.leaves("attempted")).length;
    await node.backbone.replay("order.filling", new Date(0));
    await node.backbone.publishNow([placed("c")]);
    await nodes.reached("c", "completed");
    await until(async () => (await node.backbone.backlog()).every(({ unread, waiting }) => unread + waiting === 0));
    expect(world.steps().length).toBe(3);
    expect(await node.backbone.parked({ most: 10 })).toEqual([]);
    expect(before).toBe(0);
    expect(await nodes.leaves("attempted")).toEqual([]);
  });
});
