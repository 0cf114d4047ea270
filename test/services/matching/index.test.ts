// Promises of the index of persons: who is found by what, what changes that, and what it tells others.

import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonChanges } from "#canonical/model";
import { newId } from "#kernel/ids";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { keepPeople, numbers, openIndex, said, somebody } from "./index-rig.ts";
import { jane } from "./rig.ts";

let database: TestDatabase;
let index: ReturnType<typeof openIndex>;
beforeAll(async () => {
  database = await testDatabase();
  index = openIndex(database.db);
});
afterAll(() => database.drop());

const idsOf = async (...asked: Parameters<typeof index.match>): Promise<string[]> =>
  (await index.match(...asked)).candidates.map(({ personId }) => personId);

const versionOf = async (personId: string): Promise<unknown> =>
  (
    await database.db.query({
      text: "select xmin::text, ctid::text, kept_in::text from matching.person where person_id = $1",
      values: [personId],
    })
  )[0];

describe("whom a record finds", () => {
  const stranger: PersonChanges = {
    givenName: "Quentin",
    familyName: "Vandervoort",
    birthDate: "1931-02-17",
    postcode: "ZE2 9XX",
    addressLine1: "1 Nowhere",
    phone: "01632 960999",
    email: "q@nowhere.example",
    nhsNumber: "9990000018",
  };

  it.each<[string, readonly (keyof PersonChanges)[], PersonChanges?]>([
    ["its NHS number", ["nhsNumber"]],
    ["its telephone number", ["phone"]],
    ["its mailbox", ["email"]],
    ["birth date and family name", ["birthDate", "familyName"]],
    ["birth date and given name", ["birthDate", "givenName"]],
    ["birth date and initials", ["birthDate"], { givenName: "Jocasta", familyName: "Trott" }],
    ["both names and the year", ["givenName", "familyName"], { birthDate: "1980-11-30" }],
    ["family name, initial, month and day", ["familyName", "givenName"], { birthDate: "1908-05-23" }],
    ["both names alone where few have them", ["givenName", "familyName"], { birthDate: null }],
    ["names that changed places", ["birthDate"], { givenName: "Threlfall", familyName: "Jane" }],
    ["postcode and address", ["postcode", "addressLine1"]],
    ["postcode and given name", ["postcode", "givenName"]],
  ])("a person by %s", async (_by, shared, also = {}) => {
    const [id] = await keepPeople(database.db, [jane]);
    const same = Object.fromEntries(shared.map((field) => [field, jane[field]]));
    expect(await idsOf({ ...stranger, ...same, ...also })).toContain(id);
    await database.db.transaction((tx) => index.drop(tx, [id!]));
  });

  it("is linked with every reason in words and without a value of either", async () => {
    const [id] = await keepPeople(database.db, [jane]);
    const verdict = await index.match(jane);
    expect(verdict).toMatchObject({
      decision: "link",
      code: "MT-100",
      link: id,
      model: { name: "uk" },
      rules: { name: "matching" },
    });
    const [best] = verdict.candidates;
    const sum = best!.prior + best!.kinship + best!.reasons.reduce((total, { weight }) => total + weight, 0);
    expect(best!.weight).toBeCloseTo(sum, 9);
    expect(best!.reasons.map(({ comparison }) => comparison)).toContain("birthDate");
    expect(verdict.said).toMatch(/NHS number/);
    for (const value of Object.values(jane)) expect(JSON.stringify(verdict.candidates)).not.toContain(value);
    await database.db.transaction((tx) => index.drop(tx, [id!]));
  });

  it("is nobody while nobody is like it", async () => {
    expect(await index.match(stranger)).toMatchObject({ decision: "none", code: "MT-300", link: null, candidates: [] });
  });

  it("is found by a superseded number, from either side", async () => {
    const old = "9990000026";
    const [personId] = await keepPeople(database.db, [jane]);
    await database.db.transaction((tx) =>
      index.keep(tx, [{ personId: personId!, fields: jane, formerNumbers: [old] }]),
    );
    const { nhsNumber: _number, ...rest } = jane;
    expect(await index.match({ ...rest, nhsNumber: old })).toMatchObject({
      decision: "link",
      code: "MT-102",
      link: personId,
    });
    const [other] = await keepPeople(database.db, [{ ...stranger, nhsNumber: old, birthDate: jane.birthDate! }]);
    expect(await idsOf(jane, { personId: personId!, formerNumbers: [old] })).toEqual([other]);
    await database.db.transaction((tx) => index.drop(tx, [personId!, other!]));
    expect(await idsOf({ nhsNumber: old, birthDate: jane.birthDate! })).toEqual([]);
  });
});

