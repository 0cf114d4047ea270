// What happens to a work item by itself: it is escalated once when it is due, and closed when its time is over.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../until.ts";
import { anna, at, ben, type Desk, openDesk } from "./desk.ts";

describe("a work item that nobody decides", () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk.close());

  test("is escalated once when it is due, and stays with its owner", async () => {
    const item = await desk.open({ criticality: "low", dueAt: at(1_000) });
    await desk.work.claim(item.id, anna);
    await desk.clock.advance(999);
    expect(await desk.work.tick()).toEqual({ expired: 0, escalated: 0 });
    await desk.clock.advance(1);
    expect(await desk.work.tick()).toEqual({ expired: 0, escalated: 1 });
    await desk.clock.advance(60_000);
    expect(await desk.work.tick()).toEqual({ expired: 0, escalated: 0 });
    expect(await desk.now(item.id)).toMatchObject({
      criticality: "normal",
      state: "claimed",
      owner: "anna",
      escalatedAt: at(1_000),
    });
    expect((await desk.leaves(item.journeyId)).at(-1)).toBe("work.escalated overdue");
    expect(desk.log.filter((line) => line.includes("escalated"))).toHaveLength(1);
  });

  test("is escalated when it is due although somebody escalated it before", async () => {
    const item = await desk.open({ criticality: "low", dueAt: at(1_000) });
    await desk.work.escalate(item.id, anna, "early");
    await desk.clock.advance(1_000);
    expect(await desk.work.tick()).toMatchObject({ escalated: 1 });
    expect((await desk.now(item.id)).criticality).toBe("high");
  });

  test("is closed as expired at its instant, and whoever asked is told", async () => {
    const item = await desk.open({ expiresAt: at(5_000), dueAt: at(9_000) });
    const endless = await desk.open({ dueAt: at(9_000) });
    await desk.work.decide(item.id, anna, { action: "approve", digest: item.digest });
    await desk.clock.advance(5_000);
    await expect(
      desk.work.decide(item.id, ben, { action: "approve", digest: item.digest }),
      "past its end, though no tick has closed it yet",
    ).rejects.toMatchObject({ code: "WORK_STATE" });
    expect(await desk.work.tick()).toEqual({ expired: 1, escalated: 0 });
    expect(await desk.work.tick()).toEqual({ expired: 0, escalated: 0 });
    expect((await desk.now(item.id)).state).toBe("expired");
    expect((await desk.now(endless.id)).state).toBe("open");
    expect(await desk.told(item.journeyId)).toEqual([
      { itemId: item.id, action: "expired", digest: item.digest, by: [], context: { saga: "a" } },
    ]);
    expect((await desk.leaves(item.journeyId)).at(-1)).toBe("work.expired expired");
  });

  test("is closed once though several nodes look after it, and so are more than fit into one round", async () => {
    const items = [];
    for (let count = 0; count < 230; count += 1) items.push(await desk.open({ expiresAt: at(1), dueAt: at(1) }));
    const nodes = [desk, await desk.another(), await desk.another()];
    for (const { clock } of nodes) await clock.advance(1);
    const done = await Promise.all(nodes.map(({ work }) => work.tick()));
    expect(done.reduce((sum, { expired }) => sum + expired, 0)).toBe(230);
    for (const item of items) expect(await desk.told(item.journeyId)).toHaveLength(1);
  });

  test("is looked after for as long as the chore runs", async () => {
    const item = await desk.open({ expiresAt: at(2_000) });
    const stopping = new AbortController();
    const running = desk.work.run(stopping.signal);
    await until(async () => {
      await desk.clock.advance(500);
      return (await desk.now(item.id)).state === "expired";
    });
    stopping.abort();
    await running;
  });
});
