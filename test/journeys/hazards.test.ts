// Hazards of demographics from wire to wire: nobody is linked by guess, nothing newer is lost, and the grave things take people.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { seedNumbers } from "../../doubles/pds/index.ts";
import { writeRunning } from "../../src/app/installation.ts";
import { run } from "../chaos/processes.ts";
import { peek } from "../vault.ts";
import { adt, type Spoken, testNhsNumber } from "./adt.ts";
import { faceAt, faceOf, postcodeAt, spokenAs } from "./faces.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, noon, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let telling: Telling;
beforeAll(async () => {
  site = await startSite();
  telling = tellingOf(site);
});
afterAll(() => site.close());
afterEach(() => site.pds.faults());

const [anna, ben] = [person("anna"), person("ben")];

describe("a corpus of twins, siblings and namesakes", () => {
  /** Family names of letters only, each another: no accident makes two families one. */
  const letters = (index: number) =>
    String.fromCharCode(97 + (index % 26), 97 + (Math.floor(index / 26) % 26), 111, 118);
  const lived = { postcode: "LS1 4AP", birthDate: "2015-06-01" };
  type Case = {
    readonly lives: readonly string[];
    readonly says: Spoken["givenName"];
    readonly bornLaterDays?: number;
  };
  /** Who lives there nationally by given name, and what the hospital says of somebody in that family. */
  const cases: readonly Case[] = [
    { lives: ["Ada", "Ben"], says: "" },
    { lives: ["Ada", "Ben"], says: "A" },
    { lives: ["Ada", "Ben"], says: "Cleo" },
    { lives: ["Ann", "Anna"], says: "Ann" },
    { lives: ["Ada", "Ada"], says: "Ada" },
    { lives: ["Annabel"], says: "Anna" },
    { lives: ["Ada"], says: "Ada", bornLaterDays: 1 },
    { lives: ["Adanna"], says: "Adana" },
  ];

  it("is linked to nobody: no record takes a number, a value or a verified status from a national record", async () => {
    const families = Array.from({ length: 12 * cases.length }, (_, index) => ({
      ...cases[index % cases.length]!,
      mrn: `TW${index}`,
      familyName: `T${letters(index)}`,
      // Neighbours who are born on one day would be taken for the twins here, and namesakes of one town for each other.
      postcode: postcodeAt(index),
      birthDate: faceAt(index).birthDate,
      first: 200_000 + index * 4,
    }));
    await site.pds.know(
      ...families.flatMap(({ lives, familyName, first, postcode, birthDate }) =>
        lives.map((givenName, at) =>
          nationally(testNhsNumber(first + at * 2), { postcode, birthDate, givenName, familyName, birthOrder: at + 1 }),
        ),
      ),
    );
    const hospital = site.hospital(10);
    await Promise.all(
      families.map(({ mrn, familyName, says = "", bornLaterDays = 0, postcode, birthDate }, index) => {
        const born = new Date(Date.parse(birthDate) + bornLaterDays * 86_400_000).toISOString().slice(0, 10);
        const addressLine1 = `${index + 1} ${faceAt(index).givenName} Row`;
        const spoken = {
          mrn,
          familyName,
          givenName: says,
          birthDate: born.replaceAll("-", ""),
          addressLine1,
          town: `${faceAt(index).givenName} Green`,
          postcode,
        };
        return hospital.send(adt({ event: "A28", controlId: mrn, at: noon, person: spoken }));
      }),
    );
    await site.quiet();
    const held = new Map((await site.nav.patients()).map((record) => [record.mrn, record]));
    const linked = families.filter(({ mrn }) => {
      const record = held.get(mrn);
      return record === undefined || record.nationalId !== "" || record.nhsNumberStatus === "01";
    });
    expect(linked).toEqual([]);
    const numbered = await site.db.query<{ key: Buffer }>(
      "select i.sealed as key from demographics.identifier i join demographics.nhs_number using (person_id)",
    );
    expect(numbered.map(({ key }) => peek(key)).filter((key) => key.startsWith("RXX:TW"))).toEqual([]);
    expect(new Set(families.map(({ mrn }) => held.get(mrn)?.number)).size).toBe(families.length);
  }, 60_000);

  it("is asked about where one fits exactly: the number that was found is a proposal, never a link", async () => {
    const number = testNhsNumber(230_000);
    await site.pds.know(nationally(number, { ...lived, familyName: "Onlyone", givenName: "Ada" }));
    const spoken = { familyName: "Onlyone", givenName: "Ada", birthDate: "20150601", addressLine1: "1 Only Row" };
    const key = await telling.update({ mrn: "EX1", ...spoken }, 0, "A28");
    const { content } = await telling.question(key);
    expect(content.rows).toMatchObject([{ field: "nhsNumber", current: null, proposed: number }]);
    expect((await site.nav.patientsBy("EX1"))[0]?.nationalId ?? "").toBe("");
  });

  it("waits for a steward where a new twin comes under the other's number, as the national service knows them", async () => {
    const [first, second] = [testNhsNumber(231_000), testNhsNumber(231_002)];
    const family = { ...lived, postcode: "M1 1AE", familyName: "Typednumber" };
    await site.pds.know(
      nationally(first, { ...family, givenName: "Ada", birthOrder: 1 }),
      nationally(second, { ...family, givenName: "Ben", birthOrder: 2 }),
    );
    const twin = {
      familyName: "Typednumber",
      birthDate: "20150601",
      nhsNumber: first,
      addressLine1: "1 Typed Row",
      postcode: "M1 1AE",
    };
    const key = await telling.update({ mrn: "TT1", ...twin, givenName: "Ben" }, 0, "A28");
    expect(await telling.question(key)).toMatchObject({ queue: "demographics-steward", reason: "DQ-NHS-012" });
    expect(await site.nav.patientsBy("TT1")).toEqual([]);
  });

  it("waits for a steward where a new twin comes under the number that the other goes by here", async () => {
    const number = testNhsNumber(232_000);
    const twin = { familyName: "Localtwin", birthDate: "20120917", nhsNumber: number, postcode: "B33 8TH" };
    await telling.register({ mrn: "LT1", ...twin, givenName: "Ada", addressLine1: "1 First Row" });
    const key = await telling.update({ mrn: "LT2", ...twin, givenName: "Ben", addressLine1: "2 Second Row" }, 1, "A28");
    expect((await site.settled(key)).state).toBe("waiting");
    expect(await site.asked(key)).toMatchObject([{ queue: "match-steward", reason: "MT-203" }]);
    expect(await site.nav.patientsBy("LT1")).toMatchObject([{ firstName: "Ada", addressLine1: "1 First Row" }]);
    expect(await site.nav.patientsBy("LT2")).toEqual([]);
  });
});

