// Who is who between hospital and ERP: merged, adopted, or left for a person to decide, and never guessed.

import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../until.ts";
import { type Adt, adt, testNhsNumber } from "./adt.ts";
import { spokenAs } from "./faces.ts";
import { type NavRecord, person, type Site, startSite } from "./platform-rig.ts";

let site: Site;
let seeded: readonly NavRecord[];
beforeAll(async () => {
  site = await startSite();
  seeded = await site.nav.patients();
});
afterAll(() => site.close());

const noon = Date.now() - 86_400_000;
const say = (message: Adt) => site.send(adt(message));
const [anna, ben, steward] = [person("anna"), person("ben"), person("stella", "steward")];

/** A person NAV has had from the start, as a hospital would name them. */
function spokenOf(record: NavRecord) {
  return {
    familyName: record.lastName!,
    givenName: record.firstName!,
    birthDate: record.birthDate!.replaceAll("-", ""),
  };
}

async function twoPersons(survivor: string, retired: string): Promise<void> {
  await say({
    event: "A28",
    controlId: `${survivor}-1`,
    at: noon,
    person: { mrn: survivor, addressLine1: "1 Kept Row" },
  });
  await say({
    event: "A28",
    controlId: `${retired}-1`,
    at: noon,
    person: { mrn: retired, addressLine1: "1 Gone Row" },
  });
  await site.settled(`${survivor}-1`);
  await site.settled(`${retired}-1`);
}

it("points the retired NAV record to the survivor after a merge, and sends later updates of the old number there", async () => {
  await twoPersons("MS1", "MR1");
  await say({ event: "A40", controlId: "MS1-2", at: noon + 1_000, person: { mrn: "MS1" }, retired: "MR1" });
  expect((await site.settled("MS1-2")).state).toBe("waiting");
  expect(await site.nav.patientsBy("MR1")).toMatchObject([{ mergedIntoNumber: "" }]);
  await site.approved("MS1-2", anna, ben);
  await say({
    event: "A31",
    controlId: "MR1-2",
    at: noon + 2_000,
    person: { ...spokenAs("MS1"), mrn: "MR1", addressLine1: "9 Later Row" },
  });
  await site.settled("MR1-2");

  const [survivor] = await site.nav.patientsBy("MS1");
  const [retired] = await site.nav.patientsBy("MR1");
  expect(retired).toMatchObject({ mergedIntoNumber: survivor?.number, addressLine1: "1 Gone Row" });
  expect(survivor).toMatchObject({ mergedIntoNumber: "", addressLine1: "9 Later Row" });
});

it("gives an update of the old number to the survivor even if it overtakes the merge", async () => {
  for (let round = 0; round < 6; round += 1) {
    const [kept, gone] = [`OS${round}`, `OR${round}`];
    await twoPersons(kept, gone);
    await say({ event: "A40", controlId: `${kept}-2`, at: noon + 1_000, person: { mrn: kept }, retired: gone });
    await say({
      event: "A31",
      controlId: `${gone}-2`,
      at: noon + 2_000,
      person: { mrn: gone, addressLine1: "9 Later Row" },
    });
    await site.settled(`${gone}-2`);
    await site.approved(`${kept}-2`, anna, ben);
    expect(await site.nav.patientsBy(kept)).toMatchObject([{ addressLine1: "9 Later Row" }]);
  }
});

it("takes over a patient NAV knows by the local identifier and makes no second record", async () => {
  const known = seeded[0]!;
  const person = { ...spokenOf(known), mrn: known.mrn!, addressLine1: "1 Adopted Row" };
  await say({ event: "A31", controlId: "AD1", at: noon, person });
  expect((await site.settled("AD1")).state).toBe("complete");
  expect(await site.nav.patientsBy(known.mrn!)).toMatchObject([
    { number: known.number, addressLine1: "1 Adopted Row" },
  ]);
  expect((await site.nav.patients()).filter(({ nationalId }) => nationalId === known.nationalId)).toHaveLength(1);
});

