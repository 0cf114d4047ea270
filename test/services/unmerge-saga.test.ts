// The saga that takes a link back, on the engine: numbers, later links, what waits, what is withheld, and an ERP that refuses.

import { expect, test } from "vitest";
import { testNhsNumber } from "../journeys/adt.ts";
import { until } from "../until.ts";
import { demographicsRig } from "./demographics-rig.ts";

const rig = demographicsRig();
const noon = Date.UTC(2026, 0, 1, 12);
const steward = { name: "anna", roles: ["steward"] };
const person = { familyName: "QUILL", givenName: "ADA" };

const known = async (mrn: string, fields: object = {}) =>
  expect(await rig.ended(await rig.say({ mrn, at: noon, fields: { ...person, ...fields } }))).toBe("applied");
const recordOf = (mrn: string) => rig.erp.of(mrn)[0]!;
const idOf = async (mrn: string): Promise<string> => (await rig.person(mrn))!.id;

/** Merges two and returns the link. */
async function merged(survivor: string, retired: string, at = noon + 1): Promise<string> {
  const journey = await rig.merge(survivor, retired, at);
  await rig.decide(await rig.asked(journey), "approve");
  expect(await rig.ended(journey)).toBe("applied");
  const { links } = await rig.persons.history(await idOf(survivor));
  return links.findLast(({ kind }) => kind === "merged")!.id;
}

/** Asks for a link to be taken back. @returns the journey */
const asked = async (mrn: string, linkId: string): Promise<string> =>
  (await rig.persons.requestUnlink({ personId: await idOf(mrn), linkId, as: steward, comment: "two people" }))
    .journeyId;

async function unlinked(mrn: string, linkId: string): Promise<void> {
  const journey = await asked(mrn, linkId);
  await rig.decide(await rig.asked(journey), "unlink");
  expect(await rig.ended(journey)).toBe("applied");
}

test("each goes by its own NHS number again, and is found by no other", async () => {
  const [one, two] = [testNhsNumber(100), testNhsNumber(110)];
  await known("A1", { nhsNumber: one });
  await known("B1", { nhsNumber: two });
  const link = await merged("A1", "B1");
  expect((await rig.person("A1"))!.numbers.map(({ number }) => number).toSorted()).toEqual([one, two].toSorted());
  await unlinked("A1", link);
  for (const [mrn, number] of [
    ["A1", one],
    ["B1", two],
  ] as const)
    expect(await rig.person(mrn)).toMatchObject({
      fields: { nhsNumber: { value: number } },
      numbers: [{ number, current: true }],
    });
  expect(recordOf("B1").values).toMatchObject({ mergedIntoId: null, nhsNumber: two });
  expect(recordOf("A1").values).toMatchObject({ nhsNumber: one });
});

test("of two that one person took in, the first parts and the second stays", async () => {
  for (const mrn of ["A2", "B2", "C2"]) await known(mrn, { town: `${mrn}TON` });
  const first = await merged("A2", "B2", noon + 1);
  await merged("A2", "C2", noon + 2);
  expect(await rig.ended(await rig.say({ mrn: "C2", at: noon + 3, fields: { phone: "3" } }))).toBe("applied");
  expect(await rig.ended(await rig.say({ mrn: "B2", at: noon + 4, fields: { phone: "2" } }))).toBe("applied");
  await unlinked("A2", first);
  expect(await idOf("C2")).toBe(await idOf("A2"));
  expect(await idOf("B2")).not.toBe(await idOf("A2"));
  expect((await rig.person("A2"))!.fields).toMatchObject({ town: { value: "A2TON" }, phone: { value: "3" } });
  expect((await rig.person("B2"))!.fields).toMatchObject({ town: { value: "B2TON" }, phone: { value: "2" } });
  expect(recordOf("A2").values.phone).toBe("3");
  expect(recordOf("B2").values).toMatchObject({ phone: "2", mergedIntoId: null });
});

test("a link that a later one rests on is taken back after it", async () => {
  for (const mrn of ["A3", "B3", "D3"]) await known(mrn);
  const first = await merged("A3", "B3", noon + 1);
  const inner = await idOf("A3");
  const later = await merged("D3", "A3", noon + 2);
  const request = { personId: inner, linkId: first, as: steward, comment: "two people" };
  await expect(rig.persons.requestUnlink(request)).rejects.toMatchObject({ code: "PERSON_LINKED_SINCE" });
  await unlinked("D3", later);
  expect(await idOf("B3")).toBe(inner);
  await unlinked("A3", first);
  expect(new Set([await idOf("A3"), await idOf("B3"), await idOf("D3")]).size).toBe(3);
});

