// One change from the wire to NAV: what the national service says of it decides whether it is written, asked or refused.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testNhsNumber } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { milestonesOf, nationally, pathOf, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());

const steward = person("Stella", "steward");

describe("a new person", () => {
  it("is registered as traced in vain when the national service does not know the number", async () => {
    const nhsNumber = testNhsNumber(2_000);
    await t.register({ mrn: "NP1", nhsNumber, addressLine1: "1 New Row" });
    expect(pathOf(await site.journey("NP1-0"))).toEqual([
      "received ok",
      "transformed ok",
      "matched new",
      "verified none",
      "decided apply",
      "proposed create",
      "written ok",
      "read-back ok",
      "completed applied",
    ]);
    expect(await site.nav.patientsBy("NP1")).toMatchObject([{ nationalId: nhsNumber, nhsNumberStatus: "04" }]);
    expect((await t.known("NP1")).fields.familyName?.verified).toBeUndefined();
  });

  it("is registered as verified when the national service knows the number and the person", async () => {
    const nhsNumber = testNhsNumber(2_010);
    await site.pds.know(nationally(nhsNumber));
    await t.register({ mrn: "NP2", nhsNumber });
    expect(pathOf(await site.journey("NP2-0"))).toContain("verified found");
    expect(await site.nav.patientsBy("NP2")).toMatchObject([{ nationalId: nhsNumber, nhsNumberStatus: "01" }]);
    expect((await t.known("NP2")).fields).toMatchObject({
      familyName: { verified: true },
      nhsNumber: { verified: true },
    });
  });

  it("is held by a steward, and not made in NAV, when the number is somebody else's nationally", async () => {
    const nhsNumber = testNhsNumber(2_020);
    await site.pds.know(nationally(nhsNumber, { familyName: "Other", givenName: "Person", birthDate: "1999-09-09" }));
    const key = await t.update({ mrn: "NP3", nhsNumber }, 0, "A28");
    const item = await t.question(key);
    expect(item).toMatchObject({ queue: "demographics-steward", reason: "DQ-NHS-012" });
    expect(await site.nav.patientsBy("NP3")).toEqual([]);
    await site.decide(item, "refuse", steward);
    expect(await t.ended(key)).toBe("refused");
    expect(await site.nav.patientsBy("NP3")).toEqual([]);
  });
});

describe("a changed address", () => {
  it("is written at once, and not as verified, while the national service does not know the person", async () => {
    await t.register({ mrn: "AC1", addressLine1: "1 Old Row" });
    const key = await t.update({ mrn: "AC1", addressLine1: "2 New Row" }, 1);
    expect(await t.ended(key)).toBe("applied");
    expect(pathOf(await site.journey(key))).not.toContain("asked waiting");
    expect(await site.nav.patientsBy("AC1")).toMatchObject([{ addressLine1: "2 New Row" }]);
    expect((await t.known("AC1")).fields.addressLine1?.verified).toBeUndefined();
  });

  it("is written at once, and as verified, when the national record agrees", async () => {
    const nhsNumber = testNhsNumber(2_030);
    await site.pds.know(
      nationally(nhsNumber, { addressLines: ["2 New Row", "Sampleton", "Testshire"], postcode: "LS1 4AP" }),
    );
    await t.register({ mrn: "AC2", nhsNumber, addressLine1: "1 Old Row" });
    expect((await t.known("AC2")).fields.addressLine1?.verified).toBeUndefined();
    expect(await t.ended(await t.update({ mrn: "AC2", nhsNumber, addressLine1: "2 New Row" }, 1))).toBe("applied");
    expect(await site.nav.patientsBy("AC2")).toMatchObject([{ addressLine1: "2 New Row", nhsNumberStatus: "01" }]);
    expect((await t.known("AC2")).fields.addressLine1?.verified).toBe(true);
  });
});

