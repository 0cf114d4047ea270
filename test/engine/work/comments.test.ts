// Comments that come together: each is judged by itself, and sees those before it.

import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "#kernel/ids";
import { anna, ben, type Desk, openDesk } from "./desk.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk?.close());

const codeOf = (settled: PromiseSettledResult<void>): string =>
  settled.status === "fulfilled" ? "ok" : (settled.reason as { code: string }).code;

test("those that cannot be are refused, and the others stand in their order", async () => {
  const [open, closed] = [await desk.open(), await desk.open()];
  await desk.work.decide(closed.id, anna, { action: "refuse", digest: closed.digest });
  const settled = await Promise.allSettled([
    desk.work.comment(open.id, anna, "first"),
    desk.work.comment(newId(), anna, "of nothing"),
    desk.work.comment(closed.id, ben, "too late"),
    desk.work.comment(open.id, ben, "second"),
  ]);
  expect(settled.map(codeOf)).toEqual(["ok", "WORK_UNKNOWN", "WORK_STATE", "ok"]);
  expect((await desk.history(open.id)).map(({ by, comment }) => [by, comment])).toEqual([
    ["anna", "first"],
    ["ben", "second"],
  ]);
  expect(await desk.leaves(closed.journeyId)).toContain("work.commented refused ben");
  expect((await desk.leaves(open.journeyId)).filter((leaf) => leaf.startsWith("work.commented"))).toEqual([
    "work.commented ok anna",
    "work.commented ok ben",
  ]);
});

test("of those that were meant for the same state only the first is taken", async () => {
  const { id } = await desk.open();
  const settled = await Promise.allSettled(
    ["one", "two", "three"].map((text) => desk.work.comment(id, anna, text, { deeds: 0 })),
  );
  expect(settled.map(codeOf)).toEqual(["ok", "PRECONDITION_FAILED", "PRECONDITION_FAILED"]);
  expect(await desk.history(id)).toHaveLength(1);
});

test("a hundred on different items from two nodes at once all stand", async () => {
  const other = await desk.another();
  const items = await Promise.all(Array.from({ length: 20 }, () => desk.open()));
  await Promise.all(
    Array.from({ length: 100 }, (_, turn) => {
      const { work } = turn % 2 ? other : desk;
      // The other way round: whoever locked in the order of asking would wait in a circle.
      const at = turn % 2 ? items.length - 1 - (turn % items.length) : turn % items.length;
      return work.comment(items[at]!.id, anna, `comment ${turn}`);
    }),
  );
  const histories = await Promise.all(items.map(({ id }) => desk.history(id)));
  expect(histories.flat()).toHaveLength(100);
});
