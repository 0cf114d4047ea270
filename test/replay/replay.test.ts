// What instances did once must stay a way through their definitions for ever.

import { describe, expect, test } from "vitest";
import { type History, historyOf, replay, type SagaDefinition } from "#engine/sagas";
import { gone, operator, placed, rig, told } from "../engine/sagas/saga-rig.ts";
import { until } from "../until.ts";
import { leaveApproval } from "./leave-approval.saga.ts";
import { orderFilling } from "./order-filling.saga.ts";
import { record, recordedHistories } from "./recorded.ts";

/** Every definition that a recorded history was made under; each version stays while there is one. */
const definitions: readonly SagaDefinition[] = [orderFilling, leaveApproval];

const recorded = (await recordedHistories()).filter(
  ({ history }) => !/^(demographics|matching|supply)\./.test(history.saga),
);
const definitionOf = ({ saga, version }: History): SagaDefinition =>
  definitions.find((one) => one.name === saga && one.version === version)!;

describe("recorded histories", () => {
  test("are there, of every definition", () => {
    expect(new Set(recorded.map(({ history }) => history.saga))).toEqual(new Set(definitions.map(({ name }) => name)));
  });

  test.each(recorded)("$name is still a way through its definition", ({ history }) => {
    replay(definitionOf(history), history);
  });
});

describe("a history", () => {
  const nodes = rig();

  const keep = async (name: string, key: string, status: "completed" | "undone" | "cancelled" | "waiting") => {
    const instance = await nodes.reached(key, status);
    const history = historyOf(instance);
    replay(definitionOf(history), history);
    await record(name, history);
    return gone(instance);
  };

  test("of what an order went through is accepted by its definition", async () => {
    const node = await nodes.open(orderFilling);
    await node.backbone.publishNow([
      placed("plain", { tries: 1 }),
      placed("gift", { tries: 3, isGift: true }),
      placed("late", { tries: 1 }),
      placed("refused", { tries: 2, isRefused: true }),
    ]);
    const paid = ["plain", "gift", "refused"].map((key) => told("order.paid", key));
    await until(async () => (await nodes.find("refused")) !== undefined && (await nodes.find("gift")) !== undefined);
    await node.backbone.publishNow(paid);
    await nodes.decide(node, "undo");
    expect(await keep("order-paid", "plain", "completed")).toContain("send ran");
    expect(
      (await keep("order-gift-third-try", "gift", "completed")).filter((one) => one === "reserve ran").length,
    ).toBe(3);
    expect(await keep("order-late", "late", "completed")).toContain("paid late late");
    expect(await keep("order-undone", "refused", "undone")).toContain("reserve undone");
  });

  test("of what a person decided, and of what a person did to the instance, is accepted too", async () => {
    const node = await nodes.open(leaveApproval);
    const asked = (key: string) => ({ ...placed(key), topic: "leave.asked" });
    await node.backbone.publishNow([asked("again")]);
    await nodes.decide(node, "again");
    await nodes.decide(node, "approve");
    expect(await keep("leave-approved-in-the-second-round", "again", "completed")).toContain("approval decided again");
    await node.backbone.publishNow([asked("refused")]);
    await nodes.decide(node, "refuse");
    await keep("leave-refused", "refused", "completed");
    await node.backbone.publishNow([asked("by-hand")]);
    const { id } = await nodes.reached("by-hand", "waiting");
    await node.sagas.retryFrom(id, "propose", operator.name);
    await until(async () => (await nodes.find("by-hand"))!.journal.length === 3);
    await nodes.reached("by-hand", "waiting");
    expect(await keep("leave-restarted", "by-hand", "waiting")).toEqual([
      "propose ran",
      "propose restarted",
      "propose ran",
    ]);
    await node.sagas.cancel(id, operator.name);
    await keep("leave-cancelled", "by-hand", "cancelled");
  });
});

describe("a definition that is changed under its histories", () => {
  const of = (name: string): History => recorded.find((one) => one.name === name)!.history;
  const { steps } = orderFilling;
  const run = async () => ({ result: null });
  const changed: readonly (readonly [string, string, SagaDefinition["steps"]])[] = [
    ["without a step that ran", "order-paid", steps.filter(({ name }) => name !== "reserve")],
    ["with a step more at the end", "order-paid", [...steps, { name: "thank", kind: "run", run }]],
    ["with two steps the other way round", "order-paid", [steps[2]!, steps[0]!, steps[1]!, ...steps.slice(3)]],
    ["with a step renamed", "order-late", steps.map((one) => (one.name === "tell" ? { ...one, name: "inform" } : one))],
    [
      "with a branch less",
      "order-paid",
      steps.map((one) => (one.kind === "parallel" ? { ...one, branches: { sender: one.branches.sender! } } : one)),
    ],
    [
      "with a branch more",
      "order-paid",
      steps.map((one) =>
        one.kind === "parallel" ? { ...one, branches: { ...one.branches, third: one.branches.sender! } } : one,
      ),
    ],
    [
      "with a way that leads elsewhere",
      "order-gift-third-try",
      steps.map((one) => (one.name === "check" ? { ...one, ways: { gone: "weigh" } } : one)),
    ],
    ["with a way less", "order-late", steps.map((one) => ({ ...one, ways: {} }))],
    [
      "with a step left out where it took place",
      "order-gift-third-try",
      steps.map((one) => (one.name === "wrap" ? { ...one, when: () => false } : one)),
    ],
    [
      "with a step taking place where it was left out",
      "order-paid",
      steps.map((one) => (one.name === "wrap" ? { ...one, when: () => true } : one)),
    ],
    [
      "with a wait made a step that acts",
      "order-paid",
      steps.map((one) => (one.name === "paid" ? { name: "paid", kind: "run", run } : one)),
    ],
    ["with nothing left after it", "leave-restarted", [leaveApproval.steps[0]!]],
    ["without the step that a person sent it back to", "leave-restarted", leaveApproval.steps.slice(1)],
  ];

  test.each(changed)("%s is told by %s", (_, name, others) => {
    const history = of(name);
    expect(() => replay({ ...definitionOf(history), steps: others }, history)).toThrow(
      expect.objectContaining({ code: "SAGA_DIVERGED" }),
    );
  });
});