it("leads from the old number and from the new one to one person after the national service replaced it", async () => {
  const [old, now] = [testNhsNumber(240_000), testNhsNumber(240_002)];
  await site.pds.know(nationally(old), nationally(now, faceOf(old)));
  await telling.register({ mrn: "SU1", nhsNumber: old, addressLine1: "1 Old Row" });
  await site.pds.supersede(old, now);
  const key = await telling.update({ mrn: "SU1", nhsNumber: old, addressLine1: "2 New Row" }, 1);
  const { content } = await telling.question(key);
  expect(content.rows).toMatchObject([{ field: "nhsNumber", current: old, proposed: now }]);
  expect(await telling.approve(key)).toBe("applied");
  for (const [index, nhsNumber] of [old, now].entries())
    expect(
      await telling.ended(
        await telling.update(
          { ...spokenAs(old), mrn: `SU${index + 2}`, nhsNumber, addressLine1: `${index + 3} Row` },
          index + 2,
        ),
      ),
    ).toBe("applied");
  expect(await site.nav.patientsBy("SU1")).toMatchObject([{ nationalId: now, addressLine1: "4 Row" }]);
  expect([...(await site.nav.patientsBy("SU2")), ...(await site.nav.patientsBy("SU3"))]).toEqual([]);
});

it("ends with the newest of each field after two hundred and forty shuffled messages about three patients", async () => {
  const hospital = site.hospital(20);
  const count = 240;
  // 101 and 240 have no common factor: every message comes once, never in order.
  const shuffled = Array.from({ length: count }, (_, index) => (index * 101) % count);
  const spokenOf = (n: number): Spoken => ({
    mrn: `SH${n % 3}`,
    ...(n % 4 === 3 ? {} : { addressLine1: `${n} Shuffle Row` }),
    ...(n % 5 === 4 ? {} : { phone: `01632${String(960_000 + n)}` }),
  });
  await Promise.all(
    shuffled.map((n) =>
      hospital.send(adt({ event: "A31", controlId: `SH-${n}`, at: noon + n * 1_000, person: spokenOf(n) })),
    ),
  );
  await site.quiet(60_000);
  for (let patient = 0; patient < 3; patient += 1) {
    const own = shuffled.filter((n) => n % 3 === patient).toSorted((a, b) => b - a);
    const address = own.find((n) => n % 4 !== 3);
    const phone = own.find((n) => n % 5 !== 4)!;
    const [record, ...others] = await site.nav.patientsBy(`SH${patient}`);
    expect(others).toEqual([]);
    expect(record?.addressLine1).toBe(`${address} Shuffle Row`);
    expect(record?.phoneNumber?.replaceAll(" ", "")).toBe(`+441632${960_000 + phone}`);
  }
}, 90_000);

