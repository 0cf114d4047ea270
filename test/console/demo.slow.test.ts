// The demo as a newcomer, a clerk and an auditor meet it: its hospital talks, and every page has life.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { faultsOf, hasChromium, needsChromium, type Scheme, type Seat, signIn } from "./chromium.ts";
import { approve, fieldRow, find, goTo, openOne, places } from "./pages.ts";
import { type SeatedSite, START_MS, startTalkingDemo } from "./seated-site.ts";

const CHANGE = "Change of a person's demographics";
const TWO_MINUTES_MS = 120_000;

describe.skipIf(!hasChromium)(`the demo's console${needsChromium}`, () => {
  let site: SeatedSite;
  beforeAll(async () => {
    site = await startTalkingDemo();
  }, START_MS);
  afterAll(() => site?.close(), START_MS);
  afterEach(() => site.leaveAll());

  const sit = (name: string, scheme: Scheme = "light"): Promise<Seat> => site.sit(name, { scheme });

  it("takes a newcomer from signing in to an approved change in NAV within two minutes, by clicking alone", async () => {
    const startedAt = performance.now();
    const { page } = await sit("Jane Approver");
    await goTo(page, "Work");
    await openOne(page, CHANGE);
    const row = fieldRow(page, "Family name");
    const surname = await row.getByRole("cell").nth(1).locator("p").first().textContent();
    await approve(page);
    await page.getByText("This is decided").waitFor();
    await until(async () => (await site.nav.patients()).some(({ lastName }) => lastName === surname), 60_000);
    expect(performance.now() - startedAt).toBeLessThan(TWO_MINUTES_MS);
  });

  it("shows a supply clerk no patient's name anywhere, nor sends one to the browser", async () => {
    const names = (await site.nav.patients()).flatMap(({ lastName = "" }) => (lastName.length > 4 ? [lastName] : []));
    expect(names.length).toBeGreaterThan(12);
    const { page, answers } = await sit("Sue Supply");
    for (const place of await places(page)) {
      await goTo(page, place);
      await page.waitForLoadState("networkidle", { timeout: 3_000 }).catch(() => undefined);
      const shown = `${await page.title()} ${await page.getByRole("main").textContent()}`;
      expect(
        names.filter((name) => shown.includes(name)),
        place,
      ).toEqual([]);
    }
    expect(answers.length).toBeGreaterThan(3);
    const sent = answers.join("\n");
    expect(names.filter((name) => sent.includes(name))).toEqual([]);
  });

  it.each<Scheme>(["light", "dark"])(
    "gives axe nothing to find fault with on an item of each kind, in %s",
    async (scheme) => {
      const { page } = await sit("Stella Steward", scheme);
      await goTo(page, "Work");
      const rows = page.getByRole("main").getByRole("table").getByRole("link");
      await rows.first().waitFor();
      const kinds = new Map<string, string>();
      for (const link of await rows.all()) kinds.set((await link.textContent())!, (await link.getAttribute("href"))!);
      expect(kinds.size).toBeGreaterThan(1);
      for (const [kind, href] of kinds) {
        await page.goto(`${site.http}${href}`);
        await page.getByRole("heading", { name: "Decide" }).waitFor();
        expect(await faultsOf(page), kind).toEqual([]);
      }
    },
  );

  it.each<Scheme>(["light", "dark"])(
    "gives axe nothing to find fault with on what is found of a patient and on a journey, in %s",
    async (scheme) => {
      const { page } = await sit("Olive Operator", scheme);
      await find(page, "PAS1-14");
      const found = page.getByRole("table", { name: "Journeys found" }).getByRole("link").first();
      await found.waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await found.click();
      await page.getByRole("heading", { level: 1, name: "Journey", exact: true }).waitFor();
      await page.getByText("What happened").waitFor();
      expect(await faultsOf(page)).toEqual([]);
    },
  );

  it("gives axe nothing to find fault with where somebody signs in", async () => {
    const seat = await site.take();
    await seat.page.goto(site.http);
    await seat.page.getByRole("link", { name: "Sign in" }).waitFor();
    expect(await faultsOf(seat.page)).toEqual([]);
  });

  it("sends at most 250 kB of script, as it travels, before the first page is shown", async () => {
    const seat = await site.take();
    const scripts: Promise<number>[] = [];
    seat.page.on("requestfinished", (request) => {
      if (request.resourceType() === "script")
        scripts.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
    });
    await signIn(seat, site.http, "Olive Operator");
    await seat.page.getByRole("heading", { level: 1, name: "Operations" }).waitFor();
    const bytes = (await Promise.all(scripts)).reduce((sum, one) => sum + one, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(250_000);
  });

  it("lets an auditor find out in the browser that somebody changed an entry of the log", async () => {
    const { page } = await sit("Ada Auditor");
    await goTo(page, "Audit");
    await page.getByLabel("The log's key").fill(site.verifierKey());
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("It holds", { exact: true }).waitFor();
    const [entry] = await site.asIntruder<{ position: string }>(
      "select min(position)::text as position from audit.leaf where journey_id is not null",
    );
    const prove = async (said: string): Promise<void> => {
      await page.getByLabel("Position").fill(entry!.position);
      await page.getByRole("button", { name: "Prove" }).click();
      await page.getByText(said).waitFor();
    };
    await prove("This entry is in the signed log");
    await site.asIntruder(
      "update audit.leaf set body = replace(body, 'ok', 'ko') where position = $1",
      entry!.position,
    );
    await prove("This entry is not in the signed log");
  });
});
