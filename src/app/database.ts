// The database of an installation: the embedded one, or the one that the settings name; migrated either way.

import { join } from "node:path";
import type { DatabaseAddress } from "#kernel/db";
import { startEmbeddedPostgres } from "#kernel/embedded-postgres";
import { openLog } from "#kernel/log";
import { migrate, readMigrations } from "#kernel/migrate";
import { isReference } from "#kernel/secrets";
import type { Config } from "./config.ts";
import { root } from "./installation.ts";
import { openInstallationSecrets, settingsWithSecrets } from "./secrets.ts";

/** A database that is up. */
export type RunningDatabase = {
  /** With the rights of the running platform. */
  readonly platform: DatabaseAddress;
  /** With the rights to read and no more. */
  readonly auditor: DatabaseAddress;
  /** With the rights to migrate. */
  readonly owner: DatabaseAddress;
  stop(): Promise<void>;
  /** Resolves if the database ends by itself; never for an external one. */
  readonly ended: Promise<unknown>;
};

/** Of commands that need no other secret. */
const named = async (config: Config): Promise<Config> =>
  settingsWithSecrets(config, await openInstallationSecrets(config, openLog("silent"), { makes: false }));

/** Starts the embedded database, or takes the external one. The caller holds the instance lock. */
export async function openInstallationDatabase(
  config: Config,
  onProgress: (step: string) => void,
): Promise<RunningDatabase> {
  const { url, migrationUrl } = config.database;
  if (url) {
    // The settings are asked at each connection: the password may be a secret that was changed since.
    const { database } = isReference(config.database.password) ? await named(config) : config;
    const password = database.password === undefined ? {} : { password: () => database.password ?? "" };
    const login = { connectionString: url, ...password };
    return {
      // One login for both: the platform then gives up what it does not need. With a login of its own, it has only that.
      platform: migrationUrl ? login : { ...login, role: "lockgate_app" },
      auditor: { ...login, role: "lockgate_auditor" },
      owner: { ...login, connectionString: migrationUrl ?? url },
      stop: async () => {},
      ended: new Promise(() => {}),
    };
  }
  const server = await startEmbeddedPostgres({ dataDir: config.dataDir, onProgress });
  const socket = { host: server.host, port: server.port, database: "postgres" };
  return {
    platform: { ...socket, user: "lockgate_app" },
    auditor: { ...socket, user: "lockgate_auditor" },
    owner: { ...socket, user: server.superuser },
    stop: () => server.stop(),
    ended: server.onExit,
  };
}

/** Brings the schema up to date. @returns the versions applied now */
export async function migrateDatabase(database: RunningDatabase): Promise<number[]> {
  return migrate(database.owner, await readMigrations(join(root, "migrations")));
}
