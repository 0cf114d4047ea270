// Values of an installation that is older than sealing: all are carried over, sealed where they stand, and found as before.

import { afterAll, beforeAll, expect, test } from "vitest";
import { accesses } from "#engine/audit";
import { findRoots, readKeys } from "#engine/channels";
import { openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { vaultOf } from "#kernel/vault";
import { hideSearched, sealStored } from "../../src/app/carry-over/store.ts";
import { readInstances, readRecorded } from "../../src/engine/sagas/store.ts";
import { readHistory } from "../../src/engine/work/history/store.ts";
import { lockItem } from "../../src/engine/work/store.ts";
import { readReferences } from "../../src/engine/writeback/store.ts";
import { findByIdentifiers, findByNhsNumber } from "../../src/services/demographics/store.ts";
import { readHolders } from "../../src/services/matching/persons/store.ts";
import { type TestDatabase, testDatabase } from "../database.ts";
import { peekAll, testVault } from "../vault.ts";

const [person, journey, saga, item, access] = [newId(), newId(), newId(), newId(), newId()];
const old = (text: string): Buffer => Buffer.concat([Buffer.from([0]), Buffer.from(text)]);
const NUMBER = "9434765919";
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const owner = openDatabase(database.as("superuser"), 1);
  const put = (text: string, ...values: unknown[]) => owner.query({ text, values });
  await put("insert into backbone.topic (name) values ('old.said')");
  await put(
    "insert into backbone.subscription (name, topic) select 'old', id from backbone.topic where name = 'old.said'",
  );
  const message = `(topic, partition, session, journey_id, attributes, body) select id, 1, 's', $1, '{}', $2 from backbone.topic where name = 'old.said'`;
  await put(`insert into backbone.log ${message}`, journey, old("Markerbody"));
  await put(
    `insert into backbone.parked (subscription, position, partition, state, attempt, next_at, journey_id, at, attributes, body)
      values ('old', 1, 1, 'dead', 1, now(), $1, now(), '{}', $2)`,
    journey,
    old("Markerbody"),
  );
  await put(
    "insert into channels.intake (journey_id, channel, sender, control_id, digest, deliveries) values ($1, 'adt', 'S', 'C', '', 1)",
    journey,
  );
  await put(
    "insert into channels.business_key (kind, value, journey_id) values ('nhsNumber', $1, $2)",
    NUMBER,
    journey,
  );
  await put(
    `insert into saga.instance (id, saga, version, key, journey_id, status, revision, input) values ($1, 'old', 1, 'k', $2, 'running', 1, $3)`,
    saga,
    journey,
    old(`{"family":"Markerinput"}`),
  );
  await put(
    `insert into saga.journal (instance_id, revision, ordinal, step, kind, result, attempt, at) values ($1, 1, 0, 'look', 'ran', $2, 1, now())`,
    saga,
    old(`{"found":"Markerresult"}`),
  );
  await put(
    "insert into demographics.person (id, fields, refused) values ($1, $2, $3)",
    person,
    old(`{"familyName":{"value":"Markername","at":1,"source":"S"}}`),
    old("{}"),
  );
  await put("insert into demographics.identifier (key, person_id) values ('RXX:M1', $1)", person);
  await put(
    "insert into demographics.nhs_number (number, person_id, status, current, superseded_by) values ($1, $2, '01', false, '9434765870')",
    NUMBER,
    person,
  );
  await put(
    "insert into demographics.nhs_number (number, person_id, status, current) values ('9434765870', $1, '01', true)",
    person,
  );
  await put(
    "insert into matching.person (person_id, prepared, keys, digest) values ($1, $2, '{41,42}', '')",
    person,
    old("ADA\t\tMARKERLINE"),
  );
  await put("insert into matching.key (key, person_id) values (41, $1), (42, $1)", person);
  await put(
    `insert into work.item (id, state, queue, domain, reason, criticality, title, journey_id, content, digest, tried, actions, excluded, opened_at, due_at, reply_session, reply_context)
      values ($1, 'expired', 'q', 'd', 'r', 'normal', 't', $2, $3, '', '[]', '[{}]', '{}', now(), now(), 's', $4)`,
    item,
    journey,
    old(`{"shown":"Markercontent"}`),
    old("null"),
  );
  await put(
    "insert into work.history (item_id, at, deed, by, comment) values ($1, now(), 'commented', 'anna', $2)",
    item,
    old("Markercomment"),
  );
  await put(
    "insert into writeback.reference (target, subject, external_id, version, held) values ('nav', $1, 'Markerexternal', 'v', $2)",
    person,
    old(`{"externalId":"Markerexternal","held":{"town":"Markertown"}}`),
  );
  await put(
    "insert into audit.access (position, id, at, name, reason, salt) values (1, $1, now(), 'access.read', $2, '')",
    access,
    old("Markerreason"),
  );
  await put(
    "insert into gateway.watched_person (person_id, reason, by) values ($1, $2, 'anna')",
    person,
    old("Markerwatch"),
  );
  await put("insert into audit.leaf (position, body) values (1, $1)", `{"at":"2026-01-01T00:00:00.000Z"}`);
  await put(
    `insert into kernel.unsealed select unnest(array['backbone.log', 'backbone.parked', 'channels.business_key', 'saga.instance', 'saga.journal',
      'demographics.person', 'demographics.identifier', 'demographics.nhs_number', 'matching.person', 'work.item', 'work.history', 'writeback.reference', 'audit.access',
      'gateway.watched_person'])`,
  );
  await owner.close();
});
afterAll(() => database.drop());

