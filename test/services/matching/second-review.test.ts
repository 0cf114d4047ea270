// The blind second review: another steward, no word of the first answer, and a third person where the two differ.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Decider } from "#engine/work";
import { newId } from "#kernel/ids";
import { newItem } from "../../engine/work/desk.ts";
import { messagesOf } from "../../journeys/topic-contracts.ts";
import { jane } from "./rig.ts";
import { deciders, secondReviewRig } from "./second-review-rig.ts";
import { settled, verdictOf } from "./settled.ts";

let rig: Awaited<ReturnType<typeof secondReviewRig>>;
beforeAll(async () => {
  rig = await secondReviewRig();
});
afterAll(() => rig.close());

const ben: Decider = deciders[1]!;

const bySteward = (choice: string | null) =>
  settled({ settledBy: "steward", by: ["anna"], choice, verdict: verdictOf("review", null) });

test("the second steward sees the same candidates and not what was decided, by whom, or by which code", async () => {
  const contents = [];
  for (const match of [settled(), bySteward("b"), bySteward(null)]) {
    await rig.settle(match);
    const { content, title, reason, tried, actions } = await rig.asked(match.journeyId, "match-second-review");
    contents.push(JSON.stringify({ content, title, reason, tried, actions }));
  }
  expect(new Set(contents).size).toBe(1);
  expect(contents[0]).toContain('"fields"');
  expect(contents[0]).toContain("Gender agrees");
  expect(contents[0]).not.toMatch(/MT-\d|anna|steward"?:|"choice"|"decision"|"link"|settledBy/);
});

test("who decided first may not decide again", async () => {
  const match = bySteward("a");
  await rig.settle(match);
  const item = await rig.asked(match.journeyId, "match-second-review");
  await expect(rig.decide(item, "link:1", "anna")).rejects.toMatchObject({ code: "WORK_FORBIDDEN" });
});

test("while it waits, the answers given before on its journey are shown to those alone who cannot give it", async () => {
  const match = bySteward("a");
  const first = newId();
  await rig.db.transaction((tx) => rig.work.open(tx, first, newItem({ journeyId: match.journeyId })));
  const shownFirst = await rig.work.show(first, ben);
  const { digest } = shownFirst;
  for (const name of ["anna", "dora"])
    await rig.work.decide(first, { name, roles: ["steward"] }, { action: "approve", digest });
  await rig.settle(match);
  const item = await rig.asked(match.journeyId, "match-second-review");
  await expect(rig.work.show(first, ben)).rejects.toMatchObject({ code: "WORK_FORBIDDEN" });
  expect(await rig.leaves(match.journeyId)).toMatch(/"work.shown".*"refused"|"refused".*"work.shown"/);
  expect((await rig.work.show(item.id, ben)).id).toBe(item.id);
  expect((await rig.work.show(first, { name: "anna", roles: ["steward"] })).state).toBe("decided");
  expect((await rig.work.show(first, { name: "ola", roles: ["approver"] })).state).toBe("decided");
  const stranger = newId();
  expect(await rig.work.blindTo(ben, [match.journeyId, stranger])).toEqual(new Set([match.journeyId]));
  await rig.decide(item, "link:1", "ben");
  await rig.ended(match.journeyId);
  expect((await rig.work.show(first, ben)).history.map(({ deed }) => deed)).toContain("decided");
});

test("whoever decided anything else on its journey may not give it", async () => {
  const match = bySteward("a");
  const other = newId();
  await rig.db.transaction((tx) => rig.work.open(tx, other, newItem({ journeyId: match.journeyId })));
  const { digest } = await rig.work.show(other, ben);
  await rig.work.decide(other, ben, { action: "approve", digest });
  await rig.settle(match);
  const item = await rig.asked(match.journeyId, "match-second-review");
  await expect(rig.decide(item, "link:1", "ben")).rejects.toMatchObject({ code: "WORK_FORBIDDEN" });
  await rig.decide(item, "link:1", "cleo");
  await rig.ended(match.journeyId);
});

test.each([
  ["a", "link:1", "agreed"],
  ["b", "link:2", "agreed"],
  [null, "new", "agreed"],
  ["a", "new", "differed"],
  [null, "link:1", "differed"],
])("of first %s and second %s it is recorded that they %s", async (choice, action, review) => {
  const match = bySteward(choice);
  await rig.settle(match);
  await rig.decide(await rig.asked(match.journeyId, "match-second-review"), action, "ben");
  if (review === "agreed") await rig.ended(match.journeyId);
  else await rig.asked(match.journeyId, "match-safety");
  expect(await rig.outcome(match.journeyId)).toMatchObject({ second_review: review, overturned_at: null });
});

test.each([
  ["uphold-second", ["cleo"]],
  ["uphold-first", null],
])("where they differ a third person decides, and %s counts as %s", async (action, overturnedBy) => {
  const match = bySteward("a");
  await rig.settle(match);
  await rig.decide(await rig.asked(match.journeyId, "match-second-review"), "new", "ben");
  const safety = await rig.asked(match.journeyId, "match-safety");
  expect(safety.content).toMatchObject({ first: { answer: "link:1" }, second: { answer: "new" } });
  for (const name of ["anna", "ben"])
    await expect(rig.decide(safety, action, name)).rejects.toMatchObject({ code: "WORK_FORBIDDEN" });
  await rig.decide(safety, action, "cleo");
  await rig.ended(match.journeyId);
  expect(await rig.outcome(match.journeyId)).toMatchObject({ overturned_by: overturnedBy });
});

test("no value of a person is in the audit or the outcome of it", async () => {
  const match = settled({ fields: { ...jane, familyName: "Zmarker" } });
  await rig.settle(match);
  await rig.decide(await rig.asked(match.journeyId, "match-second-review"), "new", "ben");
  await rig.decide(await rig.asked(match.journeyId, "match-safety"), "uphold-first", "cleo");
  await rig.ended(match.journeyId);
  const told = (await rig.leaves(match.journeyId)) + JSON.stringify(await rig.outcome(match.journeyId));
  expect(told).toContain("second-review.completed");
  expect(told).not.toMatch(/zmarker|threlfall|9000001870|TA3 7LD|1980-05-23/i);
});

test("what is told of a sampled match and of its decisions is as its contract says", async () => {
  const { topics, odd } = await messagesOf(rig.db);
  expect(odd).toEqual([]);
  expect([...topics].sort()).toEqual(["match.sampled", "work.decided"]);
});
