// Two identifiers said to be one person: nothing is merged before two people have agreed on exactly what they were shown.

import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../until.ts";
import { testNhsNumber } from "./adt.ts";
import { spokenAs } from "./faces.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { noon, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());

const [anna, ben] = [person("Anna"), person("Ben")];

/** Two registered persons and a message that they are one. @returns its control id */
async function saidToBeOne(survivor: string, retired: string): Promise<string> {
  await t.register({ mrn: survivor, addressLine1: "1 Kept Row" });
  await t.register({ mrn: retired, addressLine1: "1 Gone Row" });
  const controlId = `${survivor}-40`;
  await t.say({ event: "A40", controlId, at: noon + 40_000, person: { mrn: survivor }, retired });
  return controlId;
}

async function bothRecords(survivor: string, retired: string) {
  const [kept] = await site.nav.patientsBy(survivor);
  const [gone] = await site.nav.patientsBy(retired);
  return { kept: kept!, gone: gone! };
}

it("merges once two different people have approved, and leads later messages of the old number to the survivor", async () => {
  const key = await saidToBeOne("MG1", "MG2");
  const item = await t.question(key);
  expect(item).toMatchObject({ queue: "demographics-merge", excluded: ["test:PAS|RXX"] });
  await expect(site.decide(item, "approve", person("PAS|RXX"))).rejects.toThrow("ACCESS_REFUSED");
  await site.decide(item, "approve", anna);
  await expect(site.decide(item, "approve", anna)).rejects.toThrow("ACCESS_REFUSED");
  expect((await site.journey(key)).state).toBe("waiting");
  expect((await bothRecords("MG1", "MG2")).gone).toMatchObject({ mergedIntoNumber: "" });
  await site.decide(item, "approve", ben);
  expect(await t.ended(key)).toBe("applied");
  const { kept, gone } = await bothRecords("MG1", "MG2");
  expect(gone).toMatchObject({ mergedIntoNumber: kept.number, addressLine1: "1 Gone Row" });
  expect(kept).toMatchObject({ mergedIntoNumber: "", addressLine1: "1 Kept Row" });
  expect((await t.leaves(key)).filter(({ name }) => name === "work.chosen").map(({ actor }) => actor)).toContain(
    "test:Ben",
  );

  const later = await t.update({ mrn: "MG2", ...spokenAs("MG1"), addressLine1: "9 Later Row" }, 41);
  expect(await t.ended(later)).toBe("applied");
  expect(await bothRecords("MG1", "MG2")).toMatchObject({
    kept: { addressLine1: "9 Later Row" },
    gone: { addressLine1: "1 Gone Row" },
  });
  expect((await t.known("MG1")).id).toBe((await t.known("MG2")).id);
});

it("leaves both persons and both records as they are when one of two refuses", async () => {
  const key = await saidToBeOne("MR1", "MR2");
  const before = await bothRecords("MR1", "MR2");
  const item = await t.question(key);
  await site.decide(item, "approve", anna);
  await site.decide(item, "refuse", ben);
  expect(await t.ended(key)).toBe("refused");
  expect(await bothRecords("MR1", "MR2")).toEqual(before);
  expect((await t.known("MR1")).id).not.toBe((await t.known("MR2")).id);
  const later = await t.update({ mrn: "MR2", addressLine1: "9 Own Row" }, 41);
  expect(await t.ended(later)).toBe("applied");
  expect(await bothRecords("MR1", "MR2")).toMatchObject({
    kept: { addressLine1: "1 Kept Row" },
    gone: { addressLine1: "9 Own Row" },
  });
});

it.each([
  ["the survivor's record was edited in NAV", "MM1", "MM2", "MM1", false],
  ["the retired record was edited in NAV", "MM3", "MM4", "MM4", false],
  ["a message has changed one of the two", "MM5", "MM6", "MM6", true],
] as const)(
  "asks again when %s between the question and the answer",
  async (_, survivor, retired, moved, byMessage) => {
    const key = await saidToBeOne(survivor, retired);
    const item = await t.question(key);
    if (byMessage) await t.ended(await t.update({ mrn: moved, addressLine1: "5 Moved Row" }, 41));
    else await site.nav.edit({ number: (await site.nav.patientsBy(moved))[0]!.number!, phoneNumber: "01632 960797" });
    await site.decide(item, "approve", anna);
    await site.decide(item, "approve", ben);
    await until(async () => (await site.asked(key)).some(({ id }) => id !== item.id));
    const again = await t.question(key);
    expect(again.content.wentStale).toBe(true);
    expect((await bothRecords(survivor, retired)).gone).toMatchObject({ mergedIntoNumber: "" });
    await site.decide(again, "approve", anna);
    await site.decide(again, "approve", ben);
    expect(await t.ended(key)).toBe("applied");
    const { kept, gone } = await bothRecords(survivor, retired);
    expect(gone.mergedIntoNumber).toBe(kept.number);
  },
);

it("merges once when NAV commits and drops the connection, and under one key for each record", async () => {
  const key = await saidToBeOne("MD1", "MD2");
  const item = await t.question(key);
  await site.nav.faults({ kind: "commitThenDrop", times: 2, match: { method: "PATCH" } });
  await site.decide(item, "approve", anna);
  await site.decide(item, "approve", ben);
  expect(await t.ended(key, 20_000)).toBe("applied");
  await site.nav.faults();
  expect(await t.written("MD2", "mergedIntoNumber")).toHaveLength(1);
});

it("takes one answer of each person when two approve at the same moment, and merges once", async () => {
  const key = await saidToBeOne("MP1", "MP2");
  const item = await t.question(key);
  await Promise.all([site.decide(item, "approve", anna), site.decide(item, "approve", ben)]);
  expect(await t.ended(key)).toBe("applied");
  expect(await t.written("MP2", "mergedIntoNumber")).toHaveLength(1);
  expect((await t.leaves(key)).filter(({ name }) => name === "work.decided")).toHaveLength(1);
});

it("keeps the NHS number of the one that is retired as a number of the survivor", async () => {
  const nhsNumber = testNhsNumber(6_000);
  await t.register({ mrn: "MN1" });
  await t.register({ mrn: "MN2", nhsNumber });
  await t.say({ event: "A40", controlId: "MN1-40", at: noon + 40_000, person: { mrn: "MN1" }, retired: "MN2" });
  const item = await t.question("MN1-40");
  await site.decide(item, "approve", anna);
  await site.decide(item, "approve", ben);
  expect(await t.ended("MN1-40")).toBe("applied");
  await t.ended(await t.update({ ...spokenAs("MN1"), mrn: "MN3", nhsNumber, addressLine1: "7 Found Row" }, 42));
  expect((await t.known("MN3")).id).toBe((await t.known("MN1")).id);
  expect(await site.nav.patientsBy("MN3")).toEqual([]);
});