describe("a changed name", () => {
  async function married(mrn: string, serial: number): Promise<string> {
    const nhsNumber = testNhsNumber(serial);
    await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
    await t.register({ mrn, nhsNumber });
    return t.update({ mrn, nhsNumber, familyName: "Brookside" }, 1);
  }

  it("is written once one approver approves it, and never by the source that proposed it", async () => {
    const key = await married("NC1", 2_040);
    const item = await t.question(key);
    expect(item).toMatchObject({ queue: "demographics", reason: "RC-401", excluded: ["test:PAS|RXX"] });
    expect(item.content.rows).toMatchObject([{ field: "familyName", current: "Ashdown", proposed: "Brookside" }]);
    expect(await site.nav.patientsBy("NC1")).toMatchObject([{ lastName: "Ashdown" }]);
    await expect(site.decide(item, "approve", person("PAS|RXX"))).rejects.toThrow("ACCESS_REFUSED");
    await expect(site.decide(item, "approve", person("Clerk", "clerk"))).rejects.toThrow("ACCESS_REFUSED");
    await site.decide(item, "approve", person("Anna"));
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("NC1")).toMatchObject([{ lastName: "Brookside" }]);
    expect(await t.written("NC1", "lastName")).toEqual(["Ashdown", "Brookside"]);
  });

  it("tells in the audit who decided what, under which version of the rules, and the audit proves itself", async () => {
    const key = await married("NC2", 2_050);
    const item = await t.question(key);
    await expect(site.decide(item, "approve", person("PAS|RXX"))).rejects.toThrow("ACCESS_REFUSED");
    await site.decide(item, "approve", person("Anna"), "seen the certificate");
    expect(await t.ended(key)).toBe("applied");
    const leaves = await t.leaves(key);
    const told = (name: string) => leaves.filter((leaf) => leaf.name === name);
    expect(told("work.shown")).toMatchObject([{ actor: "test:Reader" }]);
    expect(told("work.chosen")).toMatchObject([
      { actor: "test:Anna", outcome: "ok", detail: { action: "approve", digest: item.digest } },
    ]);
    expect(told("access.refused")).toMatchObject([
      { actor: "test:PAS|RXX", outcome: "refused", code: "ACCESS_REFUSED", detail: { policies: "own-proposal" } },
    ]);
    expect(told("work.decided")).toMatchObject([{ actor: "test:Anna", detail: { action: "approve" } }]);
    const { pack } = item.content;
    expect(told("decided")).toMatchObject([
      {
        outcome: "ask",
        detail: { pack: pack.name, version: pack.version, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
      { outcome: "apply", detail: { pack: pack.name, version: pack.version } },
    ]);
    expect(JSON.stringify(leaves)).not.toMatch(/Brookside|Ashdown|certificate/);
    expect(await site.verifyAudit()).toMatchObject({ intact: true, faults: [] });
  });

  it("leaves NAV as it is when it is refused, and asks nobody when the same is said again", async () => {
    const key = await married("NC3", 2_060);
    await site.decide(await t.question(key), "refuse", person("Anna"));
    expect(await t.ended(key)).toBe("refused");
    const again = await t.update({ mrn: "NC3", nhsNumber: testNhsNumber(2_060), familyName: "Brookside" }, 2);
    expect(await t.ended(again)).toBe("unchanged");
    expect(await site.asked(again)).toEqual([]);
    expect(await site.nav.patientsBy("NC3")).toMatchObject([{ lastName: "Ashdown" }]);
    expect(await t.written("NC3", "lastName")).toEqual(["Ashdown"]);
  });
});

describe("a changed date of birth, sex or death", () => {
  it("leaves a date of birth against which the national service speaks to a steward, and NAV as it is when refused", async () => {
    const nhsNumber = testNhsNumber(2_065);
    const birthDate = "19610307";
    await site.pds.know(nationally(nhsNumber, { birthDate: "1961-03-07" }));
    await t.register({ mrn: "BD1", nhsNumber, birthDate });
    const key = await t.update({ mrn: "BD1", nhsNumber, birthDate: "19610308" }, 1);
    const item = await t.question(key);
    expect(item).toMatchObject({ queue: "demographics-steward", criticality: "high" });
    await expect(site.decide(item, "refuse", person("Anna"))).rejects.toThrow("WORK_FORBIDDEN");
    await site.decide(item, "refuse", steward);
    expect(await t.ended(key)).toBe("refused");
    expect(await site.nav.patientsBy("BD1")).toMatchObject([{ birthDate: "1961-03-07" }]);
  });

  it("writes a date of birth that the national service agrees with once one approver approves it", async () => {
    const nhsNumber = testNhsNumber(2_070);
    await t.register({ mrn: "BD2", nhsNumber, birthDate: "19720411" });
    await site.pds.know(nationally(nhsNumber, { birthDate: "1972-04-12" }));
    const key = await t.update({ mrn: "BD2", nhsNumber, birthDate: "19720412" }, 1);
    expect(await t.question(key)).toMatchObject({ queue: "demographics", criticality: "high" });
    expect(await t.approve(key)).toBe("applied");
    expect(await site.nav.patientsBy("BD2")).toMatchObject([{ birthDate: "1972-04-12", nhsNumberStatus: "01" }]);
  });

  it("writes a changed sex only after a person", async () => {
    await t.register({ mrn: "SX1", gender: "F" });
    const key = await t.update({ mrn: "SX1", gender: "M" }, 1);
    const item = await t.question(key);
    expect(item.content.rows).toMatchObject([{ field: "gender", current: "female", proposed: "male" }]);
    expect(await site.nav.patientsBy("SX1")).toMatchObject([{ gender: "Female" }]);
    await site.decide(item, "approve", steward);
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("SX1")).toMatchObject([{ gender: "Male" }]);
  });

  it("writes a death only after two different people", async () => {
    await t.register({ mrn: "DE1" });
    const key = await t.update({ mrn: "DE1", deathDate: "20260102" }, 1);
    const item = await t.question(key);
    expect(item).toMatchObject({ queue: "demographics", criticality: "critical" });
    expect(item.content.rows.map(({ field }) => field)).toEqual(["deceased", "deathDate"]);
    await site.decide(item, "approve", person("Anna"));
    await expect(site.decide(item, "approve", person("Anna"))).rejects.toThrow("ACCESS_REFUSED");
    await expect(site.decide(item, "approve", person("PAS|RXX"))).rejects.toThrow("ACCESS_REFUSED");
    expect((await site.journey(key)).state).toBe("waiting");
    expect(await site.nav.patientsBy("DE1")).toMatchObject([{ deceased: false }]);
    await site.decide(item, "approve", person("Ben"));
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("DE1")).toMatchObject([{ deceased: true, deceasedDate: "2026-01-02" }]);
    expect(milestonesOf(await site.journey(key))).toContain("work.decided ok");
  });

  it("leaves a person alive in NAV when one of two refuses the death", async () => {
    await t.register({ mrn: "DE2" });
    const key = await t.update({ mrn: "DE2", deathDate: "20260102" }, 1);
    const item = await t.question(key);
    await site.decide(item, "approve", person("Anna"));
    await site.decide(item, "refuse", person("Ben"));
    expect(await t.ended(key)).toBe("refused");
    expect(await site.nav.patientsBy("DE2")).toMatchObject([{ deceased: false }]);
  });
});
