// The person store on a database: who is found by what, what a merge moves, and what taking it back restores.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PersonMatching } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import { openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { readUnlinking, readUnmerging, type Unlinking, unlink } from "#services/demographics";
import {
  insertLink,
  moveIdentifiers,
  readHoldings,
  setMergedInto,
  takeNumbers,
} from "../../src/services/demographics/links/store.ts";
import type { KnownFields } from "../../src/services/demographics/person.ts";
import { keepProposal, moveProposal, renewProposal } from "../../src/services/demographics/proposals/store.ts";
import {
  findByIdentifiers,
  findByNhsNumber,
  heldByOthers,
  type Keeping,
  keepPersons,
  readPerson,
} from "../../src/services/demographics/store.ts";
import { type TestDatabase, testDatabase } from "../database.ts";
import { testVault } from "../vault.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const known = (values: PersonChanges, at = 1): KnownFields =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [field, { value, at, source: "test" }]));
const keeping = (id: string, more: Partial<Keeping> = {}): Keeping => ({
  id,
  version: undefined,
  fields: {},
  refused: {},
  restricted: false,
  newKeys: [],
  ...more,
});
/** What matching is told is for the tests of the sagas. */
const findable = { keep: async () => undefined } as unknown as PersonMatching;

const keep = (...rows: Keeping[]) => database.db.transaction((tx) => keepPersons(tx, rows));
const idsBy = async (number: string) => (await findByNhsNumber(database.db, number)).map(({ id }) => id);
let next = 4_000_000_000;
const aNumber = (): string => {
  next += 1;
  return String(next);
};

/** A person with an identifier of its own. */
async function aPerson(more: Partial<Keeping> = {}): Promise<{ id: string; key: string }> {
  const id = newId();
  const key = `TRUST:${id.toUpperCase()}`;
  await keep(keeping(id, { newKeys: [key], ...more }));
  return { id, key };
}

describe("the person store", () => {
  test("keeps new and known persons of a round together, each with what it goes by", async () => {
    const old = await aPerson();
    const fresh = newId();
    const number = aNumber();
    await keep(
      keeping(old.id, { version: 1, fields: known({ town: "A" }), newKeys: [`${old.key}-2`] }),
      keeping(fresh, {
        fields: known({ town: "B" }),
        newKeys: [`TRUST:${fresh}`],
        number: { value: number, status: "01" },
      }),
    );
    const [found] = await findByIdentifiers(database.db, [old.key, `${old.key}-2`]);
    expect(found).toMatchObject({ id: old.id, version: 2, fields: { town: { value: "A" } } });
    expect(found?.keys.toSorted()).toEqual([old.key, `${old.key}-2`]);
    expect(await findByNhsNumber(database.db, number)).toMatchObject([
      { id: fresh, numbers: [{ number, status: "01", current: true }] },
    ]);
  });

  test("refuses a person that somebody else has changed meanwhile, and changes nothing of the round", async () => {
    const [one, other] = [await aPerson(), await aPerson()];
    await keep(keeping(one.id, { version: 1 }));
    await expect(
      keep(keeping(other.id, { version: 1, fields: known({ town: "X" }) }), keeping(one.id, { version: 1 })),
    ).rejects.toMatchObject({ code: "PERSON_CHANGED" });
    expect(await readPerson(database.db, other.id)).toMatchObject({ version: 1, fields: {} });
  });

  test("gives an identifier and an NHS number to the first who claims it", async () => {
    const number = aNumber();
    const { key } = await aPerson({ number: { value: number, status: "02" } });
    await expect(keep(keeping(newId(), { newKeys: [key] }))).rejects.toMatchObject({ code: "PERSON_CHANGED" });
    await expect(keep(keeping(newId(), { number: { value: number, status: "02" } }))).rejects.toMatchObject({
      code: "PERSON_CHANGED",
    });
    expect(await idsBy(number)).toHaveLength(1);
  });

  test("makes one of two who claim the same number at the same moment", async () => {
    const number = aNumber();
    const claims = Array.from({ length: 6 }, () => keep(keeping(newId(), { number: { value: number, status: "02" } })));
    const settled = await Promise.allSettled(claims);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await idsBy(number)).toHaveLength(1);
  });

  test("finds a person by the old number and by the new one, along the whole chain", async () => {
    const [first, second, third] = [aNumber(), aNumber(), aNumber()];
    const { id } = await aPerson({ number: { value: first, status: "01" } });
    await keep(keeping(id, { version: 1, number: { value: second, status: "01", replaces: first } }));
    await keep(keeping(id, { version: 2, number: { value: third, status: "01", replaces: second } }));
    for (const number of [first, second, third]) expect(await idsBy(number)).toEqual([id]);
    expect((await readPerson(database.db, id))?.numbers).toEqual([
      { number: first, status: "01", current: false, supersededBy: second },
      { number: second, status: "01", current: false, supersededBy: third },
      { number: third, status: "01", current: true, supersededBy: null },
    ]);
    expect(await heldByOthers(database.db, third, newId())).toBe(true);
    expect(await heldByOthers(database.db, third, id)).toBe(false);
  });

  test("finds the holder of an old number by the number that replaced it, and ends where numbers replace each other", async () => {
    const [old, replacement] = [aNumber(), aNumber()];
    const { id } = await aPerson({ number: { value: old, status: "01" } });
    const other = await aPerson({ number: { value: replacement, status: "01" } });
    await database.db.query({
      text: "update demographics.nhs_number set superseded_by = case number when $1 then $2 else $1 end where number in ($1, $2)",
      values: [testVault.seek(old, "nhs number"), testVault.seek(replacement, "nhs number")],
    });
    expect((await idsBy(replacement)).toSorted()).toEqual([id, other.id].toSorted());
  });
});

