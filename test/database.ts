// A database of its own for a test file, copied from the migrated template.

import pg from "pg";
import { inject } from "vitest";
import { type DatabaseAddress, type Db, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { testVault } from "./vault.ts";

/** A migrated database; `db` has the rights of the running platform and no more. */
export type TestDatabase = {
  readonly db: Db;
  /** Address with the given role's rights. */
  as(role: "lockgate_app" | "lockgate_owner" | "lockgate_auditor" | "superuser"): DatabaseAddress;
  drop(): Promise<void>;
};

/** A server that holds the migrated template. */
export type TestServer = { readonly host: string; readonly port: number; readonly superuser: string };

export async function testDatabase(server: TestServer = inject("postgres")): Promise<TestDatabase> {
  const { host, port, superuser } = server;
  const database = `test_${newId().replaceAll("-", "")}`;
  const administer = async (sql: string): Promise<void> => {
    const admin = new pg.Client({ host, port, user: superuser, database: "postgres" });
    await admin.connect();
    await admin.query(sql).finally(() => admin.end());
  };
  await administer(`create database ${database} template lockgate_template`);
  const as: TestDatabase["as"] = (role) => ({ host, port, database, user: role === "superuser" ? superuser : role });
  const db = openDatabase(as("lockgate_app"), 10, testVault);
  return {
    db,
    as,
    async drop() {
      await db.close();
      await administer(`drop database if exists ${database} with (force)`);
    },
  };
}
