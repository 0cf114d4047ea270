// Migrations: forward only, one starter at a time, no foreign history.

import pg from "pg";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { newId } from "#kernel/ids";
import { type Migration, migrate, readMigrations } from "#kernel/migrate";

const migration = (version: number, sql: string): Migration => ({
  version,
  name: "made",
  sql,
  checksum: `${version}:${sql}`,
});

describe("migrating", () => {
  const { host, port, superuser } = inject("postgres");
  let database: string;
  const address = () => ({ host, port, user: superuser, database });
  const administer = async (sql: string) => {
    const admin = new pg.Client({ host, port, user: superuser, database: "postgres" });
    await admin.connect();
    await admin.query(sql).finally(() => admin.end());
  };
  beforeEach(async () => {
    database = `migrating_${newId().replaceAll("-", "")}`;
    await administer(`create database ${database}`);
  });
  afterEach(() => administer(`drop database ${database} with (force)`));

  test("applies the project's migrations once, under the owner's role", async () => {
    const migrations = await readMigrations("migrations");
    expect(await migrate(address(), migrations)).toEqual(migrations.map((one) => one.version));
    expect(await migrate(address(), migrations)).toEqual([]);
    const client = new pg.Client(address());
    await client.connect();
    const { rows } = await client.query(
      "select distinct tableowner from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    await client.end();
    expect(rows).toEqual([{ tableowner: "lockgate_owner" }]);
  });

  test("lets several starters at once apply each migration once", async () => {
    const migrations = [migration(1, "create schema once"), migration(2, "create table once.a (id integer)")];
    const applied = await Promise.all(Array.from({ length: 6 }, () => migrate(address(), migrations)));
    expect(applied.flat()).toEqual([1, 2]);
  });

  test("refuses a database that a newer version has migrated", async () => {
    await migrate(address(), [migration(1, "create schema a"), migration(2, "create schema b")]);
    await expect(migrate(address(), [migration(1, "create schema a")])).rejects.toMatchObject({
      code: "MIGRATION_NEWER_SCHEMA",
    });
  });

  test("refuses an applied migration that has been edited", async () => {
    await migrate(address(), [migration(1, "create schema a")]);
    await expect(migrate(address(), [migration(1, "create schema other")])).rejects.toMatchObject({
      code: "MIGRATION_CHANGED",
    });
  });

  test("keeps nothing of a migration that fails", async () => {
    const failing = [migration(1, "create schema a; select 1/0")];
    await expect(migrate(address(), failing)).rejects.toThrow();
    expect(await migrate(address(), [migration(1, "create schema a")])).toEqual([1]);
  });
});
