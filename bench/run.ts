// `npm run bench [name…]`: runs the benches, all or those named, prints their lines and sets the figures beside the targets.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Line, summary } from "./targets.ts";

const names = [
  "hl7",
  "audit",
  "log",
  "sagas",
  "mllp",
  "relay",
  "journey",
  "start",
  "matching",
  "match-index",
  "match-bulk",
  "policy",
  "gateway",
] as const;

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !names.some((known) => known === name));
if (unknown !== undefined) {
  process.stderr.write(`There is no bench ${unknown}; there are ${names.join(", ")}.\n`);
  process.exit(2);
}

async function runBench(name: string): Promise<Line[]> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, `${name}.ts`)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = once(child, "exit");
  const lines: Line[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    process.stdout.write(`${text}\n`);
    lines.push(JSON.parse(text) as Line);
  }
  const [status] = await ended;
  if (status !== 0) throw new Error(`the bench ${name} failed`);
  return lines;
}

const lines: Line[] = [];
for (const name of asked.length > 0 ? asked : names) lines.push(...(await runBench(name)));
process.stderr.write(summary(lines));