describe("a death", () => {
  const dead = async (mrn: string) => (await site.nav.patientsBy(mrn))[0]?.deceased;

  it.each([
    ["formal", seedNumbers.deceasedFormal, "Quillinan", "Hubert", "19310111"],
    ["informal", seedNumbers.deceasedInformal, "Vance", "Dorothea", "19401030"],
  ])(
    "that is known nationally as %s is written once two different people agree, and kept apart from the other",
    async (...[status, nhsNumber, familyName, givenName, birthDate]) => {
      const mrn = `DE-${status}`.toUpperCase();
      const spoken = { mrn, nhsNumber, familyName, givenName, birthDate, addressLine1: "1 Last Row" };
      const key = await telling.update({ ...spoken, deathDate: "20260214" }, 0, "A28");
      await site.settled(key);
      expect(await dead(mrn)).not.toBe(true);
      const [instance] = await telling.instances(key);
      const [{ result }] = (await site.db.query<{ result: Buffer }>({
        text: "select result from saga.journal where instance_id = $1 and step = 'trace'",
        values: [instance!.id],
      })) as [{ result: Buffer }];
      expect(JSON.parse(peek(result))).toMatchObject({ record: { death: status } });
      const [item] = await site.asked(key);
      expect(item?.actions.find(({ name }) => name === "approve")?.quorum).toBeGreaterThanOrEqual(2);
      const role = item!.actions[0]!.roles.at(-1)!;
      await site.decide(item!, "approve", person("anna", role));
      await expect(site.decide(item!, "approve", person("anna", role))).rejects.toThrow("ACCESS_REFUSED");
      expect((await site.settled(key)).state).toBe("waiting");
      expect(await dead(mrn)).not.toBe(true);
      await site.decide(item!, "approve", person("ben", role));
      expect(await telling.ended(key)).toBe("applied");
      expect(await dead(mrn)).toBe(true);
    },
  );

  it("that was wrong is taken back by a later statement and two people", async () => {
    await telling.register({ mrn: "DE3", addressLine1: "1 Long Row" });
    const wrong = await telling.update({ mrn: "DE3", deathDate: "20260101" }, 1);
    expect((await site.settled(wrong)).state).toBe("waiting");
    await site.approved(wrong, anna, ben);
    expect(await site.nav.patientsBy("DE3")).toMatchObject([{ deceased: true, deceasedDate: "2026-01-01" }]);
    const right = await telling.update({ mrn: "DE3", isAlive: true }, 2);
    const item = await telling.question(right);
    await site.decide(item, "approve", anna);
    expect(await dead("DE3")).toBe(true);
    await site.decide(item, "approve", ben);
    expect(await telling.ended(right)).toBe("applied");
    expect((await site.nav.patientsBy("DE3"))[0]).toMatchObject({ deceased: false });
    expect((await site.nav.patientsBy("DE3"))[0]?.deceasedDate).not.toBe("2026-01-01");
  });
});

