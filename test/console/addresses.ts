// Where every page of the console is, for somebody who may see it: the menu's, and those that have an id or a part of their own.

import type { Page } from "playwright-core";
import { settled } from "./looking.ts";

/** The pages that people of one role work on, beyond the menu's, as addresses below the console's. */
export const furtherPages: Readonly<Record<string, readonly string[]>> = {
  "Olive Operator": [
    "/dead-letters?channel=adt",
    "/messages?state=refused",
    "/channels/adt",
    "/channels/adt?tab=definition",
    "/channels/adt?tab=try",
    "/rules/demographics",
    "/codes/supplier",
    "/measures?days=1",
  ],
  // A match is a steward's to decide.
  "Jane Approver": ["/work"],
  "Ada Auditor": ["/", "/messages"],
  "Max Administrator": [
    "/access",
    "/access?who=demo:jane&action=work.decide&domain=finance",
    "/dead-letters",
    "/channels/adt",
  ],
  // The last ones are not theirs to see.
  "Sue Supply": [
    "/codes/item",
    "/codes/supplier?show=changes",
    "/work?domain=supply",
    "/credentials",
    "/messages",
    "/channels",
    "/people/01890a5d-ac96-774b-bcce-b302099a8057",
  ],
  "Stella Steward": ["/rules/demographics", "/access?action=persons.read"],
};

/** The addresses that the menu leads to. */
export const placesOf = async (page: Page): Promise<string[]> => {
  const menu = page.getByRole("navigation", { name: "Places", includeHidden: true });
  const links = await menu.getByRole("link", { includeHidden: true }).all();
  return Promise.all(links.map(async (link) => (await link.getAttribute("href"))!.replace(/^\/console/, "") || "/"));
};

/** Goes to an address below the console's and waits until it is all there. */
export async function visit(page: Page, http: string, address: string): Promise<void> {
  await page.goto(`${http}/console${address}`);
  await settled(page);
}

const linksTo = (page: Page, kind: string) => page.locator(`main a[href^="/console${kind}"]`);
const firstOf = async (page: Page, kind: string): Promise<string> =>
  (await linksTo(page, kind).first().getAttribute("href"))!.replace(/^\/console/, "");

/** The first that a page links to of that kind; for whom there is nothing of it, the page itself. */
export async function firstIfAny(page: Page, http: string, from: string, kind: string): Promise<string> {
  await visit(page, http, from);
  return (await linksTo(page, kind).count()) === 0 ? from : firstOf(page, kind);
}

/** Goes to the first that a page links to of that kind. */
export async function visitFirst(page: Page, http: string, from: string, kind: string): Promise<void> {
  await visit(page, http, from);
  await visit(page, http, await firstOf(page, kind));
}
