// One decision for many items: exactly those that were looked at, each once, whichever node dies meanwhile.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GroupFilter, WorkGroup } from "#engine/work";
import { newId } from "#kernel/ids";
import { until } from "../../until.ts";
import { anna, at, ben, type Desk, dan, type Node, openDesk } from "./desk.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const cause = (): GroupFilter => ({ domain: "supply", queue: newId(), reason: "UNKNOWN_CODE", title: "No such item" });
const retryOnly = { actions: [{ name: "retry", quorum: 1, roles: ["steward"] }] };

/** Items of one cause. */
async function open(filter: GroupFilter, count: number, more: object = {}) {
  const items = [];
  for (let nth = 0; nth < count; nth += 1)
    items.push(await desk.open({ ...filter, ...retryOnly, dueAt: at(1e9 + nth), content: { nth }, ...more }));
  return items;
}
async function preview(filter: GroupFilter, deed: WorkGroup["deed"] = "decide"): Promise<WorkGroup> {
  const action = deed === "decide" ? "retry" : undefined;
  const targets = await desk.work.groups.candidates(filter, action);
  return desk.work.groups.preview({ ...filter, deed, action, targets }, "anna");
}
const start = ({ id, digest }: WorkGroup, comment = "the code is known now") =>
  desk.work.groups.start(id, { digest, comment }, anna);

/** Has a node work until a job is as it should be, its clock moved on meanwhile. */
async function work(node: Pick<Node, "work" | "clock">, until_: () => Promise<boolean>): Promise<void> {
  const stopping = new AbortController();
  const running = node.work.run(stopping.signal);
  await until(async () => {
    await node.clock.advance(500);
    return until_();
  });
  stopping.abort();
  await node.clock.advance(1_000);
  await running;
}
const isOver = async (id: string) => (await desk.work.groups.show(id)).endedAt !== null;

