// What requisition lines went through once must stay a way through their saga for ever.

import { afterAll, beforeAll, expect, test } from "vitest";
import { historyOf, replay } from "#engine/sagas";
import { requisitionSaga, type SupplyOptions } from "#services/supply";
import { line, supplyRig } from "../services/supply-rig.ts";
import { record, recordedHistories } from "./recorded.ts";

/** Replaying runs no step, so nothing of what the steps need is there. */
const definition = requisitionSaga({ clock: {}, codes: {}, writeback: {} } as unknown as SupplyOptions);
const recorded = (await recordedHistories()).filter(({ history }) => history.saga === definition.name);

test.each(recorded)("$name is still a way through its definition", ({ history }) => {
  replay(definition, history);
});

test("histories of it are kept", () => {
  expect(recorded.length).toBeGreaterThan(2);
});

let rig: Awaited<ReturnType<typeof supplyRig>>;
beforeAll(async () => {
  rig = await supplyRig();
  await rig.knows("item", { "GLV-M": "I00008" });
  await rig.knows("unit", { BX: "BOX" });
  await rig.knows("location", { W7: "WARD7" });
});
afterAll(() => rig.close());

test.each([
  ["requisition-mapped", "retry", undefined, ["resolve", "unmapped", "resolve", "write", "written"]],
  ["requisition-declined", "refuse", undefined, ["resolve", "unmapped"]],
  [
    "requisition-refused",
    undefined,
    "retry",
    ["resolve", "write", "written", "refused", "resolve", "write", "written"],
  ],
])("the way of %s", async (name, onCode, onRefusal, steps) => {
  const one = onCode ? line({ supplier: { code: name } }) : line({ supplier: undefined });
  if (onRefusal) rig.erp.fail("refused");
  const journey = await rig.order(one);
  const item = await rig.asked(journey);
  if (onCode === "retry") await rig.knows("supplier", { [name]: "V00008" });
  await rig.decide(item, onCode ?? onRefusal!);
  await rig.ended(journey);
  const history = historyOf(await rig.instance(journey));
  replay(definition, history);
  await record(name, history);
  expect(history.journal.map(({ step }) => step)).toEqual(steps);
});
