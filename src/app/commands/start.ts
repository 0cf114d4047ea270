// `lockgate start`: brings the site up, says what runs where, and stays until it is told to stop.

import { mkdirSync } from "node:fs";
import { LockgateError } from "#kernel/errors";
import { lockInstance } from "#kernel/instance-lock";
import type { Config } from "../config.ts";
import { migrateDatabase, openInstallationDatabase } from "../database.ts";
import { startDoubles } from "../demo.ts";
import { clearRunning, operatorToken, root, writeRunning } from "../installation.ts";
import { type Role, startPlatform } from "../platform.ts";
import { loadChannels } from "../site.ts";

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Runs until SIGINT or SIGTERM. @returns the exit code */
export async function start(config: Config, roles: ReadonlySet<Role>): Promise<number> {
  const startedAt = performance.now();
  const stops: (() => Promise<unknown>)[] = [];
  const asked = new Promise<"asked">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve("asked"));
  });
  try {
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    const lock = await lockInstance(config.dataDir);
    stops.push(() => lock.release());
    print(`Lockgate starts the ${config.site} site on ${config.dataDir}`);
    const isDemo = config.site === "demo" && !config.nav && !config.pds;
    const parts = [
      openInstallationDatabase(config, (step) => print(`  ${step}`)).then((opened) => {
        stops.push(() => opened.stop());
        return opened;
      }),
      isDemo
        ? startDoubles(config, root).then((started) => {
            stops.push(() => started.stop());
            return started;
          })
        : undefined,
    ] as const;
    // Where one fails the other is waited for: what has come up must be stopped.
    await Promise.allSettled(parts);
    const [database, doubles] = await Promise.all(parts);
    const applied = await migrateDatabase(database);
    if (applied.length > 0) print(`  applied ${applied.length} migrations`);
    const channels = await loadChannels(config, root);
    const platform = await startPlatform({
      config: { ...config, ...doubles?.settings },
      database: database.platform,
      channels,
      operatorToken: operatorToken(config.dataDir),
      roles,
    });
    stops.push(() => platform.stop());
    writeRunning(config.dataDir, {
      pid: process.pid,
      http: `http://${config.http.host}:${config.portBase}`,
      database: database.auditor,
    });
    stops.push(async () => clearRunning(config.dataDir));
    printTable(
      {
        ...platform.addresses,
        ...doubles?.addresses,
        ...(config.database.url ? {} : { database: "embedded PostgreSQL, no TCP port" }),
      },
      config,
    );
    print(`Lockgate is ready (${((performance.now() - startedAt) / 1_000).toFixed(1)} s). Ctrl-C stops it.`);
    const ended = await Promise.race([asked, database.ended]);
    if (ended !== "asked") throw new LockgateError("DATABASE_UNAVAILABLE", { reason: "the embedded PostgreSQL ended" });
    print("Lockgate finishes what is in hand and stops.");
    return 0;
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

function printTable(addresses: Readonly<Record<string, string>>, config: Config): void {
  const width = Math.max(...Object.keys(addresses).map((name) => name.length));
  print("");
  for (const [name, address] of Object.entries(addresses)) print(`  ${name.padEnd(width)}  ${address}`);
  if (config.site !== "demo") return;
  print("");
  print("  Try, in another terminal:");
  print("    npx lockgate send integrations/demo/messages/a28-new-person.hl7");
  print("    npx lockgate journey DEMO0001 --wait 10s");
  print(`    curl http://127.0.0.1:${config.portBase + 2}/admin/ledger`);
  print("    npx lockgate send integrations/demo/messages/a31-new-name.hl7");
  print("    npx lockgate work list");
  print("    npx lockgate audit verify");
  print("");
}