describe("a group", () => {
  test("is what waited when it was looked at, each decided once in the name of whoever started it", async () => {
    const filter = cause();
    const items = await open(filter, 25);
    await open({ ...filter, reason: "OTHER" }, 1);
    const group = await preview(filter);
    expect(group).toMatchObject({ state: "previewed", targets: 25, previewedBy: "anna", counts: { pending: 25 } });
    const [late] = await open(filter, 1);
    await start(group);
    await work(desk, () => isOver(group.id));
    expect(await desk.work.groups.show(group.id)).toMatchObject({
      state: "done",
      startedBy: "anna",
      counts: { done: 25 },
    });
    for (const { id, journeyId } of items) {
      expect((await desk.now(id)).state).toBe("decided");
      expect(await desk.told(journeyId)).toMatchObject([
        { action: "retry", by: [{ name: "anna" }], comment: "the code is known now" },
      ]);
    }
    expect((await desk.now(late!.id)).state).toBe("open");
    expect((await desk.work.groups.items(group.id, { after: 0, most: 50 })).map(({ itemId }) => itemId)).toEqual(
      items.map(({ id }) => id),
    );
    expect((await desk.leafTexts()).join("\n")).not.toContain("the code is known now");
  });

  test("tells of each item why it was not done, and goes on with the next", async () => {
    const filter = cause();
    const [decided, claimed, , excluded] = await open(filter, 3).then(async (items) => [
      ...items,
      ...(await open(filter, 1, { excluded: ["anna"] })),
    ]);
    const group = await preview(filter);
    await desk.work.decide(decided!.id, ben, { action: "retry", digest: decided!.digest });
    await desk.work.claim(claimed!.id, ben);
    await start(group);
    await work(desk, () => isOver(group.id));
    const ends = await desk.work.groups.items(group.id, { after: 0, most: 9 });
    const endOf = (id: string) => ends.find(({ itemId }) => itemId === id);
    expect(endOf(decided!.id)).toMatchObject({ state: "refused", code: "WORK_STATE" });
    expect(endOf(claimed!.id)).toMatchObject({ state: "refused", code: "WORK_STATE" });
    expect(endOf(excluded!.id)).toMatchObject({ state: "refused", code: "WORK_FORBIDDEN" });
    expect((await desk.work.groups.show(group.id)).counts).toEqual({ pending: 0, done: 1, refused: 3, left: 0 });
    expect(await desk.leaves(claimed!.journeyId)).toContain("work.chosen refused anna");
  });

  test("can be taken on, or written under, as one", async () => {
    const filter = cause();
    const items = await open(filter, 3);
    const words = await preview(filter, "comment");
    await expect(desk.work.groups.start(words.id, { digest: words.digest }, anna)).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
    await start(words, "asked the supplier");
    const claims = await preview(filter, "claim");
    await desk.work.groups.start(claims.id, { digest: claims.digest }, anna);
    await work(desk, async () => (await isOver(words.id)) && (await isOver(claims.id)));
    for (const { id } of items) {
      expect(await desk.now(id)).toMatchObject({ state: "claimed", owner: "anna" });
      expect((await desk.history(id)).map(({ deed, comment }) => comment ?? deed)).toEqual(
        expect.arrayContaining(["asked the supplier", "claimed"]),
      );
    }
  });

  test("is started once, by its own digest, and for no action that needs a look at each", async () => {
    const filter = cause();
    await open(filter, 2);
    const group = await preview(filter);
    await expect(start({ ...group, digest: "0".repeat(64) })).rejects.toMatchObject({ code: "GROUP_STALE" });
    const ends = await Promise.allSettled([
      start(group),
      desk.work.groups.start(group.id, { digest: group.digest }, ben),
    ]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await desk.work.groups.cancel(group.id, "anna");
    expect((await desk.work.groups.show(group.id)).counts).toMatchObject({ left: 2 });
    await expect(desk.work.groups.resume(group.id, anna)).rejects.toMatchObject({ code: "GROUP_STATE" });
    await expect(desk.work.groups.show(newId())).rejects.toMatchObject({ code: "GROUP_UNKNOWN" });
    for (const action of ["approve", "link:1", "same", "uphold-first"])
      await expect(
        desk.work.groups.preview({ ...filter, deed: "decide", action, targets: [] }, "anna"),
      ).rejects.toMatchObject({
        code: "GROUP_UNFIT",
      });
  });

  test("does nothing while it is paused, and goes on where it was", async () => {
    const filter = cause();
    const items = await open(filter, 4);
    const group = await preview(filter);
    await start(group);
    await desk.work.groups.pause(group.id, "dan");
    let looks = 0;
    await work(desk, async () => {
      looks += 1;
      return looks > 5;
    });
    expect((await desk.work.groups.show(group.id)).counts).toMatchObject({ pending: 4 });
    await desk.work.groups.resume(group.id, ben);
    await work(desk, () => isOver(group.id));
    for (const { journeyId } of items) expect(await desk.told(journeyId)).toMatchObject([{ by: [{ name: "ben" }] }]);
    const deeds = (await desk.leafTexts()).map(
      (text) => JSON.parse(text) as { name: string; actor?: string; detail?: { group?: string } },
    );
    const own = deeds
      .filter(({ detail }) => detail?.group === group.id)
      .map(({ name, actor }) => `${name} ${actor ?? ""}`.trim());
    expect(own).toEqual([
      "work-group.previewed anna",
      "work-group.started anna",
      "work-group.paused dan",
      "work-group.resumed ben",
      "work-group.ended",
    ]);
  });

  test.each([
    ["time", "eight hours are over", () => desk.clock.advance(8 * 3_600_000)],
    ["roles", "whoever started it has lost a role", async () => void desk.held.set("anna", ["clerk"])],
  ])("stops by itself for want of %s: %s; and goes on in the name of whoever takes it on", async (lapsed, _, pass) => {
    const filter = cause();
    const items = await open(filter, 3);
    const group = await preview(filter);
    expect(await start(group)).toMatchObject({ state: "running", actingBy: "anna", lapsed: null });
    await pass();
    await work(desk, async () => (await desk.work.groups.show(group.id)).state === "paused");
    expect(await desk.work.groups.show(group.id)).toMatchObject({ actingBy: "anna", lapsed, counts: { pending: 3 } });
    expect(await desk.leafTexts()).toContainEqual(expect.stringMatching(`"reason":"${lapsed}".*"work-group.lapsed"`));
    expect(await desk.work.groups.resume(group.id, ben)).toMatchObject({ actingBy: "ben", lapsed: null });
    await work(desk, () => isOver(group.id));
    expect(await desk.work.groups.show(group.id)).toMatchObject({ startedBy: "anna", counts: { done: 3 } });
    for (const { journeyId } of items) expect(await desk.told(journeyId)).toMatchObject([{ by: [{ name: "ben" }] }]);
    desk.held.clear();
  });

  test("goes on while whoever started it holds the roles that they had, and more", async () => {
    const filter = cause();
    await open(filter, 1);
    const group = await preview(filter);
    await start(group);
    desk.held.set("anna", ["clerk", "steward"]);
    await work(desk, () => isOver(group.id));
    expect((await desk.work.groups.show(group.id)).counts).toMatchObject({ done: 1 });
    desk.held.clear();
  });

  test("goes on at another node where the first dies in the middle of an item, and does none twice", async () => {
    const filter = cause();
    const items = await open(filter, 30);
    const group = await preview(filter);
    await start(group);
    const [first, second] = [await desk.another(), await desk.another()];
    const stopping = new AbortController();
    const stuck = items[12]!;
    let dying: Promise<void> | undefined;
    await desk.db.transaction(async (tx) => {
      // It comes as far as noting that the item is done: what it decided is not committed yet.
      await tx.query({
        text: "select from work.group_target where group_id = $1 and nth = 13 for update",
        values: [group.id],
      });
      dying = first.work.run(stopping.signal);
      await until(async () => {
        const cut = await desk.db.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and query like 'update work.group_target%'`,
        );
        return cut.length === 1;
      });
    });
    expect((await desk.now(stuck.id)).state).toBe("open");
    // Its clock stands still: it does nothing any more, and it has let go of nothing.
    expect((await desk.work.groups.show(group.id)).counts).toMatchObject({ done: 12, pending: 18 });
    await work(second, () => isOver(group.id));
    expect((await desk.work.groups.show(group.id)).counts).toMatchObject({ done: 30, refused: 0 });
    for (const { id, journeyId } of items) {
      expect((await desk.history(id)).map(({ deed }) => deed)).toEqual(["chose", "decided"]);
      expect(await desk.told(journeyId)).toHaveLength(1);
    }
    stopping.abort();
    await first.clock.advance(1_000);
    await dying;
  });

  test("is nobody's to decide who has none of its roles", async () => {
    const filter = cause();
    const [item] = await open(filter, 1);
    const group = await preview(filter);
    await desk.work.groups.start(group.id, { digest: group.digest }, dan);
    await work(desk, () => isOver(group.id));
    expect(await desk.work.groups.items(group.id, { after: 0, most: 1 })).toMatchObject([{ code: "WORK_FORBIDDEN" }]);
    expect((await desk.now(item!.id)).state).toBe("open");
  });
});
