// Questions, writes and messages that overtake each other: whatever the order, the newest word is asked of or written, once.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { testNhsNumber } from "./adt.ts";
import { faceOf } from "./faces.ts";
import { type NavRecord, person, type Site, startSite } from "./platform-rig.ts";
import { endOf, nationally, noon, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
let seeded: readonly NavRecord[];
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
  seeded = await site.nav.patients();
});
afterAll(() => site.close());
afterEach(() => site.nav.faults());

const both = person("Stella", "steward", "approver");

/** Answers every question of a journey with `approve` until it has ended. */
async function approveAll(key: string): Promise<string | undefined> {
  const deadline = Date.now() + 12_000;
  while (Date.now() < deadline) {
    const journey = await site.settled(key);
    if (endOf(journey) !== undefined) return endOf(journey);
    // A question may be taken over between the look and the answer.
    for (const item of await site.asked(key)) await site.decide(item, "approve", both).catch(() => undefined);
  }
  return undefined;
}

const cancel = async (key: string) => {
  const [instance] = await t.instances(key);
  await site.call("POST", `/sagas/instances/${instance!.id}/cancel`, {});
};

describe("a name that waits for an approver", () => {
  it("is asked of once, together with the newer message that repeats it, whose address is written at once", async () => {
    await t.register({ mrn: "RE1", addressLine1: "1 Row" });
    const first = await t.update({ mrn: "RE1", familyName: "Brookside", addressLine1: "1 Row" }, 1);
    await t.question(first);
    const second = await t.update({ mrn: "RE1", familyName: "Brookside", addressLine1: "2 Row" }, 2);
    const item = await t.question(second);
    expect(item.content.rows).toMatchObject([{ field: "familyName", proposed: "Brookside" }]);
    expect(await t.finished(first)).toBe("superseded");
    expect(await site.nav.patientsBy("RE1")).toMatchObject([{ addressLine1: "2 Row", lastName: "Ashdown" }]);
    expect(await t.approve(second)).toBe("applied");
    expect(await site.nav.patientsBy("RE1")).toMatchObject([{ addressLine1: "2 Row", lastName: "Brookside" }]);
  });

  it("is asked of no longer once a newer message gives the name that NAV holds", async () => {
    await t.register({ mrn: "RE2", addressLine1: "1 Row" });
    const first = await t.update({ mrn: "RE2", familyName: "Brookside" }, 1);
    await t.question(first);
    expect(await t.ended(await t.update({ mrn: "RE2", addressLine1: "2 Row" }, 2))).toBe("applied");
    expect(await t.finished(first)).toBe("superseded");
    expect(await site.asked(first)).toEqual([]);
    expect(await site.nav.patientsBy("RE2")).toMatchObject([{ addressLine1: "2 Row", lastName: "Ashdown" }]);
  });

  it("ends as the newest word when approvals and newer messages come at the same moment", async () => {
    const mrn = "RE3";
    await t.register({ mrn });
    const names = ["Alderside", "Birchside", "Cedarside", "Dateside", "Elmside"];
    const keys: string[] = [];
    for (const [index, familyName] of names.entries()) {
      const open = keys.length > 0 ? await site.asked(keys.at(-1)!) : [];
      const [key] = await Promise.all([
        t.update({ mrn, familyName }, index + 1),
        ...open.map((item) => site.decide(item, "approve", both).catch(() => undefined)),
      ]);
      keys.push(key);
      await site.settled(key);
    }
    for (const key of keys) expect(await approveAll(key)).toMatch(/^(applied|superseded)$/);
    expect(await site.nav.patientsBy(mrn)).toMatchObject([{ lastName: "Elmside" }]);
    const written = await t.written(mrn, "lastName");
    expect(new Set(written).size).toBe(written.length);
    expect(written.at(-1)).toBe("Elmside");
  });

  it("is asked of for a person whom only NAV knew, and no second record is made", async () => {
    const known = seeded[5]!;
    const spoken = { mrn: known.mrn!, givenName: known.firstName!, birthDate: known.birthDate!.replaceAll("-", "") };
    const key = await t.update({ ...spoken, familyName: "Brookside" }, 1);
    const item = await t.question(key);
    expect(item.content.rows).toMatchObject([{ field: "familyName", current: known.lastName }]);
    const before = (await site.nav.patients()).length;
    expect(await t.approve(key)).toBe("applied");
    expect(await site.nav.patientsBy(known.mrn!)).toMatchObject([{ number: known.number, lastName: "Brookside" }]);
    expect(await site.nav.patients()).toHaveLength(before);
  });
});

