// Rules that change under way, questions that nobody answers in time, and changes that are taken back.

import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ItemSummary } from "#engine/work";
import type { DryRun } from "../../src/gateway/routes/rules.ts";
import { testNhsNumber } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { milestonesOf, nationally, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
let shipped: string;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
  shipped = await readFile(new URL("../../resources/rules/demographics.yaml", import.meta.url), "utf8");
});
afterAll(() => site.close());

type InForce = { readonly version: string; readonly digest: string; readonly changed: boolean };

const apply = (text: string) =>
  site.call<InForce>("PUT", "/rules/demographics", { text }, { name: "Rita", roles: ["steward"] }, { "if-match": "*" });
afterEach(() => apply(shipped));

/** The shipped pack with one line otherwise, under a version of its own. */
function packWith(version: string, from: string | RegExp, to: string): string {
  const changed = shipped.replace(from, to);
  expect(changed).not.toBe(shipped);
  return changed.replace('version: "1"', `version: "${version}"`);
}

const strictAddresses = (version: string) =>
  packWith(version, /(low:\n\s+agrees: apply[^\n]*\n[^\n]+\n[^\n]+\n\s+unknown: )apply/, "$1approve");

describe("another rule pack", () => {
  it("changes the next decision without a restart, and each decision names its version and digest", async () => {
    await t.register({ mrn: "PK1", addressLine1: "1 Row" });
    const before = await t.update({ mrn: "PK1", addressLine1: "2 Row" }, 1);
    expect(await t.ended(before)).toBe("applied");
    const applied = await apply(strictAddresses("2-strict"));
    expect(applied).toMatchObject({ version: "2-strict", changed: true });
    const after = await t.update({ mrn: "PK1", addressLine1: "3 Row" }, 2);
    const item = await t.question(after);
    expect(item.content.pack).toMatchObject({ name: "demographics", version: "2-strict" });
    expect(await site.nav.patientsBy("PK1")).toMatchObject([{ addressLine1: "2 Row" }]);
    const decided = async (key: string) => (await t.leaves(key)).find(({ name }) => name === "decided")?.detail;
    expect(await decided(before)).toMatchObject({ pack: "demographics", version: "1" });
    expect(await decided(after)).toMatchObject({ version: "2-strict", digest: applied.digest });
    expect(await t.approve(after)).toBe("applied");
    expect(await site.nav.patientsBy("PK1")).toMatchObject([{ addressLine1: "3 Row" }]);
  });

  it("is refused where it would write an identity without a person, and what was in force stays", async () => {
    const lax = packWith("3-lax", /(high:\n\s+agrees: )approve/, "$1apply");
    await expect(apply(lax)).rejects.toThrow("RULES_INVALID");
    const inForce = await site.call<InForce>("GET", "/rules/demographics");
    expect(inForce.version).toBe("1");
  });

  it("tells in a dry run which recorded decisions would differ, and changes nothing", async () => {
    await t.register({ mrn: "DR1", addressLine1: "1 Row" });
    const key = await t.update({ mrn: "DR1", addressLine1: "2 Row" }, 1);
    expect(await t.ended(key)).toBe("applied");
    const { id } = await site.journey(key);
    const same = await site.call<DryRun>("POST", "/rules/demographics/dry-run", { text: shipped, days: 7 });
    expect(same.decided).toBeGreaterThan(1);
    const navBefore = await site.nav.ledger();
    const text = strictAddresses("4-strict");
    const dry = await site.call<DryRun>("POST", "/rules/demographics/dry-run", { text, days: 7 });
    expect(dry.decided).toBe(same.decided);
    expect(dry.differences.filter(({ journeyId }) => journeyId === id)).toContainEqual(
      expect.objectContaining({ field: "addressLine1", was: "apply", would: "approve" }),
    );
    expect(same.differences.filter(({ journeyId }) => journeyId === id)).toEqual([]);
    expect(JSON.stringify(dry)).not.toContain("2 Row");
    expect((await site.call<InForce>("GET", "/rules/demographics")).version).toBe("1");
    expect(await site.nav.ledger()).toEqual(navBefore);
    expect((await site.journey(key)).state).toBe("complete");
  });
});

