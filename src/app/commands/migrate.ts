// `lockgate migrate`: brings the schema up to date without starting the platform.

import { lockInstance } from "#kernel/instance-lock";
import type { Config } from "../config.ts";
import { migrateDatabase, openInstallationDatabase } from "../database.ts";
import { EXIT, show } from "../output.ts";

export async function migrate(config: Config, json: boolean): Promise<number> {
  const lock = await lockInstance(config.dataDir);
  try {
    const database = await openInstallationDatabase(config, () => {});
    try {
      const applied = await migrateDatabase(database);
      show(json, { applied }, () => (applied.length > 0 ? `applied ${applied.join(", ")}` : "nothing to apply"));
    } finally {
      await database.stop();
    }
  } finally {
    await lock.release();
  }
  return EXIT.done;
}
