// What the national service says of a person as a whole: restricted, replaced, withdrawn, or next to nothing.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peek, peekAll } from "../vault.ts";
import { testNhsNumber } from "./adt.ts";
import { faceOf, spokenAs } from "./faces.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, pathOf, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite("debug");
  t = tellingOf(site);
});
afterAll(() => site.close());

const steward = person("Stella", "steward");

/** Every row of every table in which something personal could be kept, as text. */
async function kept(...schemas: string[]): Promise<string> {
  const tables = await site.db.query<{ name: string }>({
    text: `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = any($1)`,
    values: [schemas],
  });
  const rows = await Promise.all(
    tables.map(({ name }) => site.db.query<{ row: string }>(`select r::text as row from ${name} r`)),
  );
  return rows.flatMap((table) => table.map(({ row }) => peekAll(row))).join("\n");
}

/** The bodies of all messages but those that brought the statement itself in. */
async function forwarded(): Promise<string> {
  const rows = await site.db.query<{ body: Buffer }>(
    `select l.body from backbone.log l join backbone.topic t on t.id = l.topic
      where t.name in ('nav-write.requested', 'write.settled', 'person.changed', 'work.decided')`,
  );
  return rows.map(({ body }) => peek(body)).join("\n");
}

/** Everything that an operator's tool can read of a journey. */
async function shown(key: string): Promise<string> {
  const journey = await site.journey(key);
  const instances = await t.instances(key);
  const { items } = await site.call<{ items: { id: string }[] }>("POST", "/work/list", { journeyId: journey.id });
  const parts = await Promise.all([
    ...instances.map(({ id }) => site.call("GET", `/sagas/instances/${id}`)),
    ...items.map(({ id }) => site.show(id, steward)),
    site.call("GET", "/dead-letters"),
    site.reconcile(),
  ]);
  return JSON.stringify([journey, instances, items, ...parts]);
}

describe("a restricted person", () => {
  const marker = "Hideawaymark";
  const clean = (text: string): void => expect(text.toLowerCase().includes(marker.toLowerCase())).toBe(false);

  it("has no whereabouts written, kept, shown, logged or forwarded, and NAV keeps the address it holds", async () => {
    const nhsNumber = testNhsNumber(3_000);
    await site.pds.know(nationally(nhsNumber));
    await t.register({ mrn: "RP1", nhsNumber, addressLine1: "1 Kept Row", phone: "01632960711" });
    const before = (await site.nav.patientsBy("RP1"))[0]!;
    await site.pds.know(
      nationally(nhsNumber, { restricted: true, addressLines: [`9 ${marker} Row`, marker], postcode: "ZZ9 9ZZ" }),
    );
    const spoken = { mrn: "RP1", nhsNumber, addressLine1: `2 ${marker} Row`, phone: "01632960712" };
    const moved = await t.update(spoken, 1);
    expect(await t.ended(moved)).toBe("unchanged");
    expect((await site.journey(moved)).milestones).toContainEqual(
      expect.objectContaining({ name: "verified", code: "MT-310" }),
    );
    const renamed = await t.update({ ...spoken, familyName: "Brookside" }, 2);
    const item = await t.question(renamed);
    expect(item.content.rows.map(({ field }) => field)).toEqual(["familyName"]);
    await site.decide(item, "approve", steward);
    expect(await t.ended(renamed)).toBe("applied");

    const [after] = await site.nav.patientsBy("RP1");
    expect(after).toMatchObject({
      lastName: "Brookside",
      addressLine1: "1 Kept Row",
      phoneNumber: before.phoneNumber!,
    });
    for (const field of ["addressLine2", "city", "state", "postalCode", "country", "email", "gpPracticeCode"])
      expect(after?.[field]).toBe(before[field]);
    expect(await t.known("RP1")).toMatchObject({ restricted: true });
    expect(Object.keys((await t.known("RP1")).fields)).not.toContain("addressLine1");
    clean(await kept("demographics", "saga", "work", "writeback", "audit"));
    clean(await forwarded());
    clean(JSON.stringify(await site.nav.ledger()));
    clean(await shown(moved));
    clean(await shown(renamed));
    clean(await site.log());
    expect(await site.log()).not.toBe("");
  });

  it("is registered in NAV without whereabouts when she is new", async () => {
    const nhsNumber = testNhsNumber(3_010);
    await site.pds.know(nationally(nhsNumber, { restricted: true }));
    const key = await t.update(
      { mrn: "RP2", nhsNumber, addressLine1: `3 ${marker} Row`, phone: "01632960713" },
      0,
      "A28",
    );
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("RP2")).toMatchObject([
      { lastName: "Ashdown", nhsNumberStatus: "01", addressLine1: "", city: "", postalCode: "", phoneNumber: "" },
    ]);
    clean(await kept("demographics", "saga", "work", "writeback", "audit"));
    clean(await forwarded());
  });

  it("is not asked about an address that waits because the national service is away", async () => {
    const nhsNumber = testNhsNumber(3_020);
    await site.pds.know(nationally(nhsNumber));
    await t.register({ mrn: "RP3", nhsNumber, addressLine1: "1 Kept Row" });
    await site.pds.know(nationally(nhsNumber, { restricted: true }));
    await site.pds.faults({ kind: "unavailable", retryAfterSeconds: 0, times: 2 });
    const key = await t.update({ mrn: "RP3", nhsNumber, addressLine1: `4 ${marker} Row` }, 1);
    expect(await t.ended(key, 20_000)).toBe("unchanged");
    expect(await site.nav.patientsBy("RP3")).toMatchObject([{ addressLine1: "1 Kept Row" }]);
    clean(await kept("demographics", "saga", "work", "writeback", "audit"));
  });
});