it("refuses a decision by the sender whose message proposed the change, over HTTP and by the command line", async () => {
  await telling.register({ mrn: "SA1", addressLine1: "1 Own Row" });
  const item = await telling.question(await telling.update({ mrn: "SA1", familyName: "Selfmade" }, 1));
  const proposer = person("PAS|RXX", "approver", "steward");
  await expect(site.decide(item, "approve", proposer)).rejects.toThrow("ACCESS_REFUSED");
  await site.people.signIn(site.dataDir, proposer, "proposer");
  writeRunning(site.dataDir, { pid: process.pid, http: `http://127.0.0.1:${site.mllpPort - 1}`, database: {} });
  const { ended, errors } = run(
    "src/app/main.ts",
    ["work", "decide", item.id, "--action", "approve", "--as", "proposer"],
    { LOCKGATE_DATA: site.dataDir },
  );
  expect(await ended).toBe(1);
  expect(errors.join("\n")).toContain("ACCESS_REFUSED");
  expect(await site.nav.patientsBy("SA1")).toMatchObject([{ lastName: item.content.rows[0]!.current }]);
});

/** Every request that the platform sent while `work` ran, as texts: origin, path, headers and body. */
async function requestsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const requests: string[] = [];
  const keep = (told: unknown) => {
    const { request } = told as { request: { origin: unknown; path: string; headers: unknown; body: unknown } };
    const body = Buffer.isBuffer(request.body) ? request.body.toString() : String(request.body);
    requests.push([request.origin, request.path, JSON.stringify(request.headers), body].join("\n"));
  };
  subscribe("undici:request:create", keep);
  try {
    await work();
  } finally {
    unsubscribe("undici:request:create", keep);
  }
  return requests.filter((text) => /\/BC\/|\/personal-demographics\//.test(text));
}

it("puts nothing clinical into any request to the ERP or to the national service", async () => {
  const number = testNhsNumber(250_000);
  await site.pds.know(nationally(number));
  const segments = [
    "PV1|1|I|WARDMARKER^1^1",
    "OBX|1|ST|1234-5^OBXMARKER^LN||7.1|mmol/L||A|||F",
    "AL1|1|DA|ALLERGYMARKER|SV",
    "DG1|1||C34.9^DIAGNOSISMARKER^ICD10|||W",
    "NK1|1|KINMARKER^Kay",
    "ZCL|CLINICALMARKER",
  ];
  const sent = await requestsDuring(async () => {
    for (const [n, event] of (["A28", "A31"] as const).entries()) {
      const told = { mrn: "CL1", nhsNumber: number, addressLine1: `${n} Kept Row` };
      await telling.say({ event, controlId: `CL1-${n}`, at: noon + n * 1_000, person: told, segments });
      expect(await telling.ended(`CL1-${n}`)).toBe("applied");
    }
  });
  // The recording works: what should be sent is seen in it.
  expect(sent.some((text) => text.includes("1 Kept Row"))).toBe(true);
  expect(sent.some((text) => text.includes("/personal-demographics/"))).toBe(true);
  expect(sent.filter((text) => text.includes("MARKER"))).toEqual([]);
  const held = [...(await site.nav.ledger()), ...(await site.nav.patients()), ...(await site.pds.ledger())];
  expect(held.filter((entry) => JSON.stringify(entry).includes("MARKER"))).toEqual([]);
});

it.each(["throttle", "unavailable", "dropBeforeCommit", "unableToCall"] as const)(
  "asks the national service again under the same request id after trouble (%s), and loses nothing",
  async (kind) => {
    const mrn = `RQ-${kind}`.toUpperCase();
    const nhsNumber = testNhsNumber(260_000 + kind.length * 2);
    await site.pds.know(nationally(nhsNumber));
    await site.pds.faults({ kind, times: 2, match: { nhsNumber } });
    const sent = await requestsDuring(() => telling.register({ mrn, nhsNumber, addressLine1: "1 Patient Row" }));
    const ids = sent.flatMap((text) => text.match(/x-request-id\W+([0-9a-f-]{36})/)?.slice(1) ?? []);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(await site.nav.patientsBy(mrn)).toMatchObject([{ nhsNumberStatus: "01" }]);
  },
);
