// What people come to the console for, one story a role: in a real browser, on the whole platform, with nothing stood in for but
// the systems that it talks to.

import { setTimeout as pause } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Spoken } from "../journeys/adt.ts";
import { testNhsNumber } from "../journeys/adt.ts";
import { nationally } from "../journeys/telling.ts";
import { until } from "../until.ts";
import { hasChromium, needsChromium, openChromium, openSeat, type Seat, signIn } from "./chromium.ts";
import { type ConsoleSite, startConsoleSite } from "./console-site.ts";
import { approve, fieldRow, find, goTo, openItemOf } from "./pages.ts";

const START_MS = 180_000;
const A_DAY_AGO = Date.now() - 86_400_000;

describe.skipIf(!hasChromium)(`people at the console${needsChromium}`, () => {
  let site: ConsoleSite;
  let browser: Browser;
  const seats: Seat[] = [];
  beforeAll(async () => {
    browser = await openChromium();
    site = await startConsoleSite();
  }, START_MS);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  }, START_MS);
  afterEach(async () => {
    await site.nav.faults();
    for (const seat of seats.splice(0)) await seat.leave();
  });

  async function sit(name: string): Promise<Seat> {
    const seat = await openSeat(browser);
    seats.push(seat);
    await signIn(seat, site.http, name);
    return seat;
  }
  const say = (event: "A28" | "A31", person: Spoken, nth: number) =>
    site.say({ event, controlId: `${person.mrn}-${nth}`, at: A_DAY_AGO + nth * 1_000, person });
  const record = async (mrn: string) => (await site.nav.patientsBy(mrn))[0];

  /** Somebody whom NAV and the national service know. */
  async function register(mrn: string, serial: number): Promise<Spoken & { readonly nhsNumber: string }> {
    const person = { mrn, nhsNumber: testNhsNumber(serial), addressLine1: "1 Lock Row", gender: "F" };
    await site.pds.know(nationally(person.nhsNumber, { gender: "female" }));
    expect(await say("A28", person, 0)).toBe("AA");
    await until(async () => (await record(mrn)) !== undefined, 30_000);
    return person;
  }

  /** Three fields that wait for an approver. */
  async function renaming(mrn: string, serial: number): Promise<string> {
    const person = await register(mrn, serial);
    const changed = { familyName: "Brookside", givenName: "Rowan" };
    await site.pds.know(nationally(person.nhsNumber, { ...changed, gender: "male" }));
    expect(await say("A31", { ...person, ...changed, gender: "M" }, 1)).toBe("AA");
    return `${mrn}-1`;
  }

  it("lets an operator find a stuck update by NHS number, see that the ERP holds the record locked, replay it and watch it complete", async () => {
    const person = await register("OP1", 9_010);
    await site.nav.faults({ kind: "lock", times: 100_000 });
    await say("A31", { ...person, addressLine1: "2 Lock Row" }, 1);
    // Forty attempts take more than half an hour: the next ones are the last, unless one was under way just then.
    await until(async () => {
      await site.asIntruder("update backbone.parked set attempt = 39, next_at = now() where state = 'waiting'");
      await pause(500);
      return (await site.asIntruder("select 1 from backbone.parked where state = 'dead'")).length === 1;
    }, 30_000);

    const { page } = await sit("Olive Operator");
    await find(page, person.nhsNumber);
    await page.getByRole("table").getByRole("link").first().click();
    await page.getByText("ERP_LOCKED").first().waitFor();
    for (const shown of [page.url(), await page.title()]) expect(shown).not.toContain(person.nhsNumber);
    await site.nav.faults();
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
    await site.nav.edit({ number: (await record("AS1"))!.number!, phoneNumber: "01632 960799" });
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
