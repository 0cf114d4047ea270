// What sagas of demographics went through once must stay a way through them for ever; each kind of way is recorded once.

import { afterAll, beforeAll, expect, test } from "vitest";
import { historyOf, type InstanceWithJournal, replay } from "#engine/sagas";
import {
  type DemographicsOptions,
  duplicateSaga,
  mergeSaga,
  type PersonHistory,
  unmergeSaga,
  updateSaga,
} from "#services/demographics";
import { testNhsNumber } from "../journeys/adt.ts";
import { faceOf, spokenAs } from "../journeys/faces.ts";
import { person, type Site, startSite } from "../journeys/platform-rig.ts";
import { nationally, noon, type Telling, tellingOf } from "../journeys/telling.ts";
import { until } from "../until.ts";
import { record, recordedHistories } from "./recorded.ts";

/** Replaying runs no step, so nothing of what the steps need is there. */
const nothing = { clock: { now: () => 0 }, national: {}, writeback: {}, erp: {} } as unknown as DemographicsOptions;
const definitions = [updateSaga(nothing), mergeSaga(nothing), unmergeSaga(nothing), duplicateSaga(nothing)];

const recorded = (await recordedHistories()).filter(({ history }) => history.saga.startsWith("demographics."));

test.each(recorded)("$name is still a way through its definition", ({ history }) => {
  const definition = definitions.find(({ name, version }) => name === history.saga && version === history.version);
  replay(definition!, history);
});

test("histories of every definition are kept", () => {
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
  return keepInstance(name, id);
}

async function keepInstance(name: string, id: string): Promise<readonly string[]> {
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
  await site.pds.know(nationally(from), { ...nationally(from), nhsNumber: to });
  await t.register({ mrn: "RH4", nhsNumber: from, addressLine1: "1 Row" });
  await site.pds.supersede(from, to);
  const key = await t.update({ mrn: "RH4", nhsNumber: from, addressLine1: "2 Row" }, 1);
  expect(await t.approve(key)).toBe("applied");
  await keep("update-superseded-number", key);
});

const rowOf = (place: number): string => `${place} ${["Mill", "Chapel", "Quarry"][place]} Row`;

test("the ways of a person who comes under another identifier: linked, and chosen by a steward, and new", async () => {
  const twinOf = (mrn: string) => ({ givenName: spokenAs(`${mrn}-twin`).givenName });
  const come = async (place: number, differing: object): Promise<string> => {
    const [known, mrn, addressLine1] = [`RM${place}`, `RN${place}`, rowOf(place)];
    await t.register({ mrn: known, addressLine1 });
    return t.update({ ...spokenAs(known), mrn, addressLine1, ...differing }, 1, "A28");
  };
  const choose = async (key: string, action: string): Promise<void> => {
    await site.settled(key);
    const [item] = await site.asked(key);
    await site.decide(item!, action, person("Stella", "steward"));
  };

  const linked = await come(0, {});
  await t.ended(linked);
  expect(await keep("update-linked-by-matching", linked)).not.toContain("match new");

  // A telephone number that only the twin has is all that is left to decide on.
  const chosen = await come(1, { givenName: "", phone: "01632960881" });
  await choose(chosen, "link:1");
  await until(async () => (await site.journey(chosen)).state === "complete");
  expect(await keep("update-linked-by-a-steward", chosen)).toContain("match link:1");

  const fresh = await come(2, twinOf("RM2"));
  await choose(fresh, "new");
  await until(async () => (await site.journey(fresh)).state === "complete");
  expect(await keep("update-new-by-a-steward", fresh)).toContain("match new");
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

const sue = person("Sue", "steward");

/** The instance of a journey of its own, once it has got so far. */
async function instanceOf(journeyId: string, saga: string, status: string): Promise<string> {
  let found: string | undefined;
  await until(async () => {
    const { instances } = await site.call<{ instances: { id: string; saga: string; status: string }[] }>(
      "GET",
      `/sagas/instances?journey=${journeyId}`,
    );
    found = instances.find((one) => one.saga === saga && one.status === status)?.id;
    return found !== undefined;
  });
  return found!;
}

async function itemWhere(filter: object) {
  const { items } = await site.call<{ items: { id: string; digest: string; journeyId: string; state: string }[] }>(
    "POST",
    "/work/list",
    filter,
  );
  return items.find(({ state }) => state === "open");
}

test("the way of a merge that two stewards take back, and of one that a steward leaves as it is", async () => {
  await t.register({ mrn: "RH7" });
  await t.register({ mrn: "RH8" });
  await t.say({ event: "A40", controlId: "RH7-9", at: noon + 9_000, person: { mrn: "RH7" }, retired: "RH8" });
  const item = await t.question("RH7-9");
  await site.decide(item, "approve", person("Anna"));
  await site.decide(item, "approve", person("Ben"));
  expect(await t.ended("RH7-9")).toBe("applied");
  const { id } = await t.known("RH7");
  const [{ id: linkId } = { id: "" }] = (await site.call<PersonHistory>("GET", `/persons/${id}`)).links;
  for (const [name, actions] of [
    ["unmerge-left", ["leave"]],
    ["unmerge-approved", ["unlink", "unlink"]],
  ] as const) {
    const asked = { linkId, comment: "two people" };
    const { journeyId } = await site.call<{ journeyId: string }>("POST", `/persons/${id}/unlink`, asked, sue);
    await instanceOf(journeyId, "demographics.unmerge", "waiting");
    const question = (await itemWhere({ journeyId }))!;
    for (const [index, action] of actions.entries())
      await site.decide(question, action, person(["Sue", "Tom"][index]!, "steward"));
    const way = await keepInstance(name, await instanceOf(journeyId, "demographics.unmerge", "completed"));
    expect(way).toContain(`approval ${actions[0]}`);
  }
});

test.each(["different", "same"] as const)("the way of a pair that a steward calls %s", async (action) => {
  const [one, other] = [`RP-${action}-1`, `RP-${action}-2`];
  const { familyName, givenName, birthDate } = faceOf(one);
  const born = birthDate.replaceAll("-", "");
  const same = { familyName, givenName, addressLine1: "7 Pair Row", phone: "01632960777" };
  await t.register({ mrn: one, ...same, birthDate: born });
  await t.register({ mrn: other, familyName, givenName, birthDate: "" });
  expect(await t.approve(await t.update({ mrn: other, ...same, birthDate: born }, 1))).toBe("applied");
  await until(async () => (await itemWhere({ queue: "match-steward" })) !== undefined);
  const item = (await itemWhere({ queue: "match-steward" }))!;
  await site.decide(item, action, sue);
  const id = await instanceOf(item.journeyId, "demographics.duplicate", "completed");
  expect(await keepInstance(`duplicate-${action}`, id)).toEqual(["match", `ask ${action}`, "settle"]);
});
