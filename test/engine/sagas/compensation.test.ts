// Compensation: what ran is taken back in reverse, by its own retries, and by a person where those are used up.

import { describe, expect, test } from "vitest";
import { defineSaga } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { until } from "../../until.ts";
import { gone, orders, outside, placed, rig } from "./saga-rig.ts";

describe("compensation", () => {
  const nodes = rig();

  test("takes back in reverse what ran, as often as it ran, each under a key of its own", async () => {
    const world = outside();
    const saga = defineSaga(orders())
      .step("reserve", {
        run: async (context) => {
          await world.does("reserve", 0)(context);
          return { result: world.keys("reserve").length };
        },
        undo: async ({ result: number, ...context }) => world.does(`release ${number}`, 0)(context as never),
      })
      .step("look", {
        reads: true,
        run: async ({ results }) => ({ result: null, outcome: results.reserve < 2 ? "again" : "on" }),
        ways: { again: "reserve" },
      })
      .parallel("both", {
        left: { run: world.does("left", 1), undo: world.does("undo left", 1) },
        right: { run: world.does("right", 1), undo: world.does("undo right", 1) },
      })
      .step("pay", { run: async () => Promise.reject(new LockgateError("ERP_REFUSED")) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.decide(node, "undo");
    const instance = await nodes.reached("a", "undone");
    expect(world.steps()).toEqual([
      "reserve",
      "reserve",
      "left",
      "right",
      "undo right",
      "undo left",
      "release 2",
      "release 1",
    ]);
    const keys = world.calls.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(gone(instance).slice(-4)).toEqual([
      "both/right undone",
      "both/left undone",
      "reserve undone",
      "reserve undone",
    ]);
  });

  test("that fails is tried again by its own policy, then asks a person, and goes on when told to", async () => {
    const world = outside();
    let left = 3;
    const saga = defineSaga(
      orders({ onEnd: ({ ended }) => ({ publish: [{ ...placed("a"), topic: `order.${ended}` }] }) }),
    )
      .step("first", { run: world.does("first", 1), undo: world.does("undo first", 1) })
      .step("second", {
        run: world.does("second", 1),
        undo: async (context) => {
          await world.does("undo second", 1)(context);
          left -= 1;
          if (left >= 0) throw new LockgateError("ERP_LOCKED");
          return {};
        },
      })
      .step("pay", { run: async () => Promise.reject(new LockgateError("ERP_REFUSED")) })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    await nodes.decide(node, "undo");
    await until(() => world.keys("undo second").length === 2);
    expect(await nodes.reached("a", "stuck")).toMatchObject({ step: "second", code: "ERP_LOCKED" });
    const item = await nodes.decide(node, "retry");
    expect(item.actions.map(({ name }) => name)).toEqual(["retry"]);
    const instance = await nodes.reached("a", "undone");
    expect(world.keys("undo second").length).toBe(4);
    expect(new Set(world.keys("undo second")).size).toBe(1);
    expect(gone(instance)).toEqual(["first ran", "second ran", "second undone", "first undone"]);
    const [{ count } = { count: 0 }] = await nodes.db.query<{ count: number }>(
      "select count(*) from backbone.log l join backbone.topic t on t.id = l.topic where t.name = 'order.undone'",
    );
    expect(count).toBe(1);
  });
});