describe("a question that nobody answers in time", () => {
  it("is closed as expired, and NAV stays as it is", async () => {
    const nhsNumber = testNhsNumber(5_000);
    await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
    await t.register({ mrn: "EX1", nhsNumber });
    await apply(
      packWith("5-short", /dueHours: [0-9]+,(\s*)expiresHours: [0-9]+/g, "dueHours: 0.0001,$1expiresHours: 0.0001"),
    );
    const key = await t.update({ mrn: "EX1", nhsNumber, familyName: "Brookside" }, 1);
    expect(await t.finished(key)).toBe("expired");
    const { id: journeyId } = await site.journey(key);
    const { items } = await site.call<{ items: ItemSummary[] }>("POST", "/work/list", { journeyId });
    expect(items).toMatchObject([{ state: "expired" }]);
    await expect(site.decide(items[0]!, "approve", person("Anna"))).rejects.toThrow("WORK_STATE");
    expect(milestonesOf(await site.journey(key))).toContain("work.expired expired");
    expect(await site.nav.patientsBy("EX1")).toMatchObject([{ lastName: "Ashdown" }]);
    await apply(shipped);
    const again = await t.update({ mrn: "EX1", nhsNumber, familyName: "Brookside" }, 2);
    expect((await t.question(again)).content.rows).toMatchObject([{ field: "familyName" }]);
  });
});

describe("an instance that an operator cancels", () => {
  it("gives NAV and the person back what they held before its write, under a key of its own", async () => {
    const nhsNumber = testNhsNumber(5_010);
    await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
    await t.register({ mrn: "CA1", nhsNumber, addressLine1: "1 Row" });
    const key = await t.update({ mrn: "CA1", nhsNumber, familyName: "Brookside", addressLine1: "2 Row" }, 1);
    const item = await t.question(key);
    expect(await site.nav.patientsBy("CA1")).toMatchObject([{ addressLine1: "2 Row", lastName: "Ashdown" }]);
    const [instance] = await t.instances(key);
    await site.call("POST", `/sagas/instances/${instance!.id}/cancel`, {});
    expect(await t.ended(key)).toBe("cancelled");
    expect(milestonesOf(await site.journey(key))).toContain("undone ok");
    await site.quiet();
    expect(await site.nav.patientsBy("CA1")).toMatchObject([{ addressLine1: "1 Row", lastName: "Ashdown" }]);
    expect((await t.known("CA1")).fields).toMatchObject({ addressLine1: { value: "1 Row" } });
    const changes = await site.nav.changesOf("CA1");
    expect(changes.map(({ changes: { addressLine1 } }) => addressLine1?.to)).toEqual(["1 Row", "2 Row", "1 Row"]);
    expect(new Set(changes.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
    await expect(site.decide(item, "approve", person("Anna"))).rejects.toThrow("WORK_STATE");
    expect(await t.instances(key)).toMatchObject([{ status: "cancelled" }]);
  });

  it("leaves alone what somebody else has changed since its write", async () => {
    const nhsNumber = testNhsNumber(5_020);
    await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
    await t.register({ mrn: "CA2", nhsNumber, addressLine1: "1 Row" });
    const key = await t.update({ mrn: "CA2", nhsNumber, familyName: "Brookside", addressLine1: "2 Row" }, 1);
    await t.question(key);
    const [record] = await site.nav.patientsBy("CA2");
    await site.nav.edit({ number: record!.number!, addressLine1: "7 User Row" });
    const [instance] = await t.instances(key);
    await site.call("POST", `/sagas/instances/${instance!.id}/cancel`, {});
    await t.ended(key);
    await site.quiet();
    expect(await site.nav.patientsBy("CA2")).toMatchObject([{ addressLine1: "7 User Row" }]);
  });
});
