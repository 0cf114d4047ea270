// hunting for faults
import { afterAll, beforeAll, expect, it } from "vitest";
import { readAcknowledgement } from "#formats/hl7v2";
import { type Adt, adt, testNhsNumber } from "./adt.ts";
import { type Site, startSite } from "./platform-rig.ts";
import { until } from "../until.ts";

let site: Site;
beforeAll(async () => { site = await startSite("debug"); });
afterAll(() => site.close());
const noon = Date.now() - 86_400_000;
const say = (message: Adt) => site.send(adt(message));
const random = (n: number) => Array.from({ length: n }, () => Math.floor(Math.random() * 36).toString(36)).join("");

it("NUL", async () => {
  const c = site.hospital(4);
  const one = async (m: Buffer) => { try { const a = readAcknowledgement(await c.send(m)); return `${a.code} ${a.errors.map((e: any) => e.code + "@" + e.at).join()}`; } catch (e) { return `ERR ${(e as any).code}`; } };
  const p = { mrn: "N1" };
  console.log("NUL in control id", await one(adt({ event: "A28", controlId: "NUL\0X", at: noon, person: p })));
  console.log("NUL in mrn", await one(adt({ event: "A28", controlId: "NUL2", at: noon, person: { mrn: "N\x0001" } })));
  console.log("NUL in name", await one(adt({ event: "A28", controlId: "NUL3", at: noon, person: { mrn: "N3", familyName: "A\0B" } })));
  console.log("NUL in sending app", await one(Buffer.from(adt({ event: "A28", controlId: "NUL4", at: noon, person: { mrn: "N4" } }).toString().replace("PAS", "P\0S"))));
  console.log("long control id", await one(adt({ event: "A28", controlId: random(9000), at: noon, person: { mrn: "N5" } })));
  console.log("long mrn", await one(adt({ event: "A28", controlId: "LONG6", at: noon, person: { mrn: random(9000) } })));
  console.log("long nhs", await one(adt({ event: "A28", controlId: "LONG7", at: noon, person: { mrn: "N7", nhsNumber: random(9000) } })));
  console.log("long name", await one(adt({ event: "A28", controlId: "LONG8", at: noon, person: { mrn: "N8", familyName: random(900) } })));
  console.log("bad utf8", await one(Buffer.concat([adt({ event: "A28", controlId: "BAD9", at: noon, person: { mrn: "N9" } }).subarray(0, -1), Buffer.from([0xff, 0xfe, 13])])));
  console.log("mixed batch", await Promise.all([one(adt({ event: "A28", controlId: "NULB\0X", at: noon, person: p })), one(adt({ event: "A28", controlId: "GOOD1", at: noon, person: { mrn: "G1" } })), one(adt({ event: "A28", controlId: "GOOD2", at: noon, person: { mrn: "G2" } }))]));
  console.log("letters", (await site.deadLetters()).map((l) => [l.subscription, l.reason, l.description, l.state]));
});

it("same nhs at once", async () => {
  const c = site.hospital(20);
  await Promise.all(Array.from({ length: 10 }, (_, i) => [0, 1].map((k) => c.send(adt({ event: "A28", controlId: `SN${i}-${k}`, at: noon + k, person: { mrn: `SN${i}X${k}`, nhsNumber: testNhsNumber(100 + i), addressLine1: "1 A" } })))).flat());
  const states = await Promise.all(Array.from({ length: 10 }, (_, i) => [0, 1].map((k) => site.settled(`SN${i}-${k}`, 15000).then((j) => j.state, () => "timeout")).flat()).flat());
  const all = await site.nav.patients();
  console.log(states.join(), "records per NHS number:", Array.from({ length: 10 }, (_, i) => all.filter((r) => r.nationalId?.replace(/ /g, "") === testNhsNumber(100 + i)).length));
  console.log("letters", (await site.deadLetters()).map((l) => [l.subscription, l.reason, l.description]));
}, 60000);

it("A40 then A31 of retired at once", async () => {
  const out: string[] = [];
  for (let i = 0; i < 15; i++) {
    const [s, r] = [`MS${i}`, `MR${i}`];
    await say({ event: "A28", controlId: `M${i}a`, at: noon, person: { mrn: s, addressLine1: "1 S" } });
    await say({ event: "A28", controlId: `M${i}b`, at: noon, person: { mrn: r, addressLine1: "1 R" } });
    await site.settled(`M${i}a`); await site.settled(`M${i}b`);
    await say({ event: "A40", controlId: `M${i}c`, at: noon + 1000, person: { mrn: s }, retired: r });
    await say({ event: "A31", controlId: `M${i}d`, at: noon + 2000, person: { mrn: r, addressLine1: "9 New" } });
    await site.settled(`M${i}c`); await site.settled(`M${i}d`);
    const [sr] = await site.nav.patientsBy(s); const [rr] = await site.nav.patientsBy(r);
    out.push(`${sr!.addressLine1}/${rr!.addressLine1}/${rr!.mergedIntoNumber === sr!.number}`);
  }
  console.log(out.join(" | "));
}, 60000);

it("absorbed edit", async () => {
  const p = { mrn: "AB1" };
  await say({ event: "A28", controlId: "AB1a", at: noon, person: { ...p, addressLine1: "1 A", phone: "01632960701" } });
  await site.settled("AB1a");
  const [rec] = await site.nav.patientsBy("AB1");
  await site.nav.edit({ number: rec!.number!, addressLine1: "7 USER" });
  await say({ event: "A31", controlId: "AB1b", at: noon + 1000, person: { ...p, phone: "01632960702" } });
  console.log((await site.settled("AB1b")).milestones.at(-1));
  await say({ event: "A31", controlId: "AB1c", at: noon + 2000, person: { ...p, addressLine1: "2 B" } });
  const j = await site.settled("AB1c");
  console.log(j.state, j.open, (await site.nav.patientsBy("AB1"))[0]!.addressLine1, "user's edit is a day newer than the event");
});

it("NAV down", async () => {
  await say({ event: "A28", controlId: "ND0", at: noon, person: { mrn: "ND0" , addressLine1: "1 A" } });
  await site.settled("ND0");
  const back = await site.stopNav();
  const count = async () => Number((await site.db.query<{ n: number }>("select count(*) as n from audit.leaf"))[0]!.n);
  const c = site.hospital(20);
  await Promise.all(Array.from({ length: 100 }, (_, i) => c.send(adt({ event: "A28", controlId: `NDN${i}`, at: noon + i, person: { mrn: `NDN${i}`, addressLine1: "1 A" } }))));
  await say({ event: "A31", controlId: "ND1", at: noon + 1, person: { mrn: "ND0", addressLine1: "2 B" } });
  const n0 = await count();
  const t0 = Date.now();
  for (let i = 0; i < 6; i++) {
    await new Promise((r) => setTimeout(r, 5000));
    const parked = await site.db.query<any>("select subscription, state, min(attempt) as lo, max(attempt) as hi, count(*) as n from backbone.parked group by 1,2");
    console.log(Date.now() - t0, "leaves", (await count()) - n0, JSON.stringify(parked));
  }
  await back();
  const t1 = Date.now();
  await until(async () => (await site.db.query("select 1 from backbone.parked where state = 'waiting'")).length === 0, 60000);
  console.log("recovered after", Date.now() - t1, (await site.deadLetters()).map((l) => [l.subscription, l.reason]).length);
}, 120000);
