// Starts one PostgreSQL for the whole run and migrates a template that every test file copies.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "#kernel/embedded-postgres";
import { migrate, readMigrations } from "#kernel/migrate";

declare module "vitest" {
  export interface ProvidedContext {
    postgres: { host: string; port: number; superuser: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "lockgate-test-"));
  const server = await startEmbeddedPostgres({ dataDir, durable: false });
  const address = { host: server.host, port: server.port, user: server.superuser };
  const admin = new pg.Client({ ...address, database: "postgres" });
  await admin.connect();
  await admin.query("create database lockgate_template");
  await admin.end();
  await migrate({ ...address, database: "lockgate_template" }, await readMigrations("migrations"));
  project.provide("postgres", { host: server.host, port: server.port, superuser: server.superuser });
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
