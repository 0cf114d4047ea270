// What is found of a statement beside itself, on the engine: by the national service's word, and by who else goes by the same.

import { expect, test } from "vitest";
import { demographicsRig } from "./demographics-rig.ts";

const rig = demographicsRig();
const noon = Date.UTC(2026, 0, 1, 12);
const [number, replacement] = ["4010232137", "4010232145"];
const who = { familyName: "QUILL", givenName: "ADA", birthDate: "1980-02-03" };
const person = { ...who, postcode: "ZZ1 1ZZ", town: "OLDTON" };

const known = async (mrn: string, fields: object) =>
  expect(await rig.ended(await rig.say({ mrn, at: noon, fields: { ...person, ...fields } }))).toBe("applied");
/** What was found, as `code field`. */
const foundOn = async (journey: string): Promise<string[]> =>
  (await rig.leaves(journey, "checked")).map((leaf) => `${leaf.code} ${JSON.stringify(leaf.detail?.field)}`);

test.each([
  ["DQ-NHS-009", "has been replaced", () => rig.national.knows(replacement, who, { replaces: number })],
  ["DQ-NHS-010", "has been withdrawn", () => rig.national.answers(number, { outcome: "invalidated" })],
  [
    "DQ-NHS-012",
    "is another's nationally",
    () => rig.national.knows(number, { familyName: "OTHER", givenName: "BEA", birthDate: "1950-01-01" }),
  ],
])("%s is found and told to whoever decides where the number %s", async (code, _, makeSo) => {
  await known("A1", { nhsNumber: number });
  makeSo();
  const journey = await rig.say({ mrn: "A1", at: noon + 1, fields: { birthDate: "1980-02-03", givenName: "EVA" } });
  const { content } = await rig.asked(journey);
  expect(content).toMatchObject({ reasons: expect.arrayContaining([code]) });
  expect(await foundOn(journey)).toEqual([`${code} "nhsNumber"`]);
});

test("DQ-NHS-011 is found and told to whoever decides where somebody else here goes by the number", async () => {
  await known("B1", { nhsNumber: number });
  await known("B2", { givenName: "EVA", birthDate: "1950-05-06", nhsNumber: replacement });
  rig.national.knows(replacement, who, { replaces: number });
  const journey = await rig.say({ mrn: "B1", at: noon + 1, fields: { town: "NEWTON" } });
  const { content } = await rig.asked(journey);
  expect(content).toMatchObject({ reasons: expect.arrayContaining(["DQ-NHS-011"]) });
  expect(await foundOn(journey)).toEqual(['DQ-NHS-009 "nhsNumber"', 'DQ-NHS-011 "nhsNumber"']);
});

test("DQ-TEL-002 is found where more than ten go by the telephone number, and not of a household", async () => {
  const phone = "01632 960500";
  const shared = (index: number) => ({
    familyName: `QUILL${String.fromCharCode(65 + index)}`,
    givenName: `ADA${String.fromCharCode(65 + index)}`,
    birthDate: `19${40 + index}-02-${10 + index}`,
    postcode: null,
    phone,
  });
  const persons = Array.from({ length: 10 }, (_, index) => ({ personId: crypto.randomUUID(), fields: shared(index) }));
  await rig.db.transaction((tx) => rig.matching.keep(tx, persons.slice(0, 9)));
  await known("C0", { givenName: "IDA", birthDate: "1920-01-02", phone: "01632 960501" });
  const few = await rig.say({ mrn: "C0", at: noon + 1, fields: { phone } });
  expect(await rig.ended(few)).toBe("applied");
  expect(await foundOn(few)).toEqual([]);
  await rig.db.transaction((tx) => rig.matching.keep(tx, persons.slice(9)));
  await known("C1", { givenName: "UNA", birthDate: "1930-03-04", phone: "01632 960502" });
  const many = await rig.say({ mrn: "C1", at: noon + 1, fields: { phone } });
  expect(await rig.ended(many)).toBe("applied");
  expect(await foundOn(many)).toEqual(['DQ-TEL-002 "phone"']);
});

test("nothing is found of a number that is the person's, nor of one that nobody could be asked about", async () => {
  rig.national.knows(number, who);
  const journey = await rig.say({ mrn: "D1", at: noon, fields: { ...person, nhsNumber: number } });
  expect(await rig.ended(journey)).toBe("applied");
  expect(await foundOn(journey)).toEqual([]);
  const other = await rig.say({
    mrn: "D2",
    at: noon,
    fields: { ...person, birthDate: "1950-01-09", givenName: "EVA" },
  });
  expect(await rig.ended(other)).toBe("applied");
  expect(await foundOn(other)).toEqual([]);
});