describe("a proposal", () => {
  const proposal = (personId: string, instanceId = newId()) => ({
    instanceId,
    sagaKey: `${instanceId}:demographics.update`,
    personId,
    journeyId: newId(),
    fields: known({ town: "P" }),
  });

  test("is at most one for each person, and another takes its place once it is closed", async () => {
    const { id } = await aPerson();
    const [first, second] = [proposal(id), proposal(id)];
    await database.db.transaction((one) => keepProposal(one, first));
    await expect(database.db.transaction((one) => keepProposal(one, second))).rejects.toMatchObject({
      code: "PERSON_CHANGED",
    });
    await database.db.transaction(async (one) => {
      await moveProposal(one, first.instanceId, "open", "superseded");
      await keepProposal(one, second);
    });
    expect((await readPerson(database.db, id))?.proposal).toEqual({
      instanceId: second.instanceId,
      journeyId: second.journeyId,
      state: "open",
      fields: second.fields,
    });
  });

  test("cannot be remade, renewed or moved as if it stood once another has taken it over, and keeps no value then", async () => {
    const { id } = await aPerson();
    const mine = proposal(id);
    await database.db.transaction((one) => keepProposal(one, mine));
    await database.db.transaction((one) => moveProposal(one, mine.instanceId, "open", "superseded"));
    for (const late of [
      (one: Parameters<typeof keepProposal>[0]) => keepProposal(one, mine, "open"),
      (one: Parameters<typeof keepProposal>[0]) => renewProposal(one, mine.instanceId, mine.fields),
      (one: Parameters<typeof keepProposal>[0]) => moveProposal(one, mine.instanceId, "open", "asked"),
    ])
      await expect(database.db.transaction(late)).rejects.toMatchObject({ code: "PERSON_CHANGED" });
    const rows = await database.db.query({
      text: "select fields, state from demographics.proposal where instance_id = $1",
      values: [mine.instanceId],
    });
    expect(rows).toEqual([{ fields: null, state: "superseded" }]);
  });
});

/** Merges `retired` into `survivor` as the saga does. */
async function merged(survivor: string, retired: string, applied: KnownFields = {}): Promise<void> {
  await database.db.transaction(async (tx) => {
    const [kept, gone] = await Promise.all([readPerson(tx, survivor), readPerson(tx, retired)]);
    const [own, { keys, numbers }] = await Promise.all([readHoldings(tx, survivor), readHoldings(tx, retired)]);
    await takeNumbers(tx, retired, survivor);
    await moveIdentifiers(tx, keys, retired, survivor);
    await setMergedInto(tx, gone!, survivor);
    await keepPersons(tx, [{ ...kept!, fields: { ...kept!.fields, ...applied }, newKeys: [] }]);
    await insertLink(tx, {
      id: newId(),
      kind: "merged",
      personId: survivor,
      otherId: retired,
      by: ["one", "two"],
      journeyId: newId(),
      code: "MG-500",
      version: kept!.version,
      before: {
        fields: kept!.fields,
        applied,
        keys,
        numbers,
        own: own.numbers.map(({ number }) => number),
        ownKeys: own.keys,
      },
      undoes: null,
    });
  });
}