test("what an older version stored is found at once after the first step, and nothing of it is left in the clear after the second", async () => {
  const { db } = database;
  const lenient = vaultOf({
    data: new Map([[1, Buffer.alloc(32, 1)]]),
    current: () => 1,
    search: Buffer.alloc(32, 2),
    opensUnsealed: true,
  });
  const early = openDatabase(database.as("lockgate_app"), 1, lenient);
  const owner = database.as("superuser");
  const told: string[] = [];
  await hideSearched(owner, testVault, (table, rows) => told.push(`${table} ${rows}`));
  expect(told.toSorted()).toContain("demographics.nhs_number 2");
  // Found by hash, with what is not sealed yet.
  expect(await findByIdentifiers(early, ["RXX:M1"])).toMatchObject([
    { id: person, fields: { familyName: { value: "Markername" } } },
  ]);
  await early.close();

  await sealStored(owner, testVault, () => undefined);
  expect(await db.query("select from kernel.unsealed")).toEqual([]);
  expect(await findByNhsNumber(db, NUMBER)).toMatchObject([
    {
      id: person,
      numbers: expect.arrayContaining([{ number: NUMBER, status: "01", current: false, supersededBy: "9434765870" }]),
    },
  ]);
  expect(await findByIdentifiers(db, ["RXX:M1"])).toMatchObject([
    { fields: { familyName: { value: "Markername" } }, keys: ["RXX:M1"] },
  ]);
  expect(await findRoots(db, NUMBER, 5)).toMatchObject([{ journeyId: journey }]);
  expect(await readKeys(db, journey)).toEqual([{ kind: "nhsNumber", value: NUMBER }]);
  expect(await readInstances(db, [saga])).toMatchObject([
    { input: { family: "Markerinput" }, journal: [{ result: { found: "Markerresult" } }] },
  ]);
  const start = { at: "-infinity", instanceId: "00000000-0000-0000-0000-000000000000", revision: 0, ordinal: 0 };
  expect(await readRecorded(db, "old", "look", new Date(0), start, 5)).toMatchObject([
    { result: { found: "Markerresult" } },
  ]);
  const [found] = await readHolders(db, [{ keys: [{ key: 42, most: 5 }] }]);
  expect(found!.holders).toMatchObject([{ personId: person, line: "ADA\t\tMARKERLINE" }]);
  expect(await db.transaction((tx) => lockItem(tx, item))).toMatchObject({ content: `{"shown":"Markercontent"}` });
  expect(await readHistory(db, item)).toMatchObject([{ comment: "Markercomment" }]);
  expect(await readReferences(db, "nav")).toEqual([
    { subject: person, version: "v", externalId: "Markerexternal", held: { town: "Markertown" } },
  ]);

  expect(await accesses(db, { most: 1 })).toMatchObject([{ id: access, reason: "Markerreason" }]);

  const [watch] = await db.query<{ reason: Buffer }>("select reason from gateway.watched_person");
  expect(db.vault.open(watch!.reason, "gateway.watched_person.reason", `${person} anna`).toString()).toBe(
    "Markerwatch",
  );

  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const superuser = openDatabase(owner, 1);
  const rows = await Promise.all(
    tables.map(({ name }) => superuser.query<{ row: string }>(`select r::text as row from ${name} r`)),
  );
  await superuser.close();
  const stored = rows.flat().map(({ row }) => row);
  const markers = /Marker|MARKER|9434765919|RXX:M1/;
  expect(stored.filter((row) => markers.test(row) || /4d61726b6572|4d41524b4552/.test(row))).toEqual([]);
  expect(stored.filter((row) => markers.test(peekAll(row))).length).toBeGreaterThan(10);
});

test("what is done is not done again", async () => {
  const told: string[] = [];
  await hideSearched(database.as("superuser"), testVault, (table) => told.push(table));
  await sealStored(database.as("superuser"), testVault, (table) => told.push(table));
  expect(told).toEqual([]);
});
