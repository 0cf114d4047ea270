// Work that is handed on: given to somebody who may decide it, or left waiting for what is missing.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anna, at, BEGUN_AT, ben, carol, type Desk, dan, openDesk } from "./desk.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const stewardsOnly = { actions: [{ name: "approve", quorum: 1, roles: ["steward"] }] };

describe("an item that is given to somebody", () => {
  test("is theirs, on record with who gave it, and nobody else decides it", async () => {
    const { id, digest, journeyId } = await desk.open(stewardsOnly);
    await desk.work.assign(id, anna, ben);
    expect(await desk.now(id)).toMatchObject({ state: "claimed", owner: "ben" });
    await expect(desk.work.decide(id, carol, { action: "approve", digest })).rejects.toMatchObject({
      code: "WORK_STATE",
    });
    await expect(desk.work.assign(id, carol, carol)).rejects.toMatchObject({ code: "WORK_STATE" });
    await desk.work.assign(id, ben, carol);
    await desk.work.assign(id, carol, carol);
    expect((await desk.work.decide(id, carol, { action: "approve", digest })).state).toBe("decided");
    const history = (await desk.history(id)).map(({ deed, by, to }) => [deed, by, to].filter(Boolean).join(" "));
    expect(history).toEqual(["assigned anna ben", "assigned ben carol", "chose carol", "decided carol"]);
    expect((await desk.leaves(journeyId)).filter((leaf) => leaf.startsWith("work.assigned"))).toEqual([
      "work.assigned ok anna",
      "work.assigned refused carol",
      "work.assigned ok ben",
      "work.assigned unchanged carol",
    ]);
    await expect(desk.work.assign(id, carol, anna)).rejects.toMatchObject({ code: "WORK_STATE" });
  });

  test.each([
    ["has none of its roles", { ...stewardsOnly }, dan],
    ["brought it about", { ...stewardsOnly, excluded: ["ben"] }, ben],
  ])("is nobody's who %s", async (_, more, to) => {
    const { id, journeyId } = await desk.open(more);
    await expect(desk.work.assign(id, anna, to)).rejects.toMatchObject({ code: "WORK_UNASSIGNABLE" });
    expect(await desk.now(id)).toMatchObject({ state: "open", owner: undefined });
    expect(await desk.leaves(journeyId)).toContain("work.assigned refused anna");
  });
});

describe("an item of which something is missing", () => {
  test("stays open, says since when and who asks, is due as much later each time, and can be decided", async () => {
    const { id, digest, journeyId } = await desk.open({ ...stewardsOnly, dueAt: at(10_000) });
    await desk.work.claim(id, anna);
    await desk.clock.advance(4_000);
    await desk.work.inquire(id, anna, "which of the two addresses");
    expect(await desk.now(id)).toMatchObject({
      state: "open",
      owner: undefined,
      inquiredAt: at(4_000),
      inquiredBy: "anna",
      dueAt: at(14_000),
    });
    await desk.clock.advance(2_000);
    await desk.work.inquire(id, ben, "and the year of birth");
    expect(await desk.now(id)).toMatchObject({ inquiredAt: at(6_000), inquiredBy: "ben", dueAt: at(16_000) });
    expect((await desk.history(id)).filter(({ deed }) => deed === "inquired").map(({ comment }) => comment)).toEqual([
      "which of the two addresses",
      "and the year of birth",
    ]);
    expect((await desk.work.decide(id, carol, { action: "approve", digest })).state).toBe("decided");
    expect((await desk.leaves(journeyId)).filter((leaf) => leaf.startsWith("work.inquired"))).toEqual([
      "work.inquired waiting anna",
      "work.inquired waiting ben",
    ]);
    expect((await desk.leafTexts()).join("\n")).not.toContain("which of the two");
    await expect(desk.work.inquire(id, anna, "more")).rejects.toMatchObject({ code: "WORK_STATE" });
  });

  test("is not late before its new due time, and late after it", async () => {
    const now = desk.clock.now() - BEGUN_AT;
    const { id } = await desk.open({ ...stewardsOnly, dueAt: at(now + 1_000) });
    await desk.work.inquire(id, anna, "the address");
    await desk.clock.advance(999);
    await desk.work.tick();
    expect((await desk.now(id)).escalatedAt).toBeUndefined();
    await desk.clock.advance(1);
    await desk.work.tick();
    expect((await desk.now(id)).escalatedAt).toBeDefined();
  });

  test("is asked about by nobody who could not decide it", async () => {
    const { id } = await desk.open(stewardsOnly);
    await expect(desk.work.inquire(id, dan, "x")).rejects.toMatchObject({ code: "WORK_FORBIDDEN" });
    expect((await desk.now(id)).inquiredAt).toBeUndefined();
  });
});
