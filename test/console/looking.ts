// How a page is for whoever looks closely: what of it has the focus, and what is cut off.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { inPage } from "./chromium.ts";

const script = readFileSync(join(import.meta.dirname, "page/looking.mjs"), "utf8");
const asked = <Answer>(page: Page, question: "focused" | "cutOff"): Promise<Answer> =>
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
