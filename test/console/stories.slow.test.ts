// What people come to the console for, one story a role: in a real browser, on the whole platform, with nothing stood in for but
// the systems that it talks to.

import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { nationally } from "../journeys/telling.ts";
import { until } from "../until.ts";
import { hasChromium, needsChromium } from "./chromium.ts";
import { approve, fieldRow, goTo, openItemOf, openJourneyOf } from "./pages.ts";
import { openStory } from "./story.ts";

describe.skipIf(!hasChromium)(`people at the console${needsChromium}`, () => {
  const { at, sit, say, record, register } = openStory();

  /** Three fields that wait for an approver. */
  async function renaming(mrn: string, serial: number): Promise<string> {
    const person = await register(mrn, serial);
    const changed = { familyName: "Brookside", givenName: "Rowan" };
    await at().pds.know(nationally(person.nhsNumber, { ...changed, gender: "male" }));
    expect(await say("A31", { ...person, ...changed, gender: "M" }, 1)).toBe("AA");
    return `${mrn}-1`;
  }

  it("lets an operator find a stuck update by NHS number, see that the ERP holds the record locked, replay it and watch it complete", async () => {
    const person = await register("OP1", 9_010);
    await at().nav.faults({ kind: "lock", times: 100_000 });
    await say("A31", { ...person, addressLine1: "2 Lock Row" }, 1);
    // Forty attempts take more than half an hour: the next ones are the last, unless one was under way just then.
    await until(async () => {
      await at().asIntruder("update backbone.parked set attempt = 39, next_at = now() where state = 'waiting'");
      await pause(500);
      return (await at().asIntruder("select 1 from backbone.parked where state = 'dead'")).length === 1;
    }, 30_000);

    const { page } = await sit("Olive Operator");
    await openJourneyOf(page, person.nhsNumber);
    await page.getByText("ERP_LOCKED").first().waitFor();
    for (const shown of [page.url(), await page.title()]) expect(shown).not.toContain(person.nhsNumber);
    await at().nav.faults();
    await goTo(page, "Dead letters");
    await page.getByText("ERP_LOCKED").first().waitFor();
    const replayed = page.waitForResponse((response) => response.url().endsWith("/replay") && response.ok());
    await page.getByRole("button", { name: "Replay" }).first().click();
    await replayed;
    await page.goBack();
    const head = page.getByRole("heading", { level: 1, name: "Journey" }).locator("..");
    await head.getByText("complete", { exact: true }).waitFor({ timeout: 30_000 });
    expect(await record("OP1")).toMatchObject({ addressLine1: "2 Lock Row" });
  });

  it("lets an approver refuse one field and accept two, and NAV holds exactly these", async () => {
    const key = await renaming("AP1", 9_020);
    const before = await record("AP1");
    const { page } = await sit("Jane Approver");
    await openItemOf(page, key);
    await fieldRow(page, "Given name").getByRole("radio", { name: "Refuse" }).check();
    await page.getByRole("button", { name: /Approve 2 of 3 fields/ }).click();
    await page.getByText("This is decided").waitFor();
    await until(async () => (await record("AP1"))?.lastName === "Brookside", 30_000);
    expect(await record("AP1")).toMatchObject({
      firstName: before!.firstName!,
      gender: expect.stringMatching(/^male$/i),
    });
  });

  it("asks an approver again, in words, where NAV changed after the values were shown", async () => {
    const key = await renaming("AS1", 9_030);
    const { page } = await sit("Jane Approver");
    await openItemOf(page, key);
    await at().nav.edit({ number: (await record("AS1"))!.number!, phoneNumber: "01632 960799" });
    await approve(page);
    await page.getByText("This is decided").waitFor();
    await page.getByRole("link", { name: /^Next in this queue/ }).click();
    await page.getByText("You are asked again", { exact: true }).waitFor();
    expect(await record("AS1")).not.toMatchObject({ lastName: "Brookside" });
    await approve(page);
    await until(async () => (await record("AS1"))?.lastName === "Brookside", 30_000);
    expect(await record("AS1")).toMatchObject({ phoneNumber: "01632 960799" });
  });
});
