// Pictures of the console: starts a demo of its own, lets its hospital talk, and photographs each page in light and dark.
//
// `node scripts/screenshots.ts [FOLDER]`: every page goes to FOLDER, or to a folder for the moment; what the documentation
// shows goes to docs/images besides. Needs Chromium.

import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openChromium, openSeat, type Scheme, signIn } from "../test/console/chromium.ts";
import { startConsoleSite } from "../test/console/console-site.ts";
import { find, goTo, openOne, places } from "../test/console/pages.ts";
import { until } from "../test/until.ts";

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "lockgate-screenshots-"));
const documented = join(import.meta.dirname, "../docs/images");
const schemes: readonly Scheme[] = ["light", "dark"];

/** What stands in the documentation, by scheme and name. */
const SHOWN = new Set(["light-operations", "light-approval", "dark-journey", "light-match-review"]);

async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle", { timeout: 3_000 }).catch(() => undefined);
  await page.getByRole("status").filter({ hasText: "Loading" }).first().waitFor({ state: "detached" });
}

async function photograph(page: Page, scheme: Scheme, name: string): Promise<void> {
  await settled(page);
  const file = `${scheme}-${name.toLowerCase().replaceAll(/\W+/g, "-")}`;
  await page.screenshot({ path: join(folder, `${file}.png`), fullPage: true });
  // The first screen alone: what a newcomer sees, and small enough to be kept.
  if (SHOWN.has(file)) await page.screenshot({ path: join(documented, `${file}.png`), scale: "css" });
  process.stdout.write(`${file}\n`);
}

for (const each of [folder, documented]) mkdirSync(each, { recursive: true });
const browser = await openChromium();
const site = await startConsoleSite(400);
try {
  await until(async () => (await site.nav.ledger()).length > 90, 180_000);
  for (const scheme of schemes) {
    const operator = await openSeat(browser, { scheme });
    await operator.page.goto(site.http);
    await operator.page.getByRole("link", { name: "Sign in" }).waitFor();
    await photograph(operator.page, scheme, "sign in");
    await signIn(operator, site.http, "Max Administrator");
    await photographPlaces(operator.page, scheme, "as administrator");
    await operator.leave();
    const olive = await openSeat(browser, { scheme });
    await signIn(olive, site.http, "Olive Operator");
    await photographPlaces(olive.page, scheme);
    await olive.leave();
    const stella = await openSeat(browser, { scheme });
    await signIn(stella, site.http, "Stella Steward");
    await goTo(stella.page, "Work");
    await photograph(stella.page, scheme, "work as steward");
    for (const [title, name] of [
      ["Change of a person's demographics", "approval"],
      ["It is not certain whom a statement is about", "match review"],
      ["Merge of two persons", "merge"],
    ] as const) {
      await goTo(stella.page, "Work");
      await openOne(stella.page, title, "last");
      await photograph(stella.page, scheme, name);
    }
    await stella.leave();
    const ada = await openSeat(browser, { scheme });
    await signIn(ada, site.http, "Ada Auditor");
    await goTo(ada.page, "Audit");
    await photograph(ada.page, scheme, "audit as auditor");
    await ada.leave();
  }
} finally {
  await browser.close();
  await site.close();
}
process.stdout.write(`in ${folder}\n`);

async function photographPlaces(page: Page, scheme: Scheme, whose = ""): Promise<void> {
  for (const place of await places(page)) {
    await goTo(page, place);
    await photograph(page, scheme, `${place} ${whose}`.trim());
  }
  if (whose !== "") return;
  await find(page, "PAS1-14");
  await page.getByRole("table").getByRole("link").first().click();
  await photograph(page, scheme, "journey");
}