describe("what changes who is found", () => {
  it("takes the old keys of a person away with the change, and leaves nothing when dropped", async () => {
    const [personId] = await keepPeople(database.db, [jane]);
    const moved = { ...jane, phone: "07700 900777", email: "other@threlfall.example" };
    await database.db.transaction((tx) => index.keep(tx, [{ personId: personId!, fields: moved }]));
    expect(await idsOf({ phone: jane.phone! })).toEqual([]);
    expect(await idsOf({ email: jane.email! })).toEqual([]);
    expect(await idsOf({ phone: moved.phone })).toEqual([personId]);
    await database.db.transaction((tx) => index.drop(tx, [personId!]));
    expect(await idsOf(moved)).toEqual([]);
    const left = await database.db.query({ text: "select from matching.key where person_id = $1", values: [personId] });
    expect(left).toEqual([]);
  });

  it("does not touch persons who are kept as they were", async () => {
    const next = numbers(21);
    const people = Array.from({ length: 50 }, () => somebody(next));
    const ids = await keepPeople(database.db, people);
    const before = await Promise.all(ids.map(versionOf));
    const again = people.map((fields, at) => ({ personId: ids[at]!, fields: { ...fields, deceased: false } }));
    await database.db.transaction((tx) => index.keep(tx, again));
    expect(await Promise.all(ids.map(versionOf))).toEqual(before);
  });

  it("keeps the last of what is said twice of one person in a round", async () => {
    const personId = newId();
    const later = { ...jane, phone: "07700 900778" };
    await database.db.transaction((tx) =>
      index.keep(tx, [
        { personId, fields: jane },
        { personId, fields: later },
      ]),
    );
    expect(await idsOf({ phone: later.phone })).toEqual([personId]);
    expect(await idsOf({ phone: jane.phone! })).toEqual([]);
    await database.db.transaction((tx) => index.drop(tx, [personId]));
  });

  it("is undone with the transaction", async () => {
    const personId = newId();
    const refused = database.db.transaction(async (tx) => {
      await index.keep(tx, [{ personId, fields: jane }]);
      throw new Error("no");
    });
    await expect(refused).rejects.toThrow("no");
    expect(await idsOf(jane)).toEqual([]);
  });

  it("remembers for ever that two are never the same, from either side", async () => {
    const [one, other] = (await keepPeople(database.db, [jane, { ...jane, email: "j@threlfall.example" }])) as [
      string,
      string,
    ];
    const apart = { by: ["steward:a"], journeyId: newId() };
    expect(await index.match(jane, { personId: one })).toMatchObject({ decision: "link", link: other });
    await database.db.transaction((tx) => index.keepApart(tx, { oneId: other, otherId: one, ...apart }));
    await database.db.transaction((tx) => index.keepApart(tx, { oneId: one, otherId: other, ...apart }));
    for (const [self, foe] of [
      [one, other],
      [other, one],
    ] as const) {
      const verdict = await index.match(jane, { personId: self });
      expect(verdict).toMatchObject({ decision: "none", code: "MT-212" });
      expect(verdict.candidates).toMatchObject([{ personId: foe, code: "MT-212" }]);
    }
    await database.db.transaction((tx) => index.drop(tx, [one, other]));
    await expect(database.db.query("delete from matching.apart")).rejects.toThrow(/permission denied/);
    await expect(database.db.query("update matching.apart set by = '{}'")).rejects.toThrow(/permission denied/);
  });
});

describe("a key that too many share", () => {
  it("is passed over, and those whom narrower keys bring are found", async () => {
    const next = numbers(31);
    const crowd = Array.from({ length: 150 }, () => ({
      ...somebody(next),
      phone: "01632 960500",
      email: "info@ward.example",
    }));
    const ids = await keepPeople(database.db, crowd);
    expect(await idsOf({ phone: "01632 960500", email: "info@ward.example" })).toEqual([]);
    for (const at of [0, 75, 149])
      expect(await index.match(crowd[at]!)).toMatchObject({ decision: "link", link: ids[at] });
    await database.db.transaction((tx) => index.drop(tx, ids));
  });
});

describe("matches asked for at one time", () => {
  it("each get their own answer", async () => {
    const next = numbers(41);
    const people = Array.from({ length: 80 }, () => somebody(next));
    const ids = await keepPeople(database.db, people);
    const verdicts = await Promise.all(people.map((fields) => index.match(fields)));
    expect(verdicts.map(({ link }) => link)).toEqual(ids);
    const asSelf = await Promise.all(people.map((fields, at) => index.match(fields, { personId: ids[at]! })));
    for (const [at, { candidates }] of asSelf.entries())
      expect(candidates.map(({ personId }) => personId)).not.toContain(ids[at]);
    await database.db.transaction((tx) => index.drop(tx, ids));
  });
});

describe("what the index tells others", () => {
  it("holds no value of a person in the text of an error", async () => {
    const next = numbers(51);
    const person = somebody(next);
    const failed = database.db.transaction((tx) => index.keep(tx, [{ personId: "no id", fields: said(person, next) }]));
    const thrown = await failed.then(
      () => undefined,
      (error: Error) => `${error.message} ${String(error.cause)}`,
    );
    expect(thrown).toBeDefined();
    for (const value of [person.familyName!, person.birthDate!, person.addressLine1!])
      expect(thrown).not.toContain(value);
  });

  it("shows the auditor who was kept apart and no value of a person", async () => {
    const auditor = new pg.Client(database.as("lockgate_auditor"));
    await auditor.connect();
    try {
      await auditor.query("select one_id, other_id, by, journey_id, at from matching.apart");
      await auditor.query("select person_id, kept_in from matching.person");
      await expect(auditor.query("select prepared from matching.person")).rejects.toThrow(/permission denied/);
      await expect(auditor.query("select key from matching.key")).rejects.toThrow(/permission denied/);
    } finally {
      await auditor.end();
    }
  });
});
