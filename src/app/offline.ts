// Reaches the database of an installation whether or not the platform runs.

import type { DatabaseAddress } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { lockInstance } from "#kernel/instance-lock";
import type { Config } from "./config.ts";
import { openInstallationDatabase } from "./database.ts";
import { readRunning } from "./installation.ts";

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
