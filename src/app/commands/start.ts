// `lockgate start`: brings the site up, says what runs where, and stays until it is told to stop.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { LockgateError } from "#kernel/errors";
import { lockInstance } from "#kernel/instance-lock";
import { openLog } from "#kernel/log";
import { hideSearched } from "../carry-over/store.ts";
import type { Config } from "../config.ts";
import { buildConsole } from "../console.ts";
import { migrateDatabase, openInstallationDatabase } from "../database.ts";
import { type Doubles, startDoubles } from "../demo.ts";
import { startStream } from "../demo-stream.ts";
import { clearRunning, root, writeRunning } from "../installation.ts";
import { refuseUnfitLive, refuseUnmetCertificates } from "../live.ts";
import { type Role, startPlatform } from "../platform.ts";
import { credentialsOf, openInstallationSecrets, settingsWithSecrets } from "../secrets.ts";
import { loadChannels } from "../site.ts";
import { openInstallationVault } from "../vault.ts";

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Runs until SIGINT or SIGTERM. @returns the exit code */
export async function start(named: Config, roles: ReadonlySet<Role>): Promise<number> {
  const startedAt = performance.now();
  const stops: (() => Promise<unknown>)[] = [];
  const asked = new Promise<"asked">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve("asked"));
  });
  try {
    refuseUnfitLive(named, roles.has("gateway"));
    refuseUnmetCertificates(named);
    mkdirSync(named.dataDir, { recursive: true, mode: 0o700 });
    const lock = await lockInstance(named.dataDir);
    stops.push(() => lock.release());
    const log = openLog(named.log.level, join(named.dataDir, "log", "lockgate.log"));
    const secrets = await openInstallationSecrets(named, log);
    stops.push(async () => secrets.close());
    const config = await settingsWithSecrets(named, secrets);
    // Once more: what stood behind a name may be of the demo as well.
    refuseUnfitLive(config, roles.has("gateway"));
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
      roles.has("gateway") ? buildConsole(root, (step) => print(`  ${step}`)) : undefined,
    ] as const;
    // Where one fails the other is waited for: what has come up must be stopped.
    await Promise.allSettled(parts);
    const [database, doubles] = await Promise.all(parts);
    const applied = await migrateDatabase(database);
    if (applied.length > 0) print(`  applied ${applied.length} migrations`);
    const vault = await openInstallationVault(config, database.platform, secrets, log);
    stops.push(() => vault.close());
    await hideSearched(database.owner, vault.vault, (table, rows) => print(`  sealed ${rows} rows of ${table}`));
    await vault.refresh();
    const channels = await loadChannels(config, root);
    const platform = await startPlatform({
      config: doubles ? doubles.configure(config) : config,
      database: database.platform,
      vault: vault.vault,
      channels,
      roles,
      credentials: credentialsOf(config, secrets),
    });
    stops.push(() => platform.stop());
    writeRunning(config.dataDir, {
      pid: process.pid,
      // Under TLS the certificate bears the public name, not the address that is listened on.
      http: config.identity.publicUrl ?? `http://${config.http.host}:${config.portBase}`,
      database: database.auditor,
      demoIdentity: doubles?.identity,
    });
    stops.push(async () => clearRunning(config.dataDir));
    if (doubles && roles.has("channels") && config.demo.messageEveryMs > 0)
      stops.push(await startStream(config, doubles, root));
    printTable({
      ...platform.addresses,
      ...doubles?.addresses,
      ...(config.database.url ? {} : { database: "embedded PostgreSQL, no TCP port" }),
    });
    if (config.site === "demo") printHints(config, doubles);
    print(`Lockgate is ready (${((performance.now() - startedAt) / 1_000).toFixed(1)} s). Ctrl-C stops it.`);
    const ended = await Promise.race([asked, database.ended]);
    if (ended !== "asked") throw new LockgateError("DATABASE_UNAVAILABLE", { reason: "the embedded PostgreSQL ended" });
    print("Lockgate finishes what is in hand and stops.");
    return 0;
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

function printTable(rows: Readonly<Record<string, string>>): void {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  print("");
  for (const [name, text] of Object.entries(rows)) print(`  ${name.padEnd(width)}  ${text}`);
}

/** What a newcomer can do with the demo. */
function printHints(config: Config, doubles: Doubles | undefined): void {
  const people = doubles?.people ?? [];
  if (people.length > 0) {
    print("");
    print(`  The console: http://${config.http.host}:${config.portBase}/console/`);
    print("  Sign in there as one of these, by a click; nobody has a password:");
    printTable(Object.fromEntries(people.map(({ name, roles }) => [name, roles.join(", ")])));
  }
  print("");
  print("  Try, in another terminal:");
  print("    npx lockgate send integrations/demo/messages/a28-new-person.hl7");
  print("    npx lockgate journey DEMO0001 --wait 10s");
  print(`    curl http://127.0.0.1:${config.portBase + 2}/admin/ledger`);
  print("    npx lockgate send integrations/demo/messages/a31-new-name.hl7");
  print("    npx lockgate work list --as jane");
  print("    npx lockgate audit verify");
  print("");
}
