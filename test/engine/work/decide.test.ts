// What a person may do about a work item, what becomes of it, and what is recorded.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backbone } from "#engine/backbone";
import { flowsOf } from "#engine/monitor";
import type { Decider, NewItem } from "#engine/work";
import { newId } from "#kernel/ids";
import { anna, at, ben, carol, type Desk, dan, newItem, openDesk } from "./desk.ts";

describe("a work item", () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });
  afterAll(() => desk.close());

  const decide = (item: { id: string; digest: string }, who: Decider, action: string, comment?: string) =>
    desk.work.decide(item.id, who, { action, digest: item.digest, comment });

  test("is decided once as many different people as its quorum chose an action, and whoever asked is told once", async () => {
    const session = newId();
    const item = await desk.open({ reply: { session, context: { saga: "x", step: 3 } } });
    expect((await decide(item, anna, "approve", "looks right")).state).toBe("open");
    expect(await desk.told(item.journeyId)).toEqual([]);
    expect((await decide(item, ben, "approve")).state).toBe("decided");
    expect(await desk.told(item.journeyId)).toEqual([
      {
        itemId: item.id,
        action: "approve",
        digest: item.digest,
        by: [
          { ...anna, at: at(0).toISOString() },
          { ...ben, at: at(0).toISOString() },
        ],
        comment: "looks right",
        context: { saga: "x", step: 3 },
      },
    ]);
    const [row] = await desk.db.query<{ topic: string; session: string }>({
      text: "select t.name as topic, l.session from backbone.log l join backbone.topic t on t.id = l.topic where journey_id = $1",
      values: [item.journeyId],
    });
    expect(row).toEqual({ topic: "work.decided", session });
    expect(await desk.leaves(item.journeyId)).toEqual([
      "work.opened waiting",
      "work.chosen ok anna",
      "work.chosen ok ben",
      "work.decided ok ben",
    ]);
  });

  test("refuses a part that any of those who chose the action refused, and tells whoever asked", async () => {
    const actions = [{ name: "approve", quorum: 2, roles: ["steward"], parts: ["colour", "size", "shape"] }];
    const item = await desk.open({ actions });
    const choose = (who: Decider, refused?: readonly string[]) =>
      desk.work.decide(item.id, who, { action: "approve", digest: item.digest, refused });
    await expect(choose(anna, ["weight"])).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await expect(choose(anna, ["colour", "size", "shape"])).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await choose(anna, ["size"]);
    await choose(ben, ["colour", "size"]);
    expect(await desk.told(item.journeyId)).toMatchObject([{ action: "approve", refused: ["colour", "size"] }]);
    expect((await desk.history(item.id)).map(({ refused }) => refused)).toEqual([
      ["size"],
      ["colour", "size"],
      undefined,
    ]);
  });

  test("refuses parts that are tied together, or none of them", async () => {
    const tied = [{ parts: ["size", "shape"] }];
    const actions = [{ name: "approve", quorum: 1, roles: ["steward"], parts: ["colour", "size", "shape"], tied }];
    const item = await desk.open({ actions });
    const choose = (refused: readonly string[]) =>
      desk.work.decide(item.id, anna, { action: "approve", digest: item.digest, refused });
    await expect(choose(["size"])).rejects.toMatchObject({ code: "WORK_PARTS_TIED" });
    await expect(choose(["colour", "shape"])).rejects.toMatchObject({ code: "WORK_PARTS_TIED" });
    await choose(["size", "shape"]);
    expect(await desk.told(item.journeyId)).toMatchObject([{ action: "approve", refused: ["shape", "size"] }]);
  });

  test("counts a second choice of the same person once", async () => {
    const item = await desk.open();
    for (const comment of [undefined, "again"]) await decide(item, anna, "approve", comment);
    expect((await desk.now(item.id)).state).toBe("open");
    expect((await desk.history(item.id)).map(({ deed }) => deed)).toEqual(["chose", "commented"]);
    expect((await desk.leaves(item.journeyId)).slice(1, 3)).toEqual([
      "work.chosen ok anna",
      "work.chosen unchanged anna",
    ]);
  });

  test("counts each action for itself: one refusal decides, whatever others approved", async () => {
    const item = await desk.open();
    await decide(item, anna, "approve");
    expect((await decide(item, dan, "refuse", "no")).state).toBe("decided");
    const [told, ...more] = await desk.told(item.journeyId);
    expect(told).toMatchObject({ action: "refuse", by: [{ name: "dan" }], comment: "no" });
    expect(more).toEqual([]);
  });

  test.each<[string, Partial<NewItem>, Decider, { action?: string; digest?: string }, string]>([
    ["whoever proposed it", { excluded: ["anna"] }, anna, {}, "WORK_FORBIDDEN"],
    ["somebody without the action's role", {}, dan, {}, "WORK_FORBIDDEN"],
    ["somebody who saw other content", {}, anna, { digest: "0".repeat(64) }, "WORK_STALE"],
    ["an action that it does not offer", {}, anna, { action: "burn" }, "REQUEST_INVALID"],
  ])("is not decided by %s", async (_, more, who, decision, code) => {
    const item = await desk.open({ ...more, actions: [{ name: "approve", quorum: 1, roles: ["steward"] }] });
    await expect(
      desk.work.decide(item.id, who, { action: "approve", digest: item.digest, ...decision }),
    ).rejects.toMatchObject({ code });
    expect((await desk.now(item.id)).state).toBe("open");
    expect(await desk.told(item.journeyId)).toEqual([]);
    expect((await desk.leaves(item.journeyId)).slice(1)).toEqual(
      code === "REQUEST_INVALID" ? [] : [`work.chosen refused ${who.name}`],
    );
  });

  test("that is claimed is decided by its owner alone, and goes back to the others for the rest of the quorum", async () => {
    const item = await desk.open();
    await desk.work.claim(item.id, anna);
    expect(await desk.now(item.id)).toMatchObject({ state: "claimed", owner: "anna" });
    await expect(decide(item, ben, "approve")).rejects.toMatchObject({ code: "WORK_STATE" });
    await expect(desk.work.claim(item.id, ben)).rejects.toMatchObject({ code: "WORK_STATE" });
    await expect(desk.work.release(item.id, ben)).rejects.toMatchObject({ code: "WORK_STATE" });
    await desk.work.claim(item.id, anna);
    await decide(item, anna, "approve");
    expect(await desk.now(item.id)).toMatchObject({ state: "open", owner: undefined });
    await decide(item, ben, "approve");
    expect((await desk.now(item.id)).state).toBe("decided");
    expect(await desk.leaves(item.journeyId)).toEqual([
      "work.opened waiting",
      "work.claimed ok anna",
      "work.chosen refused ben",
      "work.claimed refused ben",
      "work.released refused ben",
      "work.claimed unchanged anna",
      "work.chosen ok anna",
      "work.chosen ok ben",
      "work.decided ok ben",
    ]);
  });

  test("goes back to everybody when its owner releases it", async () => {
    const item = await desk.open();
    await desk.work.claim(item.id, anna);
    await desk.work.release(item.id, anna);
    expect(await desk.now(item.id)).toMatchObject({ state: "open", owner: undefined });
    await expect(desk.work.release(item.id, anna)).rejects.toMatchObject({ code: "WORK_STATE" });
    await desk.work.claim(item.id, ben);
  });

  test("that is escalated rises by one step, loses its owner and says so", async () => {
    const item = await desk.open({ criticality: "high" });
    await desk.work.claim(item.id, anna);
    for (const _ of [1, 2]) await desk.work.escalate(item.id, ben, "nobody is at it");
    expect(await desk.now(item.id)).toMatchObject({ criticality: "critical", state: "open", escalatedAt: at(0) });
    expect((await desk.history(item.id)).at(-1)).toMatchObject({
      deed: "escalated",
      by: "ben",
      comment: "nobody is at it",
    });
    expect(desk.log.filter((line) => line.includes(item.id))).toHaveLength(2);
  });

  const closers: [string, (item: { id: string; digest: string }) => Promise<unknown>][] = [
    ["decided", (item) => decide(item, dan, "refuse")],
    ["withdrawn", (item) => desk.db.transaction((tx) => desk.work.withdraw(tx, item.id, "not needed"))],
  ];
  test.each(closers)("that is %s takes nothing more", async (state, close) => {
    const item = await desk.open();
    await close(item);
    for (const deed of [
      () => desk.work.claim(item.id, anna),
      () => desk.work.release(item.id, anna),
      () => desk.work.comment(item.id, anna, "late"),
      () => desk.work.escalate(item.id, anna, "late"),
      () => decide(item, anna, "refuse"),
    ])
      await expect(deed()).rejects.toMatchObject({ code: "WORK_STATE" });
    expect(await desk.db.transaction((tx) => desk.work.withdraw(tx, item.id, "again"))).toBe(false);
    expect((await desk.now(item.id)).state).toBe(state);
    expect((await desk.told(item.journeyId)).length).toBe(state === "decided" ? 1 : 0);
  });

  test("is withdrawn with every other about its subject, and with none about another", async () => {
    const subject = newId();
    const mine = [await desk.open({ subject }), await desk.open({ subject })];
    const other = await desk.open({ subject: newId() });
    await desk.work.claim(mine[0]!.id, anna);
    expect(await desk.db.transaction((tx) => desk.work.withdrawAbout(tx, subject, "gone"))).toBe(2);
    expect(await desk.db.transaction((tx) => desk.work.withdrawAbout(tx, subject, "gone"))).toBe(0);
    for (const { id } of mine) expect((await desk.now(id)).state).toBe("withdrawn");
    expect((await desk.now(other.id)).state).toBe("open");
  });

  test("that is not known is said to be unknown", async () => {
    const id = newId();
    await expect(desk.work.show(id, anna)).rejects.toMatchObject({ code: "WORK_UNKNOWN" });
    await expect(desk.work.claim(id, anna)).rejects.toMatchObject({ code: "WORK_UNKNOWN" });
    await expect(decide({ id, digest: "" }, anna, "approve")).rejects.toMatchObject({ code: "WORK_UNKNOWN" });
    expect(await desk.db.transaction((tx) => desk.work.withdraw(tx, id, "x"))).toBe(false);
  });

  test("is opened only with the transaction that asks for it", async () => {
    const id = newId();
    const fault = new Error("the caller changed its mind");
    const opening = desk.db.transaction(async (tx) => {
      await desk.work.open(tx, id, newItem());
      throw fault;
    });
    await expect(opening).rejects.toBe(fault);
    expect(await desk.work.list({ id, most: 1 })).toEqual([]);
  });

  test.each<[string, NewItem["actions"]]>([
    ["no action", []],
    ["two actions of one name", [1, 2].map((quorum) => ({ name: "approve", quorum, roles: [] }))],
    ["a quorum of nobody", [{ name: "approve", quorum: 0, roles: [] }]],
    ["an action called as its end in time", [{ name: "expired", quorum: 1, roles: [] }]],
  ])("is not opened with %s", async (_, actions) => {
    await expect(desk.open({ actions })).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  });

  test("has one digest for one content, however it is written, and another for another", async () => {
    const digestOf = async (content: unknown) => (await desk.open({ content })).digest;
    const digest = await digestOf({ a: 1, b: [null, "é\n\u0000"] });
    expect(await digestOf({ b: [null, "é\n\u0000"], a: 1, c: undefined })).toBe(digest);
    expect(await digestOf({ a: 1, b: [null, "e\n\u0000"] })).not.toBe(digest);
    expect(await digestOf(undefined)).toBe(await digestOf(null));
  });

  test("is shown whole, and the leaf says who looked", async () => {
    const content = { rows: [], note: "line\u0000break" };
    const item = await desk.open({ content, excluded: ["dan"], subject: "s" });
    await desk.work.comment(item.id, ben, "phoned the site");
    expect(await desk.work.show(item.id, carol)).toMatchObject({
      content,
      excluded: ["dan"],
      subject: "s",
      tried: ["asked the other system"],
      history: [{ deed: "commented", by: "ben", comment: "phoned the site" }],
    });
    expect((await desk.leaves(item.journeyId)).at(-1)).toBe("work.shown ok carol");
  });

  test("is listed by what is asked for: what waits by urgency, then what is closed", async () => {
    const queue = newId();
    const journeyId = newId();
    const low = await desk.open({ queue, criticality: "low", domain: "d" });
    const late = await desk.open({ queue, criticality: "high", dueAt: at(9_000), journeyId });
    const soon = await desk.open({ queue, criticality: "high", dueAt: at(8_000) });
    const closed = await desk.open({ queue, criticality: "critical" });
    await decide(closed, anna, "refuse");
    await desk.work.claim(late.id, anna);
    const ids = async (filter: Partial<Parameters<typeof desk.work.list>[0]>) =>
      (await desk.work.list({ queue, most: 10, ...filter })).map(({ id }) => id);
    expect(await ids({})).toEqual([soon.id, late.id, low.id, closed.id]);
    expect(await ids({ most: 2 })).toEqual([soon.id, late.id]);
    expect(await ids({ most: 4 })).toHaveLength(4);
    expect(await ids({ state: "waiting" })).toEqual([soon.id, late.id, low.id]);
    expect(await ids({ state: "claimed" })).toEqual([late.id]);
    expect(await ids({ state: "decided" })).toEqual([closed.id]);
    expect(await ids({ owner: "anna" })).toEqual([late.id]);
    expect(await ids({ domains: ["d"] })).toEqual([low.id]);
    expect(await ids({ journeyId })).toEqual([late.id]);
  });

  test("is counted with all that waits, however many, and with none that is closed", async () => {
    const domain = newId();
    const ids = Array.from({ length: 501 }, newId);
    await desk.db.transaction(async (tx) => {
      for (const id of ids) await desk.work.open(tx, id, newItem({ domain, dueAt: at(60_000) }));
      for (const id of ids.slice(0, 2)) await desk.work.withdraw(tx, id, "no longer needed");
    });
    const late = await desk.open({ domain, dueAt: at(-1) });
    await desk.work.claim(late.id, anna);
    expect((await desk.work.countWaiting()).find((one) => one.domain === domain)).toEqual({
      domain,
      waiting: 500,
      overdue: 1,
      oldestAt: at(0),
    });
    const idle = { backlog: async () => [], oldest: async () => [] } as unknown as Backbone;
    const { work } = await flowsOf({ ...desk, backbone: idle, nowMs: at(0).getTime() });
    expect(work.open).toBeGreaterThanOrEqual(500);
  });

  test("keeps what is personal out of leaves, log and lists", async () => {
    const marker = "Zaphod-marker";
    const item = await desk.open({
      content: { name: marker },
      tried: [marker],
      reply: { session: "one", context: { marker } },
    });
    await desk.work.comment(item.id, anna, marker);
    await desk.work.escalate(item.id, anna, marker);
    await expect(decide({ ...item, digest: marker }, anna, "approve", marker)).rejects.toMatchObject({
      code: "WORK_STALE",
    });
    await desk.work.claim(item.id, carol);
    await expect(decide(item, anna, marker, marker)).rejects.toMatchObject({ code: "WORK_STATE" });
    await decide(item, carol, "refuse", marker);
    const other = await desk.open({ content: marker, expiresAt: at(0) });
    await desk.work.tick();
    expect((await desk.now(other.id)).state).toBe("expired");
    expect(JSON.stringify([await desk.leafTexts(), desk.log, await desk.work.list({ most: 500 })])).not.toContain(
      marker,
    );
    expect(JSON.stringify(await desk.work.show(item.id, anna))).toContain(marker);
  });
});
