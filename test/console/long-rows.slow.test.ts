// Long tables in a real browser: a hundred thousand rows, few of them in the page, and no frame that is long.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, needsChromium, openChromium, openSeat } from "./chromium.ts";

type Bundler = { build(options: object): Promise<unknown> };
const root = join(import.meta.dirname, "../..");

/** Scrolls fast for 120 frames. @returns how long each took, ms, the shortest first */
const SCROLLING = `(async () => {
  const lengths = [];
  let before = performance.now();
  window.scrollTo(0, 0);
  for (let turn = 0; turn < 120; turn += 1) {
    window.scrollBy(0, 700);
    const now = await new Promise((resolve) => requestAnimationFrame(resolve));
    lengths.push(now - before);
    before = now;
  }
  return lengths.sort((one, other) => one - other);
})()`;

/** The page's script in one piece. */
async function bundled(): Promise<string> {
  const { build } = (await import(pathToFileURL(join(root, "node_modules/vite/dist/node/index.js")).href)) as Bundler;
  const outDir = await mkdtemp(join(tmpdir(), "lockgate-long-"));
  try {
    await build({
      configFile: false,
      logLevel: "error",
      define: { "process.env.NODE_ENV": '"production"' },
      build: {
        outDir,
        lib: {
          entry: join(import.meta.dirname, "long/main.mjs"),
          formats: ["iife"],
          name: "long",
          fileName: () => "long.js",
        },
      },
    });
    return await readFile(join(outDir, "long.js"), "utf8");
  } finally {
    await rm(outDir, { recursive: true });
  }
}

describe.skipIf(!hasChromium)(`a table of a hundred thousand rows${needsChromium}`, () => {
  let browser: Browser;
  let script: string;
  beforeAll(async () => {
    browser = await openChromium();
    script = await bundled();
  }, 120_000);
  afterAll(() => browser?.close());

  it("holds few rows at a time, shows the right ones wherever it is scrolled to, and keeps up with a wheel", async () => {
    const seat = await openSeat(browser);
    const { page } = seat;
    await page.setContent('<div id="root"></div>');
    await page.addScriptTag({ content: script });
    await page.getByText("row 0", { exact: true }).waitFor();
    expect(await page.locator(".row").count()).toBeLessThan(100);
    expect(await page.evaluate("document.documentElement.scrollHeight")).toBeGreaterThan(3_900_000);
    await page.evaluate("window.scrollTo(0, 40 * 50_000)");
    await page.getByText("row 50005", { exact: true }).waitFor();
    expect(await page.locator(".row").count()).toBeLessThan(100);
    await page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)");
    await page.getByText("row 99999", { exact: true }).waitFor();

    const frames = await page.evaluate<number[]>(SCROLLING);
    // Half of all frames come within two of a screen's sixty a second, however busy the machine is.
    expect(frames[Math.floor(frames.length / 2)]).toBeLessThan(34);
    await seat.leave();
  });
});
