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

/** Types into the box, key by key. @returns how long each took until what was found was painted, and a plain loop over the same rows, ms */
const FINDING = `(async () => {
  const box = document.querySelector("input");
  const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const lengths = [];
  for (const text of ["c", "co", "code-9", "code-96", "code-96 row 99"]) {
    const said = document.querySelector("#found").textContent;
    const from = performance.now();
    write.call(box, text);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    for (let turn = 0; turn < 50; turn += 1) {
      await painted();
      if (document.querySelector("#found").textContent !== said || (text.length < 3 && turn > 0)) break;
    }
    lengths.push(performance.now() - from);
  }
  const from = performance.now();
  const found = globalThis.plainLoop("code-96");
  return { lengths, loop: performance.now() - from, found };
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

  it("finds among them at each key that is pressed, at no more than the cost of a few plain loops", async () => {
    const seat = await openSeat(browser);
    const { page } = seat;
    await page.setContent('<div id="root"></div>');
    await page.addScriptTag({ content: script });
    await page.getByText("100000 found", { exact: true }).waitFor();
    const { lengths, loop, found } = await page.evaluate<{ lengths: number[]; loop: number; found: number }>(FINDING);
    const figures = { rows: 100_000, keysMs: lengths.map(Math.round), plainLoopMs: Math.round(loop) };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    expect(await page.locator(".row").count()).toBeLessThan(100);
    for (const row of await page.locator(".row").allTextContents()) expect(row).toMatch(/^row .*99/);
    expect(found).toBe(Math.floor((100_000 - 96) / 97) + 1);
    // A few frames pass however little there is to do.
    const FRAMES_MS = 200;
    expect(lengths.toSorted((one, other) => one - other)[2]).toBeLessThan(10 * loop + FRAMES_MS);
    await seat.leave();
  });
});