describe("a national record that tells next to nothing", () => {
  it("leaves what it does not tell as it is, and a person is not verified by it", async () => {
    const nhsNumber = testNhsNumber(3_030);
    await t.register({ mrn: "MN1", nhsNumber, addressLine1: "1 Told Row", gender: "F" });
    const before = (await site.nav.patientsBy("MN1"))[0]!;
    await site.pds.know({ nhsNumber });
    expect(await t.ended(await t.update({ mrn: "MN1", nhsNumber, addressLine1: "2 Told Row" }, 1))).toBe("applied");
    const [after] = await site.nav.patientsBy("MN1");
    expect(after).toMatchObject({ addressLine1: "2 Told Row", nationalId: nhsNumber });
    expect(after?.nhsNumberStatus).not.toBe("01");
    for (const field of ["lastName", "firstName", "birthDate", "gender", "city", "postalCode"])
      expect(after?.[field]).toBe(before[field]);
  });
});

describe("a number that was replaced by another", () => {
  it("is changed in NAV once an approver agrees, and finds the person under both numbers from then on", async () => {
    const [old, current] = [testNhsNumber(3_040), testNhsNumber(3_050)];
    await site.pds.know(nationally(old), nationally(current, faceOf(old)));
    await t.register({ mrn: "SU1", nhsNumber: old, addressLine1: "1 Row" });
    await site.pds.supersede(old, current);
    const key = await t.update({ mrn: "SU1", nhsNumber: old, addressLine1: "2 Row" }, 1);
    const item = await t.question(key);
    expect(item).toMatchObject({ queue: "demographics", reason: "RC-406" });
    expect(item.content.rows).toMatchObject([{ field: "nhsNumber", current: old, proposed: current }]);
    expect(await site.nav.patientsBy("SU1")).toMatchObject([{ nationalId: old, addressLine1: "2 Row" }]);
    expect(await t.approve(key)).toBe("applied");
    expect(await site.nav.patientsBy("SU1")).toMatchObject([{ nationalId: current, nhsNumberStatus: "01" }]);

    const { id } = await t.known("SU1");
    for (const [mrn, nhsNumber] of [
      ["SU2", old],
      ["SU3", current],
    ] as const) {
      expect(
        await t.ended(
          await t.update({ ...spokenAs(old), mrn, nhsNumber, addressLine1: `${mrn} Row` }, 2 + Number(mrn.at(-1))),
        ),
      ).toBe("applied");
      expect((await t.known(mrn)).id).toBe(id);
      expect(await site.nav.patientsBy(mrn)).toEqual([]);
      expect(await site.nav.patientsBy("SU1")).toMatchObject([{ nationalId: current, addressLine1: `${mrn} Row` }]);
    }
    const numbers = await site.db.query<{ number: Buffer; current: boolean; supersededBy: Buffer | null }>({
      text: `select sealed as number, current, superseded_sealed as "supersededBy" from demographics.nhs_number where person_id = $1 order by since`,
      values: [id],
    });
    const told = numbers.map(({ number, current, supersededBy }) => ({
      number: peek(number),
      current,
      supersededBy: supersededBy && peek(supersededBy),
    }));
    expect(told).toEqual([
      { number: old, current: false, supersededBy: current },
      { number: current, current: true, supersededBy: null },
    ]);
  });

  it("stays in NAV as it is when an approver refuses the new one", async () => {
    const [old, current] = [testNhsNumber(3_060), testNhsNumber(3_070)];
    await site.pds.know(nationally(old), nationally(current, faceOf(old)));
    await t.register({ mrn: "SU4", nhsNumber: old });
    await site.pds.supersede(old, current);
    const key = await t.update({ mrn: "SU4", nhsNumber: old, addressLine1: "2 Row" }, 1);
    await site.decide(await t.question(key), "refuse", person("Anna"));
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("SU4")).toMatchObject([{ nationalId: old, addressLine1: "2 Row" }]);
    expect((await site.journey(key)).milestones).toContainEqual(
      expect.objectContaining({ name: "answered", outcome: "refused" }),
    );
  });
});

describe("a record that was withdrawn nationally", () => {
  it("stops every change until a steward has looked, and tells nothing of what the record held", async () => {
    const nhsNumber = testNhsNumber(3_080);
    await site.pds.know(nationally(nhsNumber, { addressLines: ["5 Withdrawnmark Row", "Withdrawnmark"] }));
    await t.register({ mrn: "IV1", nhsNumber, addressLine1: "1 Row" });
    await site.pds.invalidate(nhsNumber);
    const key = await t.update({ mrn: "IV1", nhsNumber, addressLine1: "2 Row" }, 1);
    const item = await t.question(key);
    expect(item).toMatchObject({ queue: "demographics-steward", reason: "DQ-NHS-010" });
    await expect(site.decide(item, "approve", person("Anna"))).rejects.toThrow("WORK_FORBIDDEN");
    expect(await site.nav.patientsBy("IV1")).toMatchObject([{ addressLine1: "1 Row" }]);
    expect(JSON.stringify(item)).not.toMatch(/Withdrawnmark/i);
    expect(pathOf(await site.journey(key))).toContain("verified invalidated");
    await site.decide(item, "approve", steward);
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("IV1")).toMatchObject([{ addressLine1: "2 Row", nationalId: nhsNumber }]);
  });
});