it("takes over a patient NAV knows by NHS number and date of birth and makes no second record", async () => {
  const known = seeded[1]!;
  const person = {
    ...spokenOf(known),
    mrn: "AD2",
    nhsNumber: known.nationalId!.replaceAll(" ", ""),
    addressLine1: "2 Adopted Row",
  };
  await say({ event: "A31", controlId: "AD2", at: noon, person });
  expect((await site.settled("AD2")).state).toBe("complete");
  expect(await site.nav.patientsBy("AD2")).toEqual([]);
  expect((await site.nav.patients()).filter(({ nationalId }) => nationalId === known.nationalId)).toMatchObject([
    { number: known.number, addressLine1: "2 Adopted Row" },
  ]);
});

it("keeps to the record it took over when the first message about it said nothing new", async () => {
  const known = seeded[3]!;
  const person = { ...spokenOf(known), mrn: known.mrn! };
  const before = (await site.nav.patients()).length;
  await say({ event: "A31", controlId: "AD4", at: noon, person });
  expect((await site.settled("AD4")).milestones.at(-1)).toMatchObject({ name: "completed", outcome: "unchanged" });
  await say({ event: "A31", controlId: "AD5", at: noon + 1_000, person: { ...person, addressLine1: "5 Adopted Row" } });
  expect((await site.settled("AD5")).state).toBe("complete");
  expect(await site.nav.patients()).toHaveLength(before);
  expect(await site.nav.patientsBy(known.mrn!)).toMatchObject([
    { number: known.number, addressLine1: "5 Adopted Row" },
  ]);
});

it("leaves an NHS number with another date of birth to a person", async () => {
  const known = seeded[2]!;
  const nhsNumber = known.nationalId!.replaceAll(" ", "");
  await say({ event: "A31", controlId: "AD3", at: noon, person: { mrn: "AD3", nhsNumber, birthDate: "19010101" } });
  expect((await site.settled("AD3")).state).toBe("waiting");
  expect(await site.asked("AD3")).toMatchObject([{ queue: "demographics-steward", reason: "PERSON_AMBIGUOUS" }]);
  expect(await site.deadLetterOf("AD3")).toMatchObject({ reason: "PERSON_AMBIGUOUS" });
});

it("leaves a second NHS number on one local identifier to a person, and holds that patient's later messages behind it", async () => {
  await say({
    event: "A28",
    controlId: "CF1",
    at: noon,
    person: { mrn: "CF1", nhsNumber: testNhsNumber(300), addressLine1: "1 Own Row" },
  });
  await site.settled("CF1");
  await say({
    event: "A31",
    controlId: "CF2",
    at: noon + 1_000,
    person: { mrn: "CF1", nhsNumber: testNhsNumber(310), addressLine1: "2 Other Row" },
  });
  expect((await site.settled("CF2")).state).toBe("waiting");
  const [item] = await site.asked("CF2");
  expect(item).toMatchObject({ queue: "demographics-steward", reason: "PERSON_CONFLICT" });
  expect(await site.deadLetterOf("CF2")).toMatchObject({
    subscription: "demographics.update",
    reason: "PERSON_CONFLICT",
  });
  await say({ event: "A31", controlId: "CF3", at: noon + 2_000, person: { mrn: "CF1", addressLine1: "3 Own Row" } });
  expect((await site.journey("CF3")).state).toBe("running");
  expect(await site.nav.patientsBy("CF1")).toMatchObject([{ addressLine1: "1 Own Row" }]);

  await site.decide(item!, "dismiss", steward);
  await until(async () => (await site.journey("CF2")).state === "complete");
  expect((await site.settled("CF3")).state).toBe("complete");
  expect(await site.nav.patientsBy("CF1")).toMatchObject([{ addressLine1: "3 Own Row" }]);
});

it("leaves a known person given somebody else's NHS number to a person", async () => {
  await say({ event: "A28", controlId: "NN1", at: noon, person: { mrn: "NN1", nhsNumber: testNhsNumber(330) } });
  await site.settled("NN1");
  await say({ event: "A28", controlId: "NN2", at: noon, person: { mrn: "NN2" } });
  await site.settled("NN2");
  await say({
    event: "A31",
    controlId: "NN3",
    at: noon + 1_000,
    person: { mrn: "NN2", nhsNumber: testNhsNumber(330) },
  });
  expect((await site.settled("NN3")).state).toBe("waiting");
  expect(await site.deadLetterOf("NN3")).toMatchObject({ reason: "PERSON_CONFLICT" });
});
