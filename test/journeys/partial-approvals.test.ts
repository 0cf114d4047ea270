// An approver takes some fields of a proposal and refuses the others: only what was taken is written, and nobody is asked again.

import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { testNhsNumber } from "./adt.ts";
import { person, type Site, startSite } from "./platform-rig.ts";
import { nationally, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());
afterEach(() => site.nav.faults());

const anna = person("Anna");

/** A registered person whose new family and given name the national service agrees with; both wait for an approver. */
async function renaming(mrn: string, serial: number): Promise<string> {
  const nhsNumber = testNhsNumber(serial);
  await site.pds.know(nationally(nhsNumber));
  await t.register({ mrn, nhsNumber });
  await site.pds.know(nationally(nhsNumber, { familyName: "Brookside", givenName: "Rowan" }));
  return t.update({ mrn, nhsNumber, familyName: "Brookside", givenName: "Rowan" }, 1);
}

/** Rules by which an address waits for an approver. */
async function addressesAreAskedAbout(): Promise<void> {
  const shipped = await readFile(new URL("../../resources/rules/demographics.yaml", import.meta.url), "utf8");
  const text = shipped
    .replace('version: "1"', "version: addresses")
    .replaceAll(/(addressLine1|town|postcode): { risk: low/g, "$1: { risk: medium");
  await site.call("PUT", "/rules/demographics", { text }, person("Rita", "steward"), { "if-match": "*" });
}

const take = (item: { readonly id: string; readonly digest: string }, refused: readonly string[]) =>
  site.call("POST", `/work/${item.id}/decide`, { action: "approve", digest: item.digest, refused }, anna);

describe("an approval of some fields", () => {
  it("writes those that were taken and leaves the refused one as it was", async () => {
    const key = await renaming("PA1", 4_600);
    const item = await t.question(key);
    expect(item.actions).toMatchObject([{ name: "approve", parts: ["familyName", "givenName"] }, { name: "refuse" }]);
    const [before] = await site.nav.patientsBy("PA1");
    await take(item, ["givenName"]);
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("PA1")).toMatchObject([{ lastName: "Brookside", firstName: before!.firstName! }]);
    expect((await t.known("PA1")).refused).toEqual({ givenName: "Rowan" });
  });

  it("says with each field whose word the value is and since when", async () => {
    const item = await t.question(await renaming("PA2", 4_610));
    for (const row of item.content.rows)
      expect(row).toMatchObject({ source: expect.any(String), saidAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
    expect(item.content).toMatchObject({ erpChangedAt: expect.stringMatching(/Z$/) });
  });

  it("keeps a refusal although the rest is asked again because NAV changed meanwhile", async () => {
    const key = await renaming("PA3", 4_620);
    const item = await t.question(key);
    await site.nav.edit({ number: (await site.nav.patientsBy("PA3"))[0]!.number!, phoneNumber: "01632 960799" });
    await take(item, ["givenName"]);
    await until(async () => (await site.asked(key)).some(({ id }) => id !== item.id));
    const again = await t.question(key);
    expect(again.content).toMatchObject({ wentStale: true });
    expect(again.content.rows.map(({ field }) => field)).toEqual(["familyName"]);
    await site.decide(again, "approve", anna);
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("PA3")).toMatchObject([{ lastName: "Brookside" }]);
    expect((await t.known("PA3")).refused).toEqual({ givenName: "Rowan" });
  });

  it("keeps a refusal although the rest is asked again because another user of NAV was quicker at the write", async () => {
    const key = await renaming("PA4", 4_630);
    const item = await t.question(key);
    await site.nav.faults({ kind: "staleEtag", times: 1, match: { method: "PATCH" } });
    await take(item, ["givenName"]);
    await until(async () => (await site.asked(key)).some(({ id }) => id !== item.id));
    const again = await t.question(key);
    expect(again.content.rows.map(({ field }) => field)).toEqual(["familyName"]);
    await site.decide(again, "approve", anna);
    expect(await t.ended(key)).toBe("applied");
    expect(await t.written("PA4", "firstName")).toHaveLength(1);
  });

  it("takes or refuses an address as one thing", async () => {
    const nhsNumber = testNhsNumber(4_680);
    await addressesAreAskedAbout();
    const before = { addressLine1: "1 Lock Row", town: "Sampleton", postcode: "LS1 4AP" };
    const after = { addressLine1: "9 Weir Lane", town: "Weirford", postcode: "LS2 9JT" };
    await site.pds.know(nationally(nhsNumber));
    await t.register({ mrn: "PA5", nhsNumber, ...before });
    await site.pds.know(nationally(nhsNumber, { familyName: "Brookside" }));
    const key = await t.update({ mrn: "PA5", nhsNumber, familyName: "Brookside", ...after }, 1);
    const item = await t.question(key);
    const tied = item.actions?.find(({ name }) => name === "approve")?.tied?.[0]?.parts ?? [];
    expect(tied).toEqual(expect.arrayContaining(["addressLine1", "postcode"]));
    await expect(take(item, ["postcode"])).rejects.toThrow("WORK_PARTS_TIED");
    await take(item, tied);
    expect(await t.ended(key)).toBe("applied");
    expect(await site.nav.patientsBy("PA5")).toMatchObject([{ lastName: "Brookside", addressLine1: "1 Lock Row" }]);
  });

  it.each([
    ["every field", ["familyName", "givenName"]],
    ["a field that is not asked about", ["postcode"]],
  ])("is refused where it would refuse %s", async (_, refused) => {
    const item = await t.question(await renaming(`PB${refused.length}`, 4_640 + refused.length * 10));
    await expect(take(item, refused)).rejects.toThrow("REQUEST_INVALID");
    expect((await site.show(item.id, anna)).state).toBe("open");
  });
});