test("what waits for a decision about either is decided first", async () => {
  await known("A4", { birthDate: "1980-02-03" });
  await known("B4");
  const link = await merged("A4", "B4");
  const change = await rig.say({ mrn: "B4", at: noon + 2, fields: { birthDate: "1981-02-03" } });
  const question = await rig.asked(change);
  const journey = await asked("A4", link);
  await rig.decide(await rig.asked(journey), "unlink");
  const isHeld =
    "select from backbone.parked where journey_id = $1 and state = 'waiting' and reason = 'PERSON_UNDECIDED'";
  await until(async () => (await rig.db.query({ text: isHeld, values: [journey] })).length === 1);
  expect(await rig.persons.history(await idOf("A4"))).toMatchObject({ waits: true, waitsIn: change });
  expect(await idOf("B4")).toBe(await idOf("A4"));
  await rig.decide(question, "approve");
  expect(await rig.ended(change)).toBe("applied");
  expect(await rig.ended(journey)).toBe("applied");
  expect((await rig.person("A4"))!.fields.birthDate?.value).toBe("1980-02-03");
  expect((await rig.person("B4"))!.fields.birthDate?.value).toBe("1981-02-03");
});

test("whereabouts that are withheld by then come back to neither", async () => {
  const number = testNhsNumber(200);
  await known("A5", { nhsNumber: number, birthDate: "1980-02-03", town: "KEPTTON" });
  await known("B5", { town: "GONETON" });
  const link = await merged("A5", "B5");
  rig.national.knows(number, { ...person, birthDate: "1980-02-03" }, { restricted: true });
  const told = await rig.say({ mrn: "A5", at: noon + 2, fields: { title: "DR" } });
  expect(await rig.ended(told)).toBe("applied");
  expect(await rig.person("A5")).toMatchObject({ restricted: true });
  await unlinked("A5", link);
  expect((await rig.person("A5"))!.fields).not.toHaveProperty("town");
  expect((await rig.person("B5"))!.fields).not.toHaveProperty("town");
});

test("a steward has a write tried again that the ERP refused", async () => {
  await known("A6");
  await known("B6");
  const link = await merged("A6", "B6");
  const journey = await asked("A6", link);
  const item = await rig.asked(journey);
  rig.erp.fail("refused");
  await rig.decide(item, "unlink");
  const repair = await rig.asked(journey);
  expect(repair).toMatchObject({ reason: "ERP_REFUSED", content: { record: "other" } });
  await rig.decide(repair, "retry");
  expect(await rig.ended(journey)).toBe("applied");
  expect(recordOf("B6").values).toMatchObject({ mergedIntoId: null });
});

test("a second request for the same link ends as unchanged", async () => {
  await known("A7");
  await known("B7");
  const link = await merged("A7", "B7");
  const [first, second] = [await asked("A7", link), await asked("A7", link)];
  await rig.decide(await rig.asked(first), "unlink");
  expect(await rig.ended(first)).toBe("applied");
  await rig.decide(await rig.asked(second), "unlink");
  expect(await rig.ended(second)).toBe("unchanged");
});

test("whoever was taken for another is known by what was declined of the other, once the two part", async () => {
  const home = {
    birthDate: "1980-02-03",
    gender: "female",
    addressLine1: "1 MARKER ROW",
    postcode: "ZZ1 1ZZ",
  } as const;
  await known("A8", home);
  const journey = await rig.say({ mrn: "B8", at: noon + 1, fields: { ...person, ...home, givenName: "WINIFRED" } });
  await rig.decide(await rig.asked(journey), "link:1");
  await rig.decide(await rig.asked(journey), "refuse");
  await rig.ended(journey);
  expect((await rig.person("B8"))!.fields.givenName?.value).toBe("ADA");
  const { links } = await rig.persons.history(await idOf("A8"));
  await unlinked("A8", links.findLast(({ kind }) => kind === "matched")!.id);
  expect((await rig.person("A8"))!.fields.givenName?.value).toBe("ADA");
  expect((await rig.person("B8"))!.fields).toMatchObject({
    givenName: { value: "WINIFRED" },
    familyName: { value: "QUILL" },
  });
  expect(recordOf("B8").values).toMatchObject({ givenName: "WINIFRED", familyName: "QUILL" });
});
