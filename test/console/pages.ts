// The console's pages as a test uses them: by what people read on them.

import type { Locator, Page } from "playwright-core";

/** Goes to one of the places by the menu. */
export async function goTo(page: Page, place: string): Promise<void> {
  const link = page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: place, exact: true });
  const isThere = (await link.getAttribute("aria-current")) === "page";
  const heading = page.getByRole("main").getByRole("heading", { level: 1 });
  const before = isThere ? undefined : ((await heading.allTextContents())[0] ?? "nowhere yet");
  await link.click();
  // A page is loaded at its first visit; until then the one before stands there, or that it loads.
  const itsOwn = heading.filter({ hasNotText: /^Lockgate$/ });
  await (before === undefined ? itsOwn : itsOwn.filter({ hasNotText: before })).first().waitFor();
}

/** Looks for something by the one box. */
export async function find(page: Page, what: string): Promise<void> {
  const box = page.getByRole("search").getByRole("textbox");
  await box.fill(what);
  await box.press("Enter");
}

/** The first journey that is found by the one box. */
export async function openJourneyOf(page: Page, what: string): Promise<void> {
  await find(page, what);
  await page.getByRole("table", { name: "Journeys found" }).getByRole("link").first().click();
}

/** The item of a journey that waits for somebody. */
export async function openItemOf(page: Page, what: string): Promise<void> {
  await openJourneyOf(page, what);
  await page.locator('main a[href*="/work/"]').first().click();
  await page.getByRole("table", { name: "What is decided on" }).waitFor();
}

/** The row of a field that is decided on. */
export const fieldRow = (page: Page, field: string): Locator =>
  page.getByRole("table", { name: "What is decided on" }).getByRole("row").filter({ hasText: field });

/** The places that the menu offers. */
export const places = (page: Page): Promise<string[]> =>
  page.getByRole("navigation", { name: "Places" }).getByRole("link").allInnerTexts();

/** Approves all that an item proposes. */
export const approve = (page: Page): Promise<void> =>
  page.getByRole("main").getByRole("button", { name: "Approve", exact: true }).click();

/** Opens an item of a title: the most pressing one, or the least. */
export async function openOne(page: Page, title: string, which: "first" | "last" = "first"): Promise<void> {
  const links = page.getByRole("table", { name: "One by one" }).getByRole("link", { name: title });
  await links[which]().click();
  await page.getByRole("heading", { name: "Decide" }).waitFor();
}
