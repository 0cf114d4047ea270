// What sagas of demographics went through once must stay a way through them for ever; each kind of way is recorded once.

import { afterAll, beforeAll, expect, test } from "vitest";
import { historyOf, type InstanceWithJournal, replay } from "#engine/sagas";
import { type DemographicsOptions, mergeSaga, updateSaga } from "#services/demographics";
import { testNhsNumber } from "../journeys/adt.ts";
import { person, type Site, startSite } from "../journeys/platform-rig.ts";
import { nationally, noon, type Telling, tellingOf } from "../journeys/telling.ts";
import { until } from "../until.ts";
import { record, recordedHistories } from "./recorded.ts";

/** Replaying runs no step, so nothing of what the steps need is there. */
const nothing = { clock: { now: () => 0 }, national: {}, writeback: {}, erp: {} } as unknown as DemographicsOptions;
const definitions = [updateSaga(nothing), mergeSaga(nothing)];

const recorded = (await recordedHistories()).filter(({ history }) => history.saga.startsWith("demographics."));

test.each(recorded)("$name is still a way through its definition", ({ history }) => {
  const definition = definitions.find(({ name, version }) => name === history.saga && version === history.version);
  replay(definition!, history);
});

test("histories of both definitions are kept", () => {
  expect(new Set(recorded.map(({ history }) => history.saga))).toEqual(new Set(definitions.map(({ name }) => name)));
});

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());

/** Reads the instance of a journey as the store has it, holds it to its definition, and records it. */
async function keep(name: string, key: string): Promise<readonly string[]> {
  const [{ id } = { id: "" }] = await t.instances(key);
  const instance = await site.instance(id);
  const history = historyOf(instance);
  replay(definitions.find((one) => one.name === instance.saga)!, history);
  await record(name, history);
  return went(instance);
}

const went = ({ journal }: InstanceWithJournal): string[] =>
  journal.map(({ step, outcome }) => (outcome ? `${step} ${outcome}` : step));

test("the way of a new person and of an address that is applied at once", async () => {
  await t.register({ mrn: "RH1", addressLine1: "1 Row" });
  expect(await keep("update-new-person", "RH1-0")).toContain("written applied");
  const key = await t.update({ mrn: "RH1", addressLine1: "2 Row" }, 1);
  expect(await t.ended(key)).toBe("applied");
  await keep("update-applied-at-once", key);
  const again = await t.update({ mrn: "RH1", addressLine1: "2 Row" }, 2);
  expect(await t.ended(again)).toBe("unchanged");
  expect(await keep("update-nothing-new", again)).toEqual(["identify unchanged"]);
});

test("the way of a name that is approved, refused, and asked again after it went stale", async () => {
  await t.register({ mrn: "RH2", addressLine1: "1 Row", phone: "01632960771" });
  const approved = await t.update({ mrn: "RH2", familyName: "Brookside" }, 1);
  expect(await t.approve(approved)).toBe("applied");
  expect(await keep("update-approved", approved)).toContain("approval approve");

  const refused = await t.update({ mrn: "RH2", familyName: "Marshside" }, 2);
  await site.decide(await t.question(refused), "refuse", person("Anna"));
  expect(await t.ended(refused)).toBe("refused");
  expect(await keep("update-refused", refused)).toContain("approval refuse");

  const stale = await t.update({ mrn: "RH2", familyName: "Hillside" }, 3);
  const item = await t.question(stale);
  await site.nav.edit({ number: (await site.nav.patientsBy("RH2"))[0]!.number!, phoneNumber: "01632 960772" });
  await site.decide(item, "approve", person("Anna"));
  await until(async () => (await site.asked(stale)).some(({ id }) => id !== item.id));
  expect(await t.approve(stale)).toBe("applied");
  expect((await keep("update-asked-again", stale)).filter((one) => one === "approval approve")).toHaveLength(2);
});

test("the way of a change that is taken back by hand", async () => {
  await t.register({ mrn: "RH3", addressLine1: "1 Row" });
  const key = await t.update({ mrn: "RH3", addressLine1: "2 Row", familyName: "Brookside" }, 1);
  await t.question(key);
  const [{ id } = { id: "" }] = await t.instances(key);
  await site.call("POST", `/sagas/instances/${id}/cancel`, {});
  await until(async () => (await site.instance(id)).status === "cancelled");
  expect(await keep("update-cancelled", key)).toContain("write");
});

test("the way of a record that the national service replaced", async () => {
  const [from, to] = [testNhsNumber(7_700), testNhsNumber(7_710)];
  await site.pds.know(nationally(from), nationally(to));
  await t.register({ mrn: "RH4", nhsNumber: from, addressLine1: "1 Row" });
  await site.pds.supersede(from, to);
  const key = await t.update({ mrn: "RH4", nhsNumber: from, addressLine1: "2 Row" }, 1);
  expect(await t.approve(key)).toBe("applied");
  await keep("update-superseded-number", key);
});

test("the way of a merge that two people approve", async () => {
  await t.register({ mrn: "RH5", addressLine1: "1 Row" });
  await t.register({ mrn: "RH6", addressLine1: "6 Row" });
  await t.say({ event: "A40", controlId: "RH5-9", at: noon + 9_000, person: { mrn: "RH5" }, retired: "RH6" });
  const item = await t.question("RH5-9");
  await site.decide(item, "approve", person("Anna"));
  await site.decide(item, "approve", person("Ben"));
  expect(await t.ended("RH5-9")).toBe("applied");
  expect(await keep("merge-approved", "RH5-9")).toContain("approval approve");
});
