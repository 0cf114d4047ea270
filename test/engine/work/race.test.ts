// Two at once: whatever the order, an item has one outcome and its asker hears of it once.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anna, at, ben, carol, type Desk, type Node, openDesk } from "./desk.ts";

const ROUNDS = 15;

describe("two nodes", () => {
  let desk: Desk;
  let other: Node;
  beforeAll(async () => {
    desk = await openDesk();
    other = await desk.another();
  });
  afterAll(() => desk.close());

  const outcome = (deed: Promise<unknown>) =>
    deed.then(
      () => "ok",
      ({ code }: { code: string }) => code,
    );

  test("on which two people race for the last place in a quorum decide once", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = await desk.open();
      const decision = { action: "approve", digest: item.digest };
      await desk.work.decide(item.id, anna, decision);
      const outcomes = await Promise.all([
        outcome(desk.work.decide(item.id, ben, decision)),
        outcome(other.work.decide(item.id, carol, decision)),
      ]);
      expect(outcomes.sort()).toEqual(["WORK_STATE", "ok"]);
      expect(await desk.told(item.journeyId)).toHaveLength(1);
    }
  });

  test("on which one person chooses at once do not make two people of that person", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = await desk.open();
      const decision = { action: "approve", digest: item.digest };
      await Promise.all([desk.work.decide(item.id, anna, decision), other.work.decide(item.id, anna, decision)]);
      expect((await desk.now(item.id)).state).toBe("open");
      expect((await desk.history(item.id)).filter(({ deed }) => deed === "chose")).toHaveLength(1);
    }
  });

  test("on which two people approve and refuse at once have one outcome", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = await desk.open({
        actions: ["approve", "refuse"].map((name) => ({ name, quorum: 1, roles: [] })),
      });
      const [approved, refused] = await Promise.all([
        outcome(desk.work.decide(item.id, anna, { action: "approve", digest: item.digest })),
        outcome(other.work.decide(item.id, ben, { action: "refuse", digest: item.digest })),
      ]);
      const told = await desk.told(item.journeyId);
      expect(told.map(({ action }) => action)).toEqual([approved === "ok" ? "approve" : "refuse"]);
      expect([approved, refused].filter((one) => one === "ok")).toHaveLength(1);
    }
  });

  test("whose clocks differ have one outcome where one decides and the other lets the item expire", async () => {
    await other.clock.advance(10_000);
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = await desk.open({ expiresAt: at(5_000), dueAt: at(90_000) });
      const decision = { action: "refuse", digest: item.digest };
      const deeds = [() => outcome(desk.work.decide(item.id, anna, decision)), () => other.work.tick()];
      if (round % 2 === 1) deeds.reverse();
      await Promise.all(deeds.map((deed) => deed()));
      await other.work.tick();
      const told = await desk.told(item.journeyId);
      expect(told).toHaveLength(1);
      expect((await desk.now(item.id)).state).toBe(told[0]!.action === "expired" ? "expired" : "decided");
    }
  });

  test("on which two people claim at once give the item to one of them", async () => {
    const item = await desk.open();
    const outcomes = await Promise.all([
      outcome(desk.work.claim(item.id, anna)),
      outcome(other.work.claim(item.id, ben)),
    ]);
    expect(outcomes.sort()).toEqual(["WORK_STATE", "ok"]);
  });
});
