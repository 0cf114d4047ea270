// The console is built once from what is there, however many start at the same moment.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildConsole } from "../../src/app/console.ts";

const root = join(import.meta.dirname, "../..");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockgate-console-"));
  const made = ["console/dist", "console/node_modules"].map((path) => join(root, path));
  cpSync(join(root, "console"), join(folder, "console"), {
    recursive: true,
    filter: (path) => !made.some((one) => path.startsWith(one)),
  });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules/vite"), join(folder, "node_modules/vite"));
  symlinkSync(join(root, "node_modules"), join(folder, "console/node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("of several that start at once one builds, and all have the whole", { timeout: 120_000 }, async () => {
  const said: string[] = [];
  const built = await Promise.all(
    ["one", "two", "three"].map((who) => buildConsole(folder, (step) => void said.push(`${who}: ${step}`))),
  );
  expect(said).toHaveLength(1);
  for (const place of built) {
    const page = readFileSync(join(place, "index.html"), "utf8");
    const [, script = ""] = /src="\/console\/(assets\/[^"]+\.js)"/.exec(page)!;
    expect(readFileSync(join(place, script)).length).toBeGreaterThan(1_000);
    expect(readFileSync(join(place, `${script}.br`)).length).toBeGreaterThan(100);
  }
  await buildConsole(folder, (step) => void said.push(step));
  expect(said).toHaveLength(1);
});