describe("a write under way", () => {
  it("that meets a user's edit is asked of, also when the same was said again meanwhile", async () => {
    await t.register({ mrn: "WU0", addressLine1: "1 Row" });
    await site.nav.faults({ kind: "slow", ms: 700, times: 1, match: { method: "PATCH" } });
    const first = await t.update({ mrn: "WU0", addressLine1: "2 Row" }, 1);
    await until(async () => (await site.nav.fired())[0]?.fired === 1);
    const [record] = await site.nav.patientsBy("WU0");
    await site.nav.edit({ number: record!.number!, addressLine1: "7 User Row" });
    expect(await t.ended(await t.update({ mrn: "WU0", addressLine1: "2 Row" }, 2))).toBe("unchanged");
    const item = await t.question(first);
    expect(item.content.rows).toMatchObject([{ field: "addressLine1", current: "7 User Row", proposed: "2 Row" }]);
    await site.decide(item, "refuse", both);
    expect(await t.ended(first)).toBe("refused");
    expect(await site.nav.patientsBy("WU0")).toMatchObject([{ addressLine1: "7 User Row" }]);
    expect((await t.known("WU0")).fields.addressLine1).toMatchObject({ value: "1 Row" });
  });

  it("that meets a user's edit while a newer message takes the name over, ends in questions that can be answered", async () => {
    await t.register({ mrn: "WU1", addressLine1: "1 Row" });
    await site.nav.faults({ kind: "slow", ms: 700, times: 1, match: { method: "PATCH" } });
    const first = await t.update({ mrn: "WU1", familyName: "Brookside", addressLine1: "2 Row" }, 1);
    await until(async () => (await site.nav.fired())[0]?.fired === 1);
    const [record] = await site.nav.patientsBy("WU1");
    await site.nav.edit({ number: record!.number!, addressLine1: "7 User Row" });
    const second = await t.update({ mrn: "WU1", familyName: "Marshside", addressLine1: "2 Row" }, 2);
    for (const key of [first, second, first, second]) {
      await until(async () => (await site.journey(key)).state !== "running", 12_000);
      await approveAll(key);
    }
    expect(await t.finished(first)).toMatch(/^(applied|superseded)$/);
    expect(await t.finished(second)).toMatch(/^(applied|superseded)$/);
    expect(await site.nav.patientsBy("WU1")).toMatchObject([{ lastName: "Marshside", addressLine1: "2 Row" }]);
  });

  it("is made once although NAV goes away between the approval and the write", async () => {
    const nhsNumber = testNhsNumber(8_000);
    await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
    await t.register({ mrn: "WU2", nhsNumber });
    const key = await t.update({ mrn: "WU2", nhsNumber, familyName: "Brookside" }, 1);
    const item = await t.question(key);
    const comeBack = await site.stopNav();
    try {
      await site.decide(item, "approve", both);
      await until(async () => (await site.journey(key)).milestones.some(({ code }) => code === "ERP_UNAVAILABLE"));
    } finally {
      await comeBack();
    }
    expect(await t.finished(key)).toBe("applied");
    expect(await t.written("WU2", "lastName")).toEqual(["Ashdown", "Brookside"]);
  });

  it("is taken back when it is cancelled before NAV has answered", async () => {
    await t.register({ mrn: "WU3", addressLine1: "1 Row" });
    await site.nav.faults({ kind: "slow", ms: 700, times: 1, match: { method: "PATCH" } });
    const key = await t.update({ mrn: "WU3", addressLine1: "2 Row" }, 1);
    await until(async () => (await site.nav.fired())[0]?.fired === 1);
    await cancel(key);
    await site.quiet();
    expect(await t.finished(key)).toBe("cancelled");
    await until(async () => (await site.nav.patientsBy("WU3"))[0]?.addressLine1 === "1 Row");
    expect((await t.known("WU3")).fields.addressLine1).toMatchObject({ value: "1 Row" });
    expect((await t.written("WU3", "addressLine1")).at(-1)).toBe("1 Row");
  });
});

describe("a merge that is cancelled under way", () => {
  it("leaves two persons and two records, each found by its own number", async () => {
    await t.register({ mrn: "CM1", addressLine1: "1 Kept Row" });
    await t.register({ mrn: "CM2", addressLine1: "1 Gone Row" });
    await t.say({ event: "A40", controlId: "CM1-40", at: noon + 40_000, person: { mrn: "CM1" }, retired: "CM2" });
    const item = await t.question("CM1-40");
    await site.nav.faults({ kind: "slow", ms: 700, times: 1, match: { method: "PATCH" } });
    await site.decide(item, "approve", person("Anna"));
    await site.decide(item, "approve", person("Ben"));
    await until(async () => (await site.nav.fired())[0]?.fired === 1);
    await cancel("CM1-40");
    await site.quiet();
    expect(await t.finished("CM1-40")).toBe("cancelled");
    await until(async () => (await site.nav.patientsBy("CM2"))[0]?.mergedIntoNumber === "");
    expect((await t.known("CM1")).id).not.toBe((await t.known("CM2")).id);
    expect(await t.ended(await t.update({ mrn: "CM2", addressLine1: "5 Own Row" }, 41))).toBe("applied");
    expect(await site.nav.patientsBy("CM2")).toMatchObject([{ addressLine1: "5 Own Row" }]);
    expect(await site.nav.patientsBy("CM1")).toMatchObject([{ addressLine1: "1 Kept Row" }]);
  });
});

describe("a number that replaced another, and is another local person's already", () => {
  it("is never given to a second person, whoever approves", async () => {
    const [old, current] = [testNhsNumber(8_100), testNhsNumber(8_110)];
    await site.pds.know(nationally(old));
    await t.register({ mrn: "DU1", nhsNumber: old, addressLine1: "1 Row" });
    await t.register({ mrn: "DU2", nhsNumber: current, addressLine1: "1 Row" });
    await site.pds.know(nationally(current, faceOf(old)));
    await site.pds.supersede(old, current);
    const key = await t.update({ mrn: "DU1", nhsNumber: old, addressLine1: "2 Row" }, 1);
    const item = await t.question(key);
    expect(item).toMatchObject({ queue: "demographics-steward", reason: "DQ-NHS-011" });
    await site.decide(item, "approve", both);
    await until(async () => (await site.journey(key)).state !== "running");
    expect(await site.nav.patientsBy("DU1")).toMatchObject([{ nationalId: old }]);
    for (const again of await site.asked(key)) await site.decide(again, "refuse", both);
    await t.finished(key);
    expect(await site.nav.patientsBy("DU1")).toMatchObject([{ nationalId: old, addressLine1: "2 Row" }]);
    expect(await site.nav.patientsBy("DU2")).toMatchObject([{ nationalId: current }]);
  });
});
