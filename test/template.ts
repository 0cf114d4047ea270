// The migrated database that every test database is copied from.

import pg from "pg";
import { migrate, readMigrations } from "#kernel/migrate";
import type { TestServer } from "./database.ts";

/** Creates the template on a server. */
export async function createTemplate({ host, port, superuser }: TestServer): Promise<void> {
  const address = { host, port, user: superuser };
  const admin = new pg.Client({ ...address, database: "postgres" });
  await admin.connect();
  await admin.query("create database lockgate_template");
  await admin.end();
  await migrate({ ...address, database: "lockgate_template" }, await readMigrations("migrations"));
}
