// How a page is for whoever looks closely: what of it has the focus, what is cut off, what moves, and what stands while it waits.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { faultsOf, inPage } from "./chromium.ts";

const script = readFileSync(join(import.meta.dirname, "page/looking.mjs"), "utf8");
const asked = <Answer>(page: Page, question: "focused" | "cutOff" | "moving"): Promise<Answer> =>
  inPage(page, `(() => { ${script}; return globalThis.looking.${question}(); })()`);

/** The page has its heading, and nothing on it loads any more; both at once, for one page gives way to another. */
export const settled = (page: Page): Promise<void> =>
  page.locator('body:has(h1):not(:has([role="status"] .mantine-Loader-root))').waitFor();

/** What has the focus. */
export type Focused = {
  /** As a screen reader would call it, about. */
  readonly name: string;
  readonly tag: string;
  /** Of a link: where it leads. */
  readonly href: string;
  /** Whether it can be seen that it has the focus. */
  readonly isShown: boolean;
  /** Whether it comes after what had the focus before, in the order of reading. */
  readonly isAfter: boolean;
  readonly isInDialog: boolean;
};

/** Tells what has the focus. */
export const focused = (page: Page): Promise<Focused> => asked(page, "focused");
/** What is wider than the window, or cut off within its own box, one line each. */
export const cutOff = (page: Page): Promise<string[]> => asked(page, "cutOff");
/** What runs by itself, or takes its time to change, one line each. */
export const moving = (page: Page): Promise<string[]> => asked(page, "moving");

/**
 * What axe finds fault with on the page as it stands; and in the other scheme at twice the size, where nothing may be cut off
 * either. One line each.
 */
export async function faultsBothWays(page: Page): Promise<string[]> {
  const faults = await faultsOf(page);
  const { width, height } = page.viewportSize()!;
  const isDark = (await page.locator('html[data-mantine-color-scheme="dark"]').count()) > 0;
  const [scheme, other] = isDark ? (["dark", "light"] as const) : (["light", "dark"] as const);
  await page.setViewportSize({ width: width / 2, height: height / 2 });
  await page.emulateMedia({ colorScheme: other });
  await page.locator(`html[data-mantine-color-scheme="${other}"]`).waitFor();
  const enlarged = [...(await cutOff(page)), ...(await faultsOf(page))];
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
  return [...faults, ...enlarged.map((one) => `${other}, at twice the size: ${one}`)];
}

/** Keeps what a page asks for from being answered, so that what it shows meanwhile stands still. @returns what lets it go on */
export async function hold(page: Page, addresses: string): Promise<() => Promise<void>> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route(addresses, async (route) => {
    await released;
    // The page may have gone on to another one meanwhile.
    await route.continue().catch(() => undefined);
  });
  return async () => {
    release();
    await page.unroute(addresses);
  };
}

/** The page shows that it loads. */
export const loads = (page: Page): Promise<void> =>
  page.locator('[role="status"] .mantine-Loader-root').first().waitFor();

/**
 * Presses Tab until what has the focus is called so, and leads there.
 * @throws where it is not reached, where the focus cannot be seen on the way, or jumps back against the order of reading
 */
export async function tabTo(page: Page, name: string | RegExp, { most = 120, to = /^/ } = {}): Promise<Focused> {
  const seen: string[] = [];
  for (let turn = 0; turn < most; turn += 1) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    seen.push(now.name.slice(0, 40));
    if (now.tag === "body") continue;
    if (!now.isShown) throw new Error(`the focus cannot be seen on ${now.tag} ${now.name}`);
    if (!now.isAfter && !now.isInDialog) throw new Error(`the focus jumps back to ${now.name}`);
    const isNamed = typeof name === "string" ? now.name === name : name.test(now.name);
    if (isNamed && to.test(now.href)) return now;
  }
  throw new Error(`Tab does not reach ${name}: ${seen.join(" | ")}`);
}