describe("taking a link back", () => {
  const by = ["a.steward"];
  const takeBack = (unlinking: Unlinking) =>
    database.db.transaction((tx) => unlink(tx, findable, unlinking, { by, journeyId: newId() }));

  test("gives identifiers, numbers and values back to whom they belonged", async () => {
    const [one, two] = [aNumber(), aNumber()];
    const survivor = await aPerson({
      fields: known({ town: "KEPT", phone: "1" }),
      number: { value: one, status: "01" },
    });
    const retired = await aPerson({ fields: known({ town: "GONE" }), number: { value: two, status: "02" } });
    await merged(survivor.id, retired.id, known({ town: "MERGED", phone: "2" }, 5));
    expect(await findByIdentifiers(database.db, [retired.key])).toMatchObject([{ id: survivor.id }]);
    expect(await idsBy(two)).toEqual([survivor.id]);

    const spoken = await readPerson(database.db, survivor.id);
    await keep({ ...spoken!, fields: { ...spoken!.fields, ...known({ phone: "3" }, 9) }, newKeys: [] });
    await takeBack(await readUnmerging(database.db, survivor.id, retired.id));

    expect(await findByIdentifiers(database.db, [retired.key])).toMatchObject([{ id: retired.id, mergedInto: null }]);
    expect(await findByIdentifiers(database.db, [survivor.key])).toMatchObject([{ id: survivor.id }]);
    expect(await idsBy(two)).toEqual([retired.id]);
    expect(await idsBy(one)).toEqual([survivor.id]);
    expect(await readPerson(database.db, survivor.id)).toMatchObject({
      fields: { town: { value: "KEPT" }, phone: { value: "3" } },
    });
    expect((await readPerson(database.db, retired.id))?.numbers).toMatchObject([{ number: two, current: true }]);
  });

  test("is possible once, and not without a link", async () => {
    const [survivor, retired] = [await aPerson(), await aPerson()];
    const take = async () => takeBack(await readUnmerging(database.db, survivor.id, retired.id));
    await expect(take()).rejects.toMatchObject({ code: "PERSON_NOT_LINKED" });
    await merged(survivor.id, retired.id);
    await take();
    await expect(take()).rejects.toMatchObject({ code: "PERSON_NOT_LINKED" });
    await merged(survivor.id, retired.id);
    expect(await take()).toMatchObject({ kind: "unlinked" });
  });

  test("puts an NHS number back that another had replaced, and finds nobody by the other any more", async () => {
    const [old, replacement] = [aNumber(), aNumber()];
    const fields = known({ nhsNumber: old });
    const { id } = await aPerson({ fields, number: { value: old, status: "01" } });
    const applied = known({ nhsNumber: replacement }, 2);
    const linkId = newId();
    await database.db.transaction(async (tx) => {
      const [person] = await findByNhsNumber(tx, old);
      await keepPersons(tx, [
        { ...person!, fields: applied, newKeys: [], number: { value: replacement, status: "01", replaces: old } },
      ]);
      const numbers = person!.numbers;
      await insertLink(tx, {
        id: linkId,
        kind: "superseded",
        personId: id,
        otherId: null,
        by,
        journeyId: newId(),
        code: "MT-102",
        version: 1,
        before: { fields, applied, keys: [], numbers, own: [], ownKeys: [] },
        undoes: null,
      });
    });
    expect(await idsBy(old)).toEqual([id]);
    await takeBack(await readUnlinking(database.db, linkId));
    expect(await idsBy(replacement)).toEqual([]);
    expect(await idsBy(old)).toEqual([id]);
    expect(await readPerson(database.db, id)).toMatchObject({ fields: { nhsNumber: { value: old } } });
  });
});

test("an auditor sees that persons were linked and by whom, and never a value or a number of one", async () => {
  const auditor = openDatabase(database.as("lockgate_auditor"));
  try {
    await auditor.query("select kind, person_id, other_id, by, at from demographics.link");
    await auditor.query("select state, opened_at from demographics.proposal");
    for (const personal of [
      "select fields from demographics.person",
      "select refused from demographics.person",
      "select key from demographics.identifier",
      "select number from demographics.nhs_number",
      "select before from demographics.link",
      "select fields from demographics.proposal",
    ])
      await expect(auditor.query(personal), personal).rejects.toMatchObject({ code: "42501" });
  } finally {
    await auditor.close();
  }
});
