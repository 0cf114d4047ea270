// Chromium as tests drive it: where it is, and windows in which somebody signs in and nothing may go wrong unseen.

import { existsSync } from "node:fs";
import axe from "axe-core";
import type { Browser, ConsoleMessage, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { expect } from "vitest";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];
const place = PLACES.find((one) => existsSync(one));

/** Whether there is a browser; `describe.skipIf` takes it from here. */
export const hasChromium = place !== undefined;

/** What a skipped group of tests says of itself. */
export const needsChromium = hasChromium
  ? ""
  : " (skipped: no Chromium here; on Debian `apt-get install chromium` gets it)";

/** Starts the browser. */
export const openChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: place!, args: ["--no-sandbox", "--force-color-profile=srgb"] });

/** How a window is looked at. */
export type Scheme = "light" | "dark";

/** One person at one window. */
export type Seat = {
  readonly page: Page;
  /** What the page was answered by the platform, whether it is shown or not. */
  readonly answers: readonly string[];
  /** Asserts that nothing went wrong, and closes the window. */
  leave(): Promise<void>;
};

/** A browser that refuses what it was told to refuse says so as a failed load: pages show these by themselves. */
const isExpected = (message: ConsoleMessage): boolean =>
  message.text().startsWith("Failed to load resource: the server responded with a status of 4") ||
  // Of an entry that somebody changed there is no proof.
  message.location().url.includes("/audit/proof/");

/** How a window differs from the usual one. */
export type Window = {
  readonly scheme?: Scheme;
  /** 2: everything twice as large, so that half as much fits in either direction. */
  readonly zoom?: number;
  /** The browser does not ask for less motion. */
  readonly mayMove?: boolean;
  /** The test makes requests fail: what the browser says of that is no trouble. */
  readonly mayFail?: boolean;
};

/** Opens a window of 1280 by 800 in which nobody is signed in yet. */
export async function openSeat(
  browser: Browser,
  { scheme = "light", zoom = 1, mayMove = false, mayFail = false }: Window = {},
): Promise<Seat> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width: 1280 / zoom, height: 800 / zoom },
    deviceScaleFactor: zoom,
    locale: "en-GB",
    reducedMotion: mayMove ? "no-preference" : "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const troubles: string[] = [];
  const answers: string[] = [];
  page.on("console", (message) => {
    const isFailedLoad = mayFail && message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isExpected(message) && !isFailedLoad) troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("response", async (response) => {
    const isData = response.headers()["content-type"]?.includes("json");
    if (isData) answers.push(await response.text().catch(() => ""));
  });
  return {
    page,
    answers,
    async leave() {
      await context.close();
      expect(troubles).toEqual([]);
    },
  };
}

/** Signs in by clicking alone, from the platform's own address. */
export async function signIn({ page }: Seat, http: string, name: string): Promise<void> {
  await page.goto(http);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name }).click();
  // At twice the size the menu is put away.
  await page.getByRole("navigation", { name: "Places", includeHidden: true }).waitFor({ state: "attached" });
}

/** What an expression is worth on the page. The page's own policy lets no such script in: this goes round it. */
export async function inPage<Answer>(page: Page, expression: string): Promise<Answer> {
  const session = await page.context().newCDPSession(page);
  const asked = { expression: `(async () => JSON.stringify(await ${expression}))()`, awaitPromise: true };
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", { ...asked, returnByValue: true });
  await session.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return JSON.parse(String(result.value)) as Answer;
}

/** What axe finds fault with on the page as it is, one line each. */
export const faultsOf = (page: Page): Promise<string[]> =>
  inPage(
    page,
    `(() => { ${axe.source}; return axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => id + ": " + html.slice(0, 200)))); })()`,
  );
