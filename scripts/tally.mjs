// Sums up a CI run: reads Vitest's JSON reports and prints `N passed, N failed` alone on the last line.
//
//   node scripts/tally.mjs <exit code of the static checks> <report> …
//
// A report that is missing or torn counts as one failure, and so does a test file that failed without a failed test.

import { readFileSync } from "node:fs";
import { basename } from "node:path";

const [staticExit, ...files] = process.argv.slice(2);

/** What one report says. */
function tally(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const failed = report.numFailedTests;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const parts = [
  { name: "static checks", passed: staticExit === "0" ? 1 : 0, failed: staticExit === "0" ? 0 : 1, skipped: 0 },
  ...files.map((file) => ({ name: `${basename(file, ".json")} tests`, ...tally(file) })),
];
for (const { name, passed, failed, skipped } of parts) {
  console.log(`${name}: ${passed} ok, ${failed} not ok, ${skipped} skipped`);
}
const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exitCode = sum("failed") > 0 ? 1 : 0;
