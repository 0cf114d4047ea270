// What an operator can do and see: pause, stop, look up, and no patient in any log.

import { connect } from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { until } from "../until.ts";
import { type Adt, adt, testNhsNumber } from "./adt.ts";
import { faceOf } from "./faces.ts";
import { type Site, startSite } from "./platform-rig.ts";

const printed: string[] = [];
let site: Site;
beforeAll(async () => {
  const keep = (chunk: unknown): boolean => printed.push(String(chunk)) > 0;
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  site = await startSite("debug");
});
afterAll(async () => {
  vi.restoreAllMocks();
  await site.close();
});

const noon = Date.now() - 86_400_000;
const say = (message: Adt) => site.send(adt(message));

it("keeps the queue of a paused channel and delivers it after the resume", async () => {
  const unread = async () => {
    const { backlog } = await site.call<{ backlog: { subscription: string; unread: number }[] }>("GET", "/channels");
    return backlog.find(({ subscription }) => subscription === "adt")?.unread ?? 0;
  };
  await site.setChannel("paused");
  // A subscription looks a few times a second whether it is paused: some of these may still go through.
  let said = 0;
  await until(async () => {
    said += 1;
    const answer = await say({ event: "A28", controlId: `PA${said}`, at: noon, person: { mrn: `PA${said}` } });
    expect(answer.code).toBe("AA");
    return (await unread()) >= 10;
  });
  expect((await site.journey(`PA${said}`)).milestones.map(({ name }) => name)).toEqual(["received"]);
  expect(await site.nav.patientsBy(`PA${said}`)).toEqual([]);
  await site.setChannel("started");
  await site.quiet();
  for (let n = 1; n <= said; n += 1) expect(await site.nav.patientsBy(`PA${n}`)).toHaveLength(1);
});

it("closes the wire of a stopped channel and opens it again at the start", async () => {
  await site.setChannel("stopped");
  await expect(
    new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: site.mllpPort }, () => resolve(socket.destroy()));
      socket.once("error", reject);
    }),
  ).rejects.toThrow("ECONNREFUSED");
  await site.setChannel("started");
  expect((await say({ event: "A28", controlId: "ST1", at: noon, person: { mrn: "ST1" } })).code).toBe("AA");
  expect((await site.settled("ST1")).state).toBe("complete");
});

it("finds a journey by its id, its control id, the NHS number and the local identifier", async () => {
  const nhsNumber = testNhsNumber(500);
  await say({ event: "A28", controlId: "LK1", at: noon, person: { mrn: "LK1X", nhsNumber } });
  const { id } = await site.settled("LK1");
  for (const key of [id, "LK1", nhsNumber, "LK1X", "RXX:LK1X"]) expect((await site.journey(key)).id).toBe(id);
  await expect(site.journeys("nobody")).rejects.toThrow("JOURNEY_UNKNOWN");
});

it("writes no name, address, date of birth or NHS number to a log, to its output or into the audit", async () => {
  const nhsNumber = testNhsNumber(600);
  const person = {
    mrn: "PV1",
    nhsNumber,
    familyName: "Zanzimarker",
    givenName: "Quorlmarker",
    addressLine1: "1 Xylomarker Row",
  };
  const another = { ...person, mrn: "PV3", nhsNumber: "", familyName: "Brexmarker", givenName: "Wudmarker" };
  await say({ event: "A28", controlId: "PV1-1", at: noon, person });
  await site.settled("PV1-1");
  await say({ event: "A31", controlId: "PV1-2", at: noon + 1, person: { ...person, nhsNumber: testNhsNumber(610) } });
  await say({
    event: "A31",
    controlId: "PV1-3",
    at: noon + 2,
    person: { ...person, mrn: "PV2", birthDate: "19831745" },
  });
  await say({ event: "A31", controlId: "PV1-1", at: noon + 3, person });
  await site.send(Buffer.from("Zanzimarker is no header"));
  const [record] = await site.nav.patientsBy("PV1");
  await site.nav.edit({ number: record!.number!, addressLine1: "2 Yttermarker Row" });
  await say({ event: "A31", controlId: "PV3-1", at: noon + 4, person: another });
  await site.nav.faults(
    { kind: "commitThenError", times: 3 },
    { kind: "html", times: 2 },
    { kind: "dropBeforeCommit", times: 2 },
  );
  await say({
    event: "A31",
    controlId: "PV3-2",
    at: noon + 5,
    person: { ...another, addressLine1: "3 Xylomarker Row" },
  });
  await site.settled("PV3-2", 20_000);
  await site.nav.faults();
  await site.quiet();

  const bodies = await site.db.query<{ body: string }>("select body::text as body from audit.leaf");
  expect(bodies.length).toBeGreaterThan(10);
  const said = [await site.log(), ...printed, ...bodies.map(({ body }) => body)].join("\n");
  const born = [faceOf("PV1"), faceOf("PV3")].flatMap(({ birthDate }) => [birthDate, birthDate.replaceAll("-", "")]);
  for (const value of ["marker", nhsNumber, testNhsNumber(610), "19831745", ...born])
    expect(said.toLowerCase().includes(value.toLowerCase())).toBe(false);
});

it("reports in a reconciliation what somebody else changed at the ERP, and changes nothing", async () => {
  await say({ event: "A28", controlId: "RC1", at: noon, person: { mrn: "RC1", addressLine1: "1 Own Row" } });
  await site.settled("RC1");
  const before = await site.reconcile();
  const [record] = await site.nav.patientsBy("RC1");
  await site.nav.edit({ number: record!.number!, addressLine1: "2 User Row" });
  const after = (await site.reconcile()) as { compared: number; discrepancies: { kind: string; fields: string[] }[] };
  expect(after.compared).toBe(before.compared);
  expect(after.discrepancies.slice(before.discrepancies.length)).toMatchObject([
    { kind: "differs", fields: ["addressLine1"] },
  ]);
  expect(await site.nav.patientsBy("RC1")).toMatchObject([{ addressLine1: "2 User Row" }]);
});
