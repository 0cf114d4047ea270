// The saga of one statement about a person, on the engine, between an ERP and a national service in memory.

import { describe, expect, test } from "vitest";
import { peekAll } from "../vault.ts";
import { demographicsRig } from "./demographics-rig.ts";

const rig = demographicsRig();
const noon = Date.UTC(2026, 0, 1, 12);
const person = { familyName: "QUILL", givenName: "ADA", birthDate: "1980-02-03", postcode: "ZZ1 1ZZ", town: "OLDTON" };

async function knownPerson(mrn: string, fields: object = {}): Promise<void> {
  expect(await rig.ended(await rig.say({ mrn, at: noon, fields: { ...person, ...fields } }))).toBe("applied");
}

describe("a statement that nobody needs to decide on", () => {
  test("makes a new person and changes an address, each in two transitions", async () => {
    await knownPerson("A1");
    const journey = await rig.say({ mrn: "A1", at: noon + 1, fields: { ...person, town: "NEWTON" } });
    expect(await rig.ended(journey)).toBe("applied");
    expect(rig.erp.of("A1")).toMatchObject([{ values: { town: "NEWTON", familyName: "QUILL" } }]);
    const milestones = (await rig.leaves(journey)).map(({ name, outcome }) => `${name} ${outcome}`);
    expect(milestones).toEqual([
      "matched ok",
      "verified none",
      "decided apply",
      "proposed update",
      "advanced waiting",
      "written ok",
      "read-back ok",
      "advanced completed",
      "completed applied",
    ]);
    expect(await rig.person("A1")).toMatchObject({ fields: { town: { value: "NEWTON", source: "PAS|RXX" } } });
    expect((await rig.told("person.changed")).at(-1)).toMatchObject({ fields: expect.arrayContaining(["town"]) });
  });
});

describe("a statement that says nothing new", () => {
  test("ends at once as unchanged or superseded, and asks nobody", async () => {
    await knownPerson("B1");
    rig.national.requests.length = 0;
    rig.erp.calls.length = 0;
    expect(await rig.ended(await rig.say({ mrn: "B1", at: noon + 5, fields: person }))).toBe("unchanged");
    const older = await rig.say({ mrn: "B1", at: noon + 1, fields: { town: "LATE" } });
    expect(await rig.ended(older)).toBe("superseded");
    expect(rig.national.requests).toEqual([]);
    expect(rig.erp.calls).toEqual([]);
    expect(await rig.person("B1")).toMatchObject({ fields: { town: { value: "OLDTON", at: noon + 5 } } });
  });
});

