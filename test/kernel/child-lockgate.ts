// A process that behaves like Lockgate at its start: locks a data directory, starts PostgreSQL if asked, and reports.

import { startEmbeddedPostgres } from "#kernel/embedded-postgres";
import { asLockgateError } from "#kernel/errors";
import { lockInstance } from "#kernel/instance-lock";

const [dataDir = "", what = ""] = process.argv.slice(2);

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// The parent opens the gate by ending our input, so that all starters begin at the same moment.
async function gate(): Promise<void> {
  say({ at: "gate" });
  for await (const _ of process.stdin);
}

try {
  if (what === "race") await gate();
  await lockInstance(dataDir);
  const pid = what === "serve" ? (await startEmbeddedPostgres({ dataDir, durable: false })).pid : undefined;
  say({ at: "locked", pid });
  setInterval(() => {}, 1_000_000);
} catch (thrown) {
  say({ at: "refused", code: asLockgateError(thrown).code });
}
