// An embedded PostgreSQL on an empty data directory, migrated, for as long as a bench needs it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseAddress } from "#kernel/db";
import { startEmbeddedPostgres } from "#kernel/embedded-postgres";
import { migrate, readMigrations } from "#kernel/migrate";

/** Runs `work` with the owner's address and the process id of the server, which commits durably; removes everything after. */
export async function onFreshDatabase(
  work: (owner: DatabaseAddress, postmaster: number) => Promise<void>,
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "lockgate-bench-"));
  const server = await startEmbeddedPostgres({ dataDir });
  try {
    const owner = { host: server.host, port: server.port, user: server.superuser, database: "postgres" };
    await migrate(owner, await readMigrations(join(import.meta.dirname, "../migrations")));
    await work(owner, server.pid);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