describe("a change that a person decides on", () => {
  const changed = { birthDate: "1981-02-03" };
  const change = (mrn: string, at: number, fields: object = changed, source?: string) =>
    rig.say({ mrn, at, fields, ...(source ? { source } : {}) });
  const birthDateOf = (mrn: string) => rig.erp.of(mrn)[0]?.values.birthDate;

  test("is written once it is approved, and what nobody need decide on before that", async () => {
    await knownPerson("C1");
    const journey = await change("C1", noon + 1, { ...changed, town: "NEWTON" });
    const item = await rig.asked(journey);
    expect(item.content).toMatchObject({
      rows: [{ field: "birthDate", current: "1980-02-03", proposed: "1981-02-03" }],
      erpVersion: rig.erp.of("C1")[0]?.version,
    });
    expect(rig.erp.of("C1")).toMatchObject([{ values: { town: "NEWTON", birthDate: "1980-02-03" } }]);
    expect(item.excluded).toEqual(["PAS|RXX"]);
    await rig.decide(item, "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(birthDateOf("C1")).toBe("1981-02-03");
    expect(await rig.person("C1")).toMatchObject({ fields: { birthDate: { value: "1981-02-03" } }, proposal: null });
  });

  test("is asked again, and says so, when the ERP's record has moved since it was shown", async () => {
    await knownPerson("C2");
    const journey = await change("C2", noon + 1);
    const item = await rig.asked(journey);
    rig.erp.edit(rig.erp.of("C2")[0]!.externalId, { phone: "1" });
    await rig.decide(item, "approve");
    const again = await rig.asked(journey);
    expect(again.id).not.toBe(item.id);
    expect(again.content).toMatchObject({ wentStale: true, erpVersion: rig.erp.of("C2")[0]?.version });
    expect(birthDateOf("C2")).toBe("1980-02-03");
    await rig.decide(again, "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(birthDateOf("C2")).toBe("1981-02-03");
  });

  test("is left out when it is refused, and asked for again only with another value", async () => {
    await knownPerson("C3");
    const journey = await change("C3", noon + 1);
    await rig.decide(await rig.asked(journey), "refuse");
    expect(await rig.ended(journey)).toBe("refused");
    expect(await rig.person("C3")).toMatchObject({ fields: { birthDate: { value: "1980-02-03" } }, proposal: null });
    expect(await rig.ended(await change("C3", noon + 2))).toBe("unchanged");
    const other = await change("C3", noon + 3, { birthDate: "1982-02-03" });
    expect((await rig.asked(other)).content).toMatchObject({ rows: [{ proposed: "1982-02-03" }] });
  });

  test("is joined by a later statement that proposes the same", async () => {
    await knownPerson("C4");
    const first = await change("C4", noon + 1);
    const item = await rig.asked(first);
    expect(await rig.ended(await change("C4", noon + 5))).toBe("joined");
    expect(await rig.ended(await change("C4", noon + 3, { birthDate: "1979-02-03" }))).toBe("superseded");
    await rig.decide(item, "approve");
    expect(await rig.ended(first)).toBe("applied");
    expect(await rig.person("C4")).toMatchObject({ fields: { birthDate: { value: "1981-02-03", at: noon + 5 } } });
  });

  test("is taken over by a later statement with another value, which asks for all that waits", async () => {
    await knownPerson("C5");
    const first = await change("C5", noon + 1, { birthDate: "1981-02-03", gender: "female" }, "PAS|A");
    const item = await rig.asked(first);
    const second = await change("C5", noon + 2, { birthDate: "1982-02-03", town: "NEWTON" }, "PAS|B");
    expect(await rig.ended(first)).toBe("superseded");
    const taken = await rig.asked(second);
    expect(taken.excluded.toSorted()).toEqual(["PAS|A", "PAS|B"]);
    expect(taken.content).toMatchObject({
      rows: [
        { field: "birthDate", proposed: "1982-02-03" },
        { field: "gender", proposed: "female" },
      ],
    });
    await expect(rig.decide(item, "approve")).rejects.toMatchObject({ code: "WORK_STATE" });
    await rig.decide(taken, "approve");
    expect(await rig.ended(second)).toBe("applied");
    expect(rig.erp.of("C5")).toMatchObject([{ values: { birthDate: "1982-02-03", gender: "female", town: "NEWTON" } }]);
  });

  test("is withdrawn by a later statement that says what is known already", async () => {
    await knownPerson("C6");
    const first = await change("C6", noon + 1);
    await rig.asked(first);
    expect(await rig.ended(await change("C6", noon + 2, { birthDate: "1980-02-03" }))).toBe("unchanged");
    expect(await rig.ended(first)).toBe("superseded");
    expect(birthDateOf("C6")).toBe("1980-02-03");
  });
});

describe("the ERP", () => {
  test("keeps what a user changed after the event until a steward decides", async () => {
    await knownPerson("D1");
    const { externalId } = rig.erp.of("D1")[0]!;
    rig.erp.edit(externalId, { town: "USERTON" });
    const journey = await rig.say({ mrn: "D1", at: noon + 1, fields: { town: "NEWTON", phone: "2" } });
    const item = await rig.asked(journey);
    expect(item.content).toMatchObject({ rows: [{ field: "town", current: "USERTON", proposed: "NEWTON" }] });
    expect(rig.erp.held(externalId).values).toMatchObject({ town: "USERTON", phone: "2" });
    expect(await rig.person("D1")).toMatchObject({ fields: { town: { value: "OLDTON" }, phone: { value: "2" } } });
    await rig.decide(item, "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(rig.erp.held(externalId).values).toMatchObject({ town: "NEWTON" });
    expect(await rig.person("D1")).toMatchObject({ fields: { town: { value: "NEWTON" } } });
  });

  test("that refuses a write leaves it to a steward: tried again, or left", async () => {
    await knownPerson("D2");
    rig.erp.fail("refused");
    const journey = await rig.say({ mrn: "D2", at: noon + 1, fields: { town: "NEWTON" } });
    const item = await rig.asked(journey);
    expect(item).toMatchObject({ queue: "demographics-steward", reason: "ERP_REFUSED" });
    rig.erp.fail("refused");
    await rig.decide(item, "retry");
    const again = await rig.asked(journey);
    await rig.decide(again, "close");
    expect(await rig.ended(journey)).toBe("refused");
    expect(await rig.person("D2")).toMatchObject({ fields: { town: { value: "OLDTON" } } });
  });

  test("gets the newest of each field from any order of statements", async () => {
    await knownPerson("D3");
    const numbers = Array.from({ length: 24 }, (_, index) => ((index * 7) % 24) + 1);
    const journeys = await Promise.all(
      numbers.map((n) =>
        rig.say({ mrn: "D3", at: noon + n, fields: n % 2 ? { town: `T${n}` } : { town: `T${n}`, phone: `${n}` } }),
      ),
    );
    const outcomes = await Promise.all(journeys.map(rig.ended));
    expect(new Set(outcomes)).toEqual(new Set(["applied", "superseded"]));
    expect(rig.erp.of("D3")).toMatchObject([{ values: { town: "T24", phone: "24" } }]);
  });
});

describe("undoing", () => {
  test("restores what the ERP and the person store held before", async () => {
    await knownPerson("E1");
    const journey = await rig.say({ mrn: "E1", at: noon + 1, fields: { town: "NEWTON", birthDate: "1981-02-03" } });
    await rig.asked(journey);
    expect(rig.erp.of("E1")).toMatchObject([{ values: { town: "NEWTON" } }]);
    const { id } = (await rig.instance(journey))!;
    await rig.sagas.cancel(id, "olga");
    expect(await rig.ended(journey)).toBe("cancelled");
    await expect.poll(() => rig.erp.of("E1")[0]?.values.town).toBe("OLDTON");
    expect(await rig.person("E1")).toMatchObject({ fields: { town: { value: "OLDTON" } }, proposal: null });
  });
});

describe("the national service", () => {
  test("that does not answer holds the statement, which asks again under the same request id", async () => {
    rig.national.fail("NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER", "NATIONAL_THROTTLED");
    const journey = await rig.say({ mrn: "F1", at: noon, fields: { ...person, nhsNumber: "4010232137" } });
    expect(await rig.ended(journey)).toBe("applied");
    expect(new Set(rig.national.requests.map(({ requestId }) => requestId)).size).toBe(1);
    expect(rig.national.requests).toHaveLength(4);
    const attempts = await rig.leaves(journey, "attempted");
    expect(attempts.map(({ code }) => code)).toEqual([
      "NATIONAL_UNAVAILABLE",
      "NATIONAL_NO_ANSWER",
      "NATIONAL_THROTTLED",
    ]);
  });

  test("marks what it agrees with as verified", async () => {
    rig.national.knows("4010232137", { familyName: "QUILL", birthDate: "1980-02-03", town: "ELSEWHERE" });
    await knownPerson("F2", { nhsNumber: "4010232137" });
    const found = await rig.person("F2");
    expect(found?.fields).toMatchObject({ familyName: { verified: true }, birthDate: { verified: true } });
    expect(found?.fields.town).not.toHaveProperty("verified");
    expect(rig.erp.of("F2")).toMatchObject([{ values: { nhsNumberStatus: "01" } }]);
  });

  test("that restricts a record keeps every whereabouts out of the store, the journal and the items", async () => {
    await knownPerson("F3", { nhsNumber: "4010232137", addressLine1: "1 MARKER ROW" });
    rig.national.knows("4010232137", { familyName: "QUILL", addressLine1: "2 MARKER ROW" }, { restricted: true });
    const journey = await rig.say({
      mrn: "F3",
      at: noon + 1,
      fields: { addressLine1: "3 MARKER ROW", birthDate: "1981-02-03", gender: "female" },
    });
    await rig.asked(journey);
    const stored = JSON.stringify([
      await rig.instance(journey),
      await rig.asked(journey),
      await rig.person("F3"),
      (await rig.db.query<{ row: string }>("select p::text as row from demographics.proposal p")).map(({ row }) =>
        peekAll(row),
      ),
    ]);
    expect(stored).not.toContain("MARKER");
    expect(rig.erp.of("F3")).toMatchObject([{ values: { addressLine1: "1 MARKER ROW" } }]);
  });
});

describe("an approval that comes late", () => {
  test("asks the national service anew, and writes no whereabouts of one who is restricted by then", async () => {
    const number = "4010232137";
    const told = { familyName: "QUILL", givenName: "ADA", birthDate: "1980-02-03" };
    rig.national.knows(number, told);
    await knownPerson("L1", { nhsNumber: number, addressLine1: "1 MARKER ROW", gpPracticeCode: "A00001" });
    rig.national.knows(number, { ...told, gpPracticeCode: "A00002" });
    const journey = await rig.say({ mrn: "L1", at: noon + 1, fields: { givenName: "EVA", gpPracticeCode: "A00003" } });
    const item = await rig.asked(journey);
    rig.national.knows(number, told, { restricted: true });
    await rig.decide(item, "approve");
    await rig.ended(journey);
    expect(rig.erp.of("L1")).toMatchObject([{ values: { givenName: "EVA", gpPracticeCode: "A00001" } }]);
  });
});

describe("a number that the national service has replaced", () => {
  const [old, replacement] = ["4010232137", "4010232145"];
  const who = { familyName: "QUILL", birthDate: "1980-02-03" };

  test("is followed once a person approves, and the person is found by both", async () => {
    await knownPerson("G1", { nhsNumber: old });
    rig.national.knows(replacement, who, { replaces: old });
    const journey = await rig.say({ mrn: "G1", at: noon + 1, fields: { town: "NEWTON" } });
    const item = await rig.asked(journey);
    expect(item.content).toMatchObject({ rows: [{ field: "nhsNumber", current: old, proposed: replacement }] });
    expect(rig.erp.of("G1")).toMatchObject([{ values: { nhsNumber: old, town: "NEWTON" } }]);
    await rig.decide(item, "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(rig.erp.of("G1")).toMatchObject([{ values: { nhsNumber: replacement } }]);
    const found = await rig.person("G1");
    expect(found?.numbers).toMatchObject([
      { number: old, current: false, supersededBy: replacement },
      { number: replacement, current: true },
    ]);
    const another = await rig.say({ mrn: "G1-B", at: noon + 2, fields: { ...person, nhsNumber: old, phone: "1" } });
    expect(await rig.ended(another)).toBe("applied");
    expect(await rig.leaves(another, "matched")).toMatchObject([{ code: "MT-102" }]);
    expect((await rig.person("G1-B"))?.id).toBe(found?.id);
    const links = await rig.db.query("select kind, by from demographics.link");
    expect(links).toEqual([{ kind: "superseded", by: ["anna"] }]);
  });

  test("is not given to anybody while another person has it, whoever approves", async () => {
    await knownPerson("G2", { nhsNumber: old });
    await knownPerson("G3", { givenName: "EVA", birthDate: "1950-05-06", nhsNumber: replacement });
    rig.national.knows(replacement, who, { replaces: old });
    const journey = await rig.say({ mrn: "G2", at: noon + 1, fields: { town: "NEWTON" } });
    const item = await rig.asked(journey);
    await rig.decide(item, "approve");
    expect((await rig.asked(journey)).id).not.toBe(item.id);
    expect(rig.erp.of("G2")).toMatchObject([{ values: { nhsNumber: old } }]);
    expect((await rig.person("G3"))?.numbers).toMatchObject([{ number: replacement, current: true }]);
  });
});

describe("a person whom the ERP does not hold", () => {
  const nhsNumber = "4010232137";

  test("waits whole for a steward where the national service knows a death that nobody spoke of", async () => {
    rig.national.answers(nhsNumber, {
      outcome: "found",
      record: {
        nhsNumber,
        version: "1",
        restricted: false,
        death: "formal",
        fields: { nhsNumber, familyName: "QUILL", birthDate: "1980-02-03", deceased: true },
      },
    });
    const journey = await rig.say({ mrn: "H1", at: noon, fields: { ...person, nhsNumber } });
    const item = await rig.asked(journey);
    expect(item).toMatchObject({
      queue: "demographics-steward",
      content: { reasons: expect.arrayContaining(["DQ-DTH-001"]) },
    });
    expect(rig.erp.of("H1")).toEqual([]);
    expect(await rig.person("H1")).toMatchObject({ proposal: { state: "asked" } });
    await rig.decide(item, "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(rig.erp.of("H1")).toMatchObject([{ values: { familyName: "QUILL", nhsNumber } }]);
  });

  test("is made alive where the statement says dead, until two people have approved the death", async () => {
    const journey = await rig.say({ mrn: "H9", at: noon, fields: { ...person, deceased: true } });
    const item = await rig.asked(journey);
    expect(item.actions).toContainEqual(expect.objectContaining({ name: "approve", quorum: 2 }));
    expect(rig.erp.of("H9")).toMatchObject([{ values: { familyName: "QUILL" } }]);
    expect(rig.erp.of("H9")[0]!.values.deceased).not.toBe(true);
    await rig.decide(item, "approve");
    expect(await rig.ended(journey)).toBe("applied");
    expect(rig.erp.of("H9")).toMatchObject([{ values: { deceased: true } }]);
  });

  test("waits whole for a steward where the number is another's, and is not made when it is refused", async () => {
    rig.national.knows(nhsNumber, { familyName: "OTHER", givenName: "BEA", birthDate: "1950-01-01" });
    const journey = await rig.say({ mrn: "H2", at: noon, fields: { ...person, nhsNumber } });
    const item = await rig.asked(journey);
    expect(item.reason).toBe("DQ-NHS-012");
    await rig.decide(item, "refuse");
    expect(await rig.ended(journey)).toBe("refused");
    expect(rig.erp.of("H2")).toEqual([]);
    expect((await rig.told("person.changed")).length).toBe(0);
  });

  test("is made once where a second statement comes before the first was written", async () => {
    const first = await rig.say({ mrn: "H3", at: noon, fields: person });
    const second = await rig.say({ mrn: "H3", at: noon + 1, fields: { phone: "1", town: "NEWTON" } });
    expect(await rig.ended(first)).toBe("applied");
    expect(await rig.ended(second)).toBe("applied");
    expect(rig.erp.of("H3")).toMatchObject([{ values: { ...person, phone: "1", town: "NEWTON" } }]);
  });
});
