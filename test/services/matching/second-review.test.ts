// The blind second review: another steward, no word of the first answer, and a third person where the two differ.

import { afterAll, beforeAll, expect, test } from "vitest";
import { messagesOf } from "../../journeys/topic-contracts.ts";
import { jane } from "./rig.ts";
import { secondReviewRig } from "./second-review-rig.ts";
import { settled, verdictOf } from "./settled.ts";

let rig: Awaited<ReturnType<typeof secondReviewRig>>;
beforeAll(async () => {
  rig = await secondReviewRig();
});
afterAll(() => rig.close());

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
