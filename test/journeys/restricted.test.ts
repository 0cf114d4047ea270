// A restricted person's whereabouts, planted in a message and looked for everywhere: they stand where the message itself is kept,
// and nowhere else.

import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { peek, peekAll } from "../vault.ts";
import { testNhsNumber } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, type Telling, tellingOf } from "./telling.ts";

const MARKERS = ["Lairmarkerrow", "lairmarker@people.example", "1632960777"];
const OLD_MARKER = "Formermarkerrow";
/** What keeps messages as they came: by age, or while one waits. Shown to nobody but by an audited look at a dead letter. */
const MESSAGE_LOG = /^backbone\.(log|parked)/;

const printed: string[] = [];
let site: Site;
let telling: Telling;
beforeAll(async () => {
  const keep = (chunk: unknown): boolean => printed.push(String(chunk)) > 0;
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  site = await startSite("debug");
  telling = tellingOf(site);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await site.close();
});

/** Every table of every schema in which a text stands: as it is, as bytes, or sealed. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await site.db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  expect(tables.length).toBeGreaterThan(20);
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await site.db.query<{ row: string }>(`select r::text as row from ${name} r`);
    const said = rows.map(({ row }) => peekAll(row).toLowerCase()).join("\n");
    if ([text, Buffer.from(text).toString("hex")].some((form) => said.includes(form.toLowerCase()))) found.push(name);
  }
  return found;
}

/** The topics whose messages hold a text. */
async function topicsWith(text: string): Promise<string[]> {
  const rows = await site.db.query<{ name: string; body: Buffer }>(
    "select t.name, l.body from backbone.log l join backbone.topic t on t.id = l.topic",
  );
  const found = rows.filter(({ body }) => peek(body).toLowerCase().includes(text.toLowerCase()));
  return [...new Set(found.map(({ name }) => name))].toSorted();
}

/** All that the operators' interface answers about these journeys. */
async function answers(...keys: string[]): Promise<string> {
  const said: unknown[] = [];
  const paths = ["/channels", "/dead-letters", "/sagas", "/rules", "/rules/demographics", "/audit/checkpoint"];
  for (const path of paths) said.push(await site.call("GET", path));
  for (const key of keys) {
    const journey = await site.journey(key);
    const { items } = await site.call<{ items: { id: string }[] }>("POST", "/work/list", { journeyId: journey.id });
    for (const { id } of items) said.push(await site.show(id, person("reader", "steward")));
    for (const { id } of await telling.instances(key)) said.push(await site.call("GET", `/sagas/instances/${id}`));
    said.push(journey, items);
  }
  said.push(await site.reconcile(), await site.call("POST", "/work/list", {}));
  return JSON.stringify(said);
}

it("are kept in the log of messages, and in no table, no record, no log file, no answer and no leaf besides", async () => {
  const nhsNumber = testNhsNumber(300_000);
  await site.pds.know(nationally(nhsNumber));
  await telling.register({ mrn: "RS1", nhsNumber, addressLine1: `1 ${OLD_MARKER}` });
  expect(await tablesWith(OLD_MARKER)).toContain("demographics.person");
  await site.pds.know(
    nationally(nhsNumber, {
      restricted: true,
      addressLines: [`7 ${MARKERS[0]}`],
      postcode: "ZZ9 9ZZ",
      phone: "01632 960777",
      email: MARKERS[1]!,
    }),
  );
  const whereabouts = { addressLine1: `9 ${MARKERS[0]}`, email: MARKERS[1]!, phone: "01632960777" };
  const spoken = { nhsNumber, ...whereabouts };
  const keys = [
    await telling.update({ mrn: "RS1", ...spoken }, 1),
    await telling.update({ mrn: "RS1", ...spoken, familyName: "Newname" }, 2),
  ];
  await site.approved(keys[1]!, person("stella", "approver", "steward"));
  // Somebody new, and somebody whose message nobody can take: a dead letter.
  const other = testNhsNumber(300_002);
  await site.pds.know(nationally(other, { restricted: true, givenName: "Nova" }));
  keys.push(await telling.update({ mrn: "RS2", nhsNumber: other, givenName: "Nova", ...whereabouts }, 3, "A28"));
  await site.settled(keys[2]!);
  keys.push(await telling.update({ mrn: "RS3", ...spoken, birthDate: "19010101" }, 4, "A28"));
  expect((await site.settled(keys[3]!)).state).toBe("waiting");

  for (const marker of MARKERS) {
    const tables = await tablesWith(marker);
    expect(tables.length).toBeGreaterThan(0);
    expect(tables.filter((name) => !MESSAGE_LOG.test(name))).toEqual([]);
    expect((await topicsWith(marker)).filter((name) => name !== "person.updated" && !/^adt\b/.test(name))).toEqual([]);
    for (const sink of [
      JSON.stringify(await site.nav.ledger()),
      JSON.stringify(await site.nav.patients()),
      JSON.stringify(await site.pds.ledger()),
      await answers(...keys),
      await site.log(),
      printed.join("\n"),
    ])
      expect(sink.toLowerCase().includes(marker.toLowerCase())).toBe(false);
  }
  expect(await site.log()).not.toBe("");
  // What the ERP held before stays there, neither blanked nor known to us any longer.
  expect(await site.nav.patientsBy("RS1")).toMatchObject([{ addressLine1: `1 ${OLD_MARKER}`, lastName: "Newname" }]);
  expect(
    (await tablesWith(OLD_MARKER)).filter((name) => /^(demographics|work|writeback|rules|audit)\./.test(name)),
  ).toEqual([]);
}, 60_000);

it("are not written by an approval that comes after the restriction was found out", async () => {
  const nhsNumber = testNhsNumber(300_010);
  await site.pds.know(nationally(nhsNumber));
  await telling.register({ mrn: "RS4", nhsNumber, addressLine1: "1 First Row" });
  const [record] = await site.nav.patientsBy("RS4");
  await site.nav.edit({ number: record!.number!, addressLine1: "2 User Row" });
  const key = await telling.update({ mrn: "RS4", nhsNumber, addressLine1: `3 ${MARKERS[0]}` }, 1);
  const item = await telling.question(key);
  const { id } = await telling.known("RS4");
  await site.db.query({ text: "update demographics.person set restricted = true where id = $1", values: [id] });
  await site.decide(item, "approve", person("stella", "steward"));
  await telling.ended(key);
  expect(await site.nav.patientsBy("RS4")).toMatchObject([{ addressLine1: "2 User Row" }]);
  expect(await telling.known("RS4")).toMatchObject({ restricted: true });
});
