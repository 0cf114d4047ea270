// What second reviews went through once must stay a way through their saga for ever.

import { afterAll, beforeAll, expect, test } from "vitest";
import { historyOf, replay } from "#engine/sagas";
import { systemClock } from "#kernel/clock";
import { secondReviewSaga } from "#services/matching";
import { secondReviewRig } from "../services/matching/second-review-rig.ts";
import { settled } from "../services/matching/settled.ts";
import { record, recordedHistories } from "./recorded.ts";

const definition = secondReviewSaga({ clock: systemClock });
const recorded = (await recordedHistories()).filter(({ history }) => history.saga === definition.name);

test.each(recorded)("$name is still a way through its definition", ({ history }) => {
  replay(definition, history);
});

test("histories of it are kept", () => {
  expect(recorded.length).toBeGreaterThan(1);
});

let rig: Awaited<ReturnType<typeof secondReviewRig>>;
beforeAll(async () => {
  rig = await secondReviewRig();
});
afterAll(() => rig.close());

test.each([
  ["second-review-agreed", "link:1", undefined],
  ["second-review-upheld", "new", "uphold-second"],
])("the way of %s", async (name, action, safety) => {
  const match = settled();
  await rig.settle(match);
  await rig.decide(await rig.asked(match.journeyId, "match-second-review"), action, "ben");
  if (safety) await rig.decide(await rig.asked(match.journeyId, "match-safety"), safety, "cleo");
  const history = historyOf(await rig.ended(match.journeyId));
  replay(definition, history);
  await record(name, history);
  expect(history.journal.map(({ step }) => step)).toEqual(
    safety ? ["review", "record", "safety", "close"] : ["review", "record"],
  );
});
