// Holds the closing line of a CI run to what the reports say, a crash included.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

type Report = Record<string, unknown> | string | undefined;

const green = { success: true, numPassedTests: 7, numFailedTests: 0, numPendingTests: 2, numTodoTests: 0 };
const red = { success: false, numPassedTests: 5, numFailedTests: 2, numPendingTests: 0, numTodoTests: 0 };
const brokenFile = { ...green, success: false };

test.each<[string, string, Report[], string, number]>([
  ["everything is well", "0", [green, green], "15 passed, 0 failed", 0],
  ["tests failed", "0", [green, red], "13 passed, 2 failed", 1],
  ["a test file could not be loaded", "0", [brokenFile, green], "15 passed, 1 failed", 1],
  ["a tier left no report", "0", [green, undefined], "8 passed, 1 failed", 1],
  ["a tier was killed while it wrote its report", "0", [green, '{"success":'], "8 passed, 1 failed", 1],
  ["the static checks failed", "1", [green, green], "14 passed, 1 failed", 1],
  ["the static checks were killed", "124", [green, green], "14 passed, 1 failed", 1],
])("the line is true when %s", (_when, staticExit, reports, line, code) => {
  const folder = mkdtempSync(join(tmpdir(), "lockgate-tally-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = reports.map((report, index) => {
    const file = join(folder, `${index}.json`);
    if (report !== undefined) writeFileSync(file, typeof report === "string" ? report : JSON.stringify(report));
    return file;
  });
  const { stdout, status } = spawnSync(process.execPath, ["scripts/tally.mjs", staticExit, ...files], {
    encoding: "utf8",
  });
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(line);
  expect(status).toBe(code);
});
