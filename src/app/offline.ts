// Reaches the database of an installation whether or not the platform runs.

import type { DatabaseAddress } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { lockInstance } from "#kernel/instance-lock";
import { openLog } from "#kernel/log";
import type { Config } from "./config.ts";
import { openInstallationDatabase } from "./database.ts";
import { readRunning } from "./installation.ts";
import { openInstallationSecrets } from "./secrets.ts";
import { type InstallationVault, openInstallationVault } from "./vault.ts";

/** Gives `work` an address with the rights to read and no more; starts the embedded database for it where none runs. */
export async function withAuditorAddress<T>(
  config: Config,
  work: (address: DatabaseAddress) => Promise<T>,
): Promise<T> {
  try {
    const lock = await lockInstance(config.dataDir);
    try {
      const database = await openInstallationDatabase(config, () => {});
      try {
        return await work(database.auditor);
      } finally {
        await database.stop();
      }
    } finally {
      await lock.release();
    }
  } catch (thrown) {
    const running = readRunning(config.dataDir);
    if (!(thrown instanceof LockgateError) || thrown.code !== "START_DATA_IN_USE" || !running) throw thrown;
    return work(running.database);
  }
}

/** Of the database with the platform's rights and with the owner's, running or started for this. */
type Addresses = { readonly platform: DatabaseAddress; readonly owner: DatabaseAddress };

async function withDatabase<T>(config: Config, work: (addresses: Addresses) => Promise<T>): Promise<T> {
  const running = readRunning(config.dataDir);
  if (running && !config.database.url) {
    const { role: _, ...socket } = running.database;
    return work({ platform: { ...socket, user: "lockgate_app" }, owner: { ...socket, user: "lockgate_owner" } });
  }
  const lock = config.database.url ? undefined : await lockInstance(config.dataDir);
  try {
    const database = await openInstallationDatabase(config, () => {});
    return await work(database).finally(() => database.stop());
  } finally {
    await lock?.release();
  }
}

/** Gives `work` the vault of an installation, and its database with the rights of the running platform and of the owner. */
export async function withVault<T>(
  config: Config,
  work: (vault: InstallationVault, addresses: Addresses) => Promise<T>,
): Promise<T> {
  const log = openLog("warn");
  const secrets = await openInstallationSecrets(config, log, { makes: false });
  try {
    return await withDatabase(config, async (addresses) => {
      const vault = await openInstallationVault(config, addresses.platform, secrets, log);
      return work(vault, addresses).finally(() => vault.close());
    });
  } finally {
    secrets.close();
  }
}
