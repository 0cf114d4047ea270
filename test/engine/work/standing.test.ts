// How a work item stands to somebody who would decide it: what of the item itself is in the way, and whom it asks.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "#kernel/ids";
import { anna, ben, type Desk, dan, openDesk } from "./desk.ts";

describe("a work item tells who would decide it", () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });
  afterAll(() => desk.close());
  const stewards = ["steward"];

  test("whom it asks, and that nothing is in the way of one of them", async () => {
    const { id } = await desk.open();
    expect(await desk.work.standing(id, anna)).toEqual({ obstacle: undefined, roles: stewards });
  });

  test("that an action is others' to choose, even where another is theirs", async () => {
    const { id } = await desk.open();
    expect(await desk.work.standing(id, dan)).toMatchObject({ obstacle: undefined });
    expect(await desk.work.standing(id, dan, "approve")).toEqual({ obstacle: "role", roles: stewards });
  });

  test("that all of it is others' to decide", async () => {
    const { id } = await desk.open({ actions: [{ name: "approve", quorum: 1, roles: stewards }] });
    expect(await desk.work.standing(id, dan)).toEqual({ obstacle: "role", roles: stewards });
  });

  test("that they brought it about", async () => {
    const { id } = await desk.open({ excluded: ["anna"] });
    expect(await desk.work.standing(id, anna)).toMatchObject({ obstacle: "excluded" });
  });

  test("that somebody else has taken it on", async () => {
    const { id } = await desk.open();
    await desk.work.claim(id, anna);
    expect(await desk.work.standing(id, anna)).toMatchObject({ obstacle: undefined });
    expect(await desk.work.standing(id, ben)).toMatchObject({ obstacle: "claimed" });
  });

  test("that nobody is asked any more", async () => {
    const { id, digest } = await desk.open();
    await desk.work.decide(id, anna, { action: "refuse", digest });
    expect(await desk.work.standing(id, ben)).toMatchObject({ obstacle: "closed" });
  });

  test("that a second opinion is somebody else's", async () => {
    const journeyId = newId();
    const { id, digest } = await desk.open({ journeyId });
    await desk.work.decide(id, anna, { action: "refuse", digest });
    const second = await desk.open({ journeyId, blind: true });
    expect(await desk.work.standing(second.id, anna)).toMatchObject({ obstacle: "blind" });
    expect(await desk.work.standing(second.id, ben)).toMatchObject({ obstacle: undefined });
  });

  test("nothing of an item that there is not", async () => {
    await expect(desk.work.standing(newId(), anna)).rejects.toMatchObject({ code: "WORK_UNKNOWN" });
  });
});
