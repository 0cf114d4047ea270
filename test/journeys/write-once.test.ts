// From the first byte to the ERP: what a hospital says of its patients is in NAV, once, in order, and provably so.

import { afterAll, beforeAll, expect, it } from "vitest";
import { readAcknowledgement } from "#formats/hl7v2";
import { type Adt, adt, testNhsNumber } from "./adt.ts";
import { type Site, startSite } from "./platform-rig.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const noon = Date.now() - 86_400_000;
const say = (message: Adt) => site.send(adt(message));
const lastOutcome = async (key: string) => (await site.settled(key)).milestones.at(-1)?.outcome;

it("puts a new person and a changed address into NAV, each change once, with every milestone", async () => {
  const person = { mrn: "HP1", nhsNumber: testNhsNumber(1), familyName: "Quillfeather" };
  const created = await say({
    event: "A28",
    controlId: "HP1-1",
    at: noon,
    person: { ...person, addressLine1: "1 Old Row" },
  });
  const moved = await say({
    event: "A31",
    controlId: "HP1-2",
    at: noon + 1_000,
    person: { ...person, addressLine1: "2 New Row" },
  });
  expect([created.code, moved.code]).toEqual(["AA", "AA"]);

  const first = await site.settled("HP1-1");
  const second = await site.settled("HP1-2");
  expect([first.state, second.state]).toEqual(["complete", "complete"]);
  const milestones = (journey: typeof first) => journey.milestones.map(({ name, outcome }) => `${name} ${outcome}`);
  const ending = ["advanced waiting", "written ok", "read-back ok", "advanced completed", "completed applied"];
  expect(milestones(first)).toEqual([
    "received ok",
    "transformed ok",
    "matched new",
    "verified none",
    "decided apply",
    "proposed create",
    ...ending,
  ]);
  expect(milestones(second)).toEqual([
    "received ok",
    "transformed ok",
    "matched ok",
    "verified none",
    "decided apply",
    "proposed update",
    ...ending,
  ]);
  expect(await site.nav.patientsBy("HP1")).toMatchObject([{ lastName: "Quillfeather", addressLine1: "2 New Row" }]);
  expect((await site.nav.changesOf("HP1")).map(({ kind, changes }) => [kind, changes.addressLine1?.to])).toEqual([
    ["insert", "1 Old Row"],
    ["modify", "2 New Row"],
  ]);
});

it("applies a message sent five times under one control id once, and answers each sending alike", async () => {
  const person = { mrn: "RP1", addressLine1: "1 Echo Street" };
  await say({ event: "A28", controlId: "RP1-1", at: noon, person });
  const again = {
    event: "A31",
    controlId: "RP1-2",
    at: noon + 1_000,
    person: { ...person, addressLine1: "2 Echo Street" },
  } as const;
  for (let sending = 0; sending < 5; sending += 1) expect((await say(again)).code).toBe("AA");
  expect(await lastOutcome("RP1-2")).toBe("applied");
  expect((await site.journeys("RP1-2")).length).toBe(1);
  expect((await site.nav.changesOf("RP1")).map(({ kind }) => kind)).toEqual(["insert", "modify"]);
});

it("changes nothing in NAV for the same content under new control ids", async () => {
  const person = { mrn: "RP2", addressLine1: "1 Echo Street" };
  await say({ event: "A28", controlId: "RP2-0", at: noon, person });
  for (let sending = 1; sending <= 5; sending += 1) {
    await say({ event: "A31", controlId: `RP2-${sending}`, at: noon, person });
    expect(await lastOutcome(`RP2-${sending}`)).toBe("unchanged");
  }
  expect((await site.nav.changesOf("RP2")).map(({ kind }) => kind)).toEqual(["insert"]);
});

it("ends with the newest of two hundred shuffled messages, applies each at most once and calls the older superseded", async () => {
  const hospital = site.hospital(20);
  const mrn = "OR1";
  const numbers = Array.from({ length: 200 }, (_, index) => index + 1);
  // 73 and 200 have no common factor: every number comes once, never in order.
  const shuffled = numbers.map((_, index) => ((index * 73) % 200) + 1);
  const acks = await Promise.all(
    shuffled.map((n) =>
      hospital.send(
        adt({
          event: "A31",
          controlId: `OR1-${n}`,
          at: noon + n * 1_000,
          person: { mrn, addressLine1: `${n} Order Row` },
        }),
      ),
    ),
  );
  expect(acks.map((ack) => readAcknowledgement(ack).code)).toEqual(numbers.map(() => "AA"));
  await site.quiet();

  const [record, ...others] = await site.nav.patientsBy(mrn);
  expect(others).toEqual([]);
  expect(record?.addressLine1).toBe("200 Order Row");
  const applied = (await site.nav.changesOf(mrn)).map(({ changes }) =>
    Number.parseInt(String(changes.addressLine1?.to), 10),
  );
  expect(applied).toEqual(applied.toSorted((one, other) => one - other));
  expect(new Set(applied).size).toBe(applied.length);
  const outcomes = new Map<string, number[]>();
  for (const n of numbers) {
    const outcome = (await lastOutcome(`OR1-${n}`)) ?? "";
    outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), n]);
  }
  expect(outcomes.get("applied")).toEqual(applied);
  expect([...outcomes.keys()].toSorted()).toEqual(["applied", "superseded"]);
});

it("makes one record of a person whom two new local identifiers name at the same moment", async () => {
  const hospital = site.hospital(20);
  const people = Array.from({ length: 8 }, (_, index) => testNhsNumber(100 + index));
  await Promise.all(
    people.flatMap((nhsNumber) =>
      ["A", "B"].map((side) =>
        hospital.send(
          adt({
            event: "A28",
            controlId: `${nhsNumber}-${side}`,
            at: noon,
            person: { mrn: `${side}${nhsNumber}`, nhsNumber },
          }),
        ),
      ),
    ),
  );
  await site.quiet();
  const records = await site.nav.patients();
  for (const nhsNumber of people)
    expect(records.filter(({ nationalId }) => nationalId?.replaceAll(" ", "") === nhsNumber)).toHaveLength(1);
});

it("leaves an audit log that proves itself and an ERP that agrees with what was written", async () => {
  await say({ event: "A28", controlId: "AU1", at: noon, person: { mrn: "AU1", addressLine1: "1 Proof Street" } });
  await site.settled("AU1");
  const report = await site.reconcile();
  expect(report.compared).toBeGreaterThan(0);
  expect(report.discrepancies).toEqual([]);
  const verdict = await site.verifyAudit();
  expect(verdict).toMatchObject({ intact: true, faults: [] });
  expect(verdict.size + verdict.pending).toBeGreaterThan(5);
});
