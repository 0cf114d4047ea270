// The saga of a merge, on the engine: two persons become one when enough people say so, and apart again when it is undone.

import { describe, expect, test } from "vitest";
import { readUnmerging, unlink } from "#services/demographics";
import { demographicsRig } from "./demographics-rig.ts";

const rig = demographicsRig();
const noon = Date.UTC(2026, 0, 1, 12);
const person = { familyName: "QUILL", givenName: "ADA", town: "OLDTON" };
/** Those who are retired come without a birth date: with it the two would be found to be one at once. */
const bornOf = (mrn: string) => (mrn.startsWith("R") ? {} : { birthDate: "1980-02-03" });
const known = async (mrn: string, fields: object = {}) =>
  expect(await rig.ended(await rig.say({ mrn, at: noon, fields: { ...person, ...bornOf(mrn), ...fields } }))).toBe(
    "applied",
  );
const recordOf = (mrn: string) => rig.erp.of(mrn)[0]!;

describe("a merge of two known persons", () => {
  test("takes two people, writes the survivor first, then points the retired record to it", async () => {
    await known("S1");
    await known("R1", { town: "GONETON" });
    rig.erp.writes.length = 0;
    const journey = await rig.merge("S1", "R1", noon + 1, { phone: "1" });
    const item = await rig.asked(journey);
    expect(item).toMatchObject({ queue: "demographics-merge", excluded: ["PAS|RXX"] });
    expect(rig.erp.writes).toEqual([]);
    await rig.decide(item, "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(rig.erp.writes.map(({ externalId }) => externalId)).toEqual(
      [recordOf("S1"), recordOf("R1")].map((one) => one.externalId),
    );
    expect(recordOf("S1").values).toMatchObject({ phone: "1", town: "OLDTON" });
    expect(recordOf("R1").values).toMatchObject({ mergedIntoId: recordOf("S1").externalId });
    expect((await rig.person("R1"))?.id).toBe((await rig.person("S1"))?.id);
    expect((await rig.told("person.changed")).slice(-2)).toMatchObject([
      { fields: ["phone"] },
      { fields: ["mergedIntoId"] },
    ]);
  });

  test("sends later updates of the old number to the survivor", async () => {
    await known("S2");
    await known("R2");
    const journey = await rig.merge("S2", "R2", noon + 1);
    await rig.decide(await rig.asked(journey), "approve");
    await rig.ended(journey);
    expect(await rig.ended(await rig.say({ mrn: "R2", at: noon + 2, fields: { town: "LATERTON" } }))).toBe("applied");
    expect(recordOf("S2").values.town).toBe("LATERTON");
    expect(recordOf("R2").values.town).toBe("OLDTON");
  });

  test("lets updates of either go on while it waits, and is asked again about what they changed", async () => {
    await known("S3");
    await known("R3");
    const journey = await rig.merge("S3", "R3", noon + 1);
    const item = await rig.asked(journey);
    expect(await rig.ended(await rig.say({ mrn: "R3", at: noon + 2, fields: { town: "LATERTON" } }))).toBe("applied");
    await rig.decide(item, "approve");
    const again = await rig.asked(journey);
    expect(again.content).toMatchObject({
      wentStale: true,
      rows: expect.arrayContaining([expect.objectContaining({ field: "town", proposed: "LATERTON" })]),
    });
    await rig.decide(again, "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(recordOf("S3").values.town).toBe("LATERTON");
  });

  test("changes nothing when it is refused", async () => {
    await known("S4");
    await known("R4");
    rig.erp.writes.length = 0;
    const journey = await rig.merge("S4", "R4", noon + 1, { phone: "1" });
    await rig.decide(await rig.asked(journey), "refuse");
    expect(await rig.ended(journey)).toBe("refused");
    expect(rig.erp.writes).toEqual([]);
    expect((await rig.person("R4"))?.id).not.toBe((await rig.person("S4"))?.id);
  });

  test("said again ends as unchanged and asks nobody", async () => {
    await known("S5");
    await known("R5");
    const journey = await rig.merge("S5", "R5", noon + 1);
    await rig.decide(await rig.asked(journey), "approve");
    await rig.ended(journey);
    expect(await rig.ended(await rig.merge("S5", "R5", noon + 2))).toBe("unchanged");
  });

  test("moves what waits for a decision about the retired one to the survivor", async () => {
    await known("S6");
    await known("R6");
    const change = await rig.say({ mrn: "R6", at: noon + 1, fields: { birthDate: "1981-02-03" } });
    const asked = await rig.asked(change);
    const journey = await rig.merge("S6", "R6", noon + 2);
    await rig.decide(await rig.asked(journey), "approve");
    expect(await rig.ended(journey)).toBe("applied");
    await rig.decide(asked, "approve");
    const again = await rig.asked(change);
    expect(again.content).toMatchObject({ wentStale: true, erpVersion: recordOf("S6").version });
    await rig.decide(again, "approve");
    expect(await rig.ended(change)).toBe("applied");
    expect(recordOf("S6").values.birthDate).toBe("1981-02-03");
    expect(recordOf("R6").values).not.toHaveProperty("birthDate");
  });

  test("can be taken back: each number leads to its own person again", async () => {
    await known("S7");
    await known("R7");
    const [survivor, retired] = [await rig.person("S7"), await rig.person("R7")];
    const journeyId = await rig.merge("S7", "R7", noon + 1, { phone: "1" });
    await rig.decide(await rig.asked(journeyId), "approve");
    await rig.ended(journeyId);
    const unlinking = await readUnmerging(rig.db, survivor!.id, retired!.id);
    await rig.db.transaction((tx) => unlink(tx, rig.matching, unlinking, { by: ["anna"], journeyId }));
    expect((await rig.person("R7"))?.id).toBe(retired!.id);
    expect((await rig.person("S7"))?.fields).not.toHaveProperty("phone");
  });

  test("leaves a record that the ERP refuses to a steward", async () => {
    await known("S8");
    await known("R8");
    const journey = await rig.merge("S8", "R8", noon + 1);
    const item = await rig.asked(journey);
    rig.erp.fail("refused");
    await rig.decide(item, "approve");
    const repair = await rig.asked(journey);
    expect(repair).toMatchObject({ reason: "ERP_REFUSED", content: { record: "retired" } });
    await rig.decide(repair, "retry");
    expect(await rig.ended(journey)).toBe("applied");
    expect(recordOf("R8").values).toMatchObject({ mergedIntoId: recordOf("S8").externalId });
  });
});

describe("a merge that names somebody unknown", () => {
  test("records a person whom nobody knows by either number, without asking", async () => {
    const journey = await rig.merge("S10", "R10", noon, person);
    expect(await rig.ended(journey)).toBe("applied");
    expect((await rig.person("R10"))?.id).toBe((await rig.person("S10"))?.id);
    expect(recordOf("S10").values).toMatchObject({ familyName: "QUILL" });
  });

  test("renames a known person when it is approved", async () => {
    await known("R11");
    const { externalId } = recordOf("R11");
    const journey = await rig.merge("S11", "R11", noon + 1);
    await rig.decide(await rig.asked(journey), "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(recordOf("S11").externalId).toBe(externalId);
    expect((await rig.person("R11"))?.id).toBe((await rig.person("S11"))?.id);
  });

  test("gives a known survivor the other's number when it is approved", async () => {
    await known("S12");
    const journey = await rig.merge("S12", "R12", noon + 1);
    expect(await rig.person("R12")).toBeUndefined();
    await rig.decide(await rig.asked(journey), "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect((await rig.person("R12"))?.id).toBe((await rig.person("S12"))?.id);
  });
});
