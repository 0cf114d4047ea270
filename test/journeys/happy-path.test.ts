// From the first byte to the ERP: what a hospital says of its patients is in NAV, once, in order, and provably so.

import { afterAll, beforeAll, expect, it } from "vitest";
import { type Adt, adt, testNhsNumber } from "./adt.ts";
import { type Site, startSite } from "./platform-rig.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const noon = Date.now() - 86_400_000;
const say = (message: Adt) => site.send(adt(message));

it("puts a new person and a changed address into NAV within five seconds, each change once, with every milestone", async () => {
  const startedAt = Date.now();
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
  expect(Date.now() - startedAt).toBeLessThan(5_000);
  expect([first.state, second.state]).toEqual(["complete", "complete"]);
  expect(first.milestones.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    "received ok",
    "transformed ok",
    "matched new",
    "proposed create",
    "written ok",
    "read-back ok",
    "completed applied",
  ]);
  expect(second.milestones.map(({ name }) => name)).toEqual([
    "received",
    "transformed",
    "matched",
    "proposed",
    "written",
    "read-back",
    "completed",
  ]);
  expect(await site.nav.patientsBy("HP1")).toMatchObject([{ lastName: "Quillfeather", addressLine1: "2 New Row" }]);
  expect((await site.nav.changesOf("HP1")).map(({ kind, changes }) => [kind, changes.addressLine1?.to])).toEqual([
    ["insert", "1 Old Row"],
    ["modify", "2 New Row"],
  ]);
});
