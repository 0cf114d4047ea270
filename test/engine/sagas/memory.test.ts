// What a node remembers of an instance that waits: it saves a read, and never counts for more than the row that is stored.

import { describe, expect, test } from "vitest";
import { defineSaga } from "#engine/sagas";
import { keepMail } from "../../../src/engine/sagas/store.ts";
import { until } from "../../until.ts";
import { event, gone, orders, placed, result, rig, told } from "./saga-rig.ts";

describe("an instance that its node remembers", () => {
  const nodes = rig();
  const once = defineSaga(orders())
    .step("price", { reads: true, run: () => result({ pence: 5 }) })
    .wait("paid", { event: event("order.paid") })
    .step("thank", { reads: true, run: async ({ results }) => ({ result: results.price.pence }) })
    .end();

  test("goes on from what its steps recorded", async () => {
    const node = await nodes.open(once);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await node.backbone.publishNow([told("order.paid", "a", { note: "full" })]);
    const { journal } = await nodes.reached("a", "completed");
    expect(journal.map((entry) => entry.result)).toMatchObject([{ pence: 5 }, { note: "full" }, 5]);
  });

  test("is read anew where its row was written by somebody else, though at the same revision", async () => {
    const node = await nodes.open(once);
    await node.backbone.publishNow([placed("a")]);
    await nodes.reached("a", "waiting");
    await nodes.db.query(
      "update saga.instance set status = 'paused', resumes = 'waiting', changed_at = changed_at + interval '1 microsecond'",
    );
    await node.backbone.publishNow([told("order.paid", "a")]);
    await until(async () => "order.paid" in (await nodes.find("a"))!.mailbox);
    expect(await nodes.find("a")).toMatchObject({ status: "paused", revision: 1 });
  });

  test("finds the event that came early when it waits once more", async () => {
    const saga = defineSaga(orders())
      .wait("paid", { event: event("order.paid") })
      .wait("sent", { event: event("order.sent") })
      .end();
    const node = await nodes.open(saga);
    await node.backbone.publishNow([placed("a")]);
    const { id } = await nodes.reached("a", "waiting");
    // As another node keeps it.
    await nodes.db.transaction(async (tx) => void (await keepMail(tx, id, "order.sent", { key: "a" })));
    await node.backbone.publishNow([told("order.paid", "a")]);
    const instance = await nodes.reached("a", "completed");
    expect(gone(instance)).toEqual(["paid event", "sent event"]);
    expect(instance.mailbox).toEqual({});
  });
});
