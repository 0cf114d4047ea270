// Everything CI runs, in one command: `npm run check`; `--all` adds the slow tests, `--static` leaves out all tests.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

type Step = { readonly name: string; readonly args: readonly string[]; readonly slow?: boolean };
type Result = { readonly step: Step; readonly passed: boolean; readonly output: string };

const program = (path: string, ...args: string[]): string[] => [`node_modules/${path}`, ...args];
const vitest = program("vitest/vitest.mjs", "run");

/** Steps that need one core each and no database; arrows, habits and pages are among the tests. */
const STATIC: readonly Step[] = [
  { name: "types", args: program("typescript/bin/tsc", "--project", ".") },
  { name: "console's types", args: program("typescript/bin/tsc", "--project", "console") },
  { name: "format and lint", args: program("@biomejs/biome/bin/biome", "check", "--error-on-warnings") },
  { name: "more lint", args: program("oxlint/bin/oxlint", "--deny-warnings") },
  { name: "dead code", args: program("knip/bin/knip.js") },
  { name: "contracts", args: ["--disable-warning=ExperimentalWarning", "scripts/contracts/check.ts"] },
];
const QUICK: Step = { name: "tests", args: vitest };
const SLOW: Step = { name: "slow tests", args: [...vitest, "--passWithNoTests"], slow: true };

/** Runs one step and prints its line. */
function run(step: Step): Promise<Result> {
  const startedAt = performance.now();
  const env = { ...process.env, NO_COLOR: "1", ...(step.slow ? { LOCKGATE_TIER: "slow" } : {}) };
  const child = spawn(process.execPath, step.args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const passed = code === 0;
      console.log(`${passed ? "ok    " : "FAILED"}  ${step.name.padEnd(16)}${seconds.padStart(7)} s`);
      resolve({ step, passed, output: Buffer.concat(chunks).toString().trimEnd() });
    });
  });
}

/** Runs independent steps, as many at a time as there are cores to run them. */
async function runAll(steps: readonly Step[]): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...steps];
  const lane = async (): Promise<void> => {
    for (let step = left.shift(); step; step = left.shift()) results.push(await run(step));
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return results;
}

const { values } = parseArgs({ options: { all: { type: "boolean" }, static: { type: "boolean" } } });

// The tests use both cores by themselves, so they come when the other steps are done.
const results = await runAll(STATIC);
if (!values.static) results.push(await run(QUICK));
if (values.all) results.push(await run(SLOW));

const failed = results.filter(({ passed }) => !passed);
for (const { step, output } of failed) console.log(`\n── ${step.name} ──\n${output}`);
console.log(`\n${results.length - failed.length} of ${results.length} steps passed`);
process.exitCode = failed.length > 0 ? 1 : 0;
