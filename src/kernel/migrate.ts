// Migrations: numbered SQL files, forward only, run under the owner's role by one starter at a time.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { DatabaseAddress } from "./db.ts";
import { LockgateError } from "./errors.ts";

/** One migration file: its number, its name and its SQL. */
export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
};

const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/;
const ROLES = ["lockgate_owner", "lockgate_app", "lockgate_auditor"] as const;
/** Session lock that lets one starter migrate while others wait; any number no one else uses. */
const MIGRATION_LOCK = 4_702_394_921_427_289_928n;

/** Reads the migrations of a directory in order. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => FILE.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const [, version, title] = FILE.exec(name)!;
      const sql = await readFile(join(directory, name), "utf8");
      return { version: Number(version), name: title!, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

function unlessAlreadyThere(thrown: unknown): void {
  const state = (thrown as { code?: string }).code;
  if (state !== "42710" && state !== "23505") throw thrown;
}

/** Creates the roles that are missing; the login must be a superuser or hold CREATEROLE. */
async function ensureRoles(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>("select rolname from pg_roles where rolname = any($1)", [
    ROLES,
  ]);
  const present = new Set(rows.map((row) => row.rolname));
  for (const role of ROLES) {
    // Another database of the cluster may be creating the same role at this moment.
    if (!present.has(role)) await client.query(`create role ${role} login`).catch(unlessAlreadyThere);
  }
  if (present.size < ROLES.length) await client.query(`grant ${ROLES.join(", ")} to current_user`);
  const database = pg.escapeIdentifier(client.database ?? "");
  await client.query(`grant create, connect on database ${database} to lockgate_owner`);
  await client.query(`grant connect on database ${database} to lockgate_app, lockgate_auditor`);
}

async function appliedMigrations(client: pg.Client): Promise<Map<number, string>> {
  await client.query(`
    create schema if not exists migration;
    create table if not exists migration.applied (
      version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now());
    grant usage on schema migration to lockgate_app, lockgate_auditor;
    grant select on migration.applied to lockgate_app, lockgate_auditor`);
  const { rows } = await client.query<{ version: number; checksum: string }>(
    "select version, checksum from migration.applied",
  );
  return new Map(rows.map((row) => [row.version, row.checksum]));
}

function refuseForeignHistory(migrations: readonly Migration[], applied: ReadonlyMap<number, string>): void {
  const newest = migrations.at(-1)?.version ?? 0;
  for (const [version, checksum] of applied) {
    if (version > newest)
      throw new LockgateError("MIGRATION_NEWER_SCHEMA", { at: `schema ${version}, binary ${newest}` });
    const known = migrations.find((migration) => migration.version === version);
    if (known?.checksum !== checksum) throw new LockgateError("MIGRATION_CHANGED", { at: `migration ${version}` });
  }
}

/**
 * Brings the database to the newest migration. Safe to run from several starters at once.
 * @param address a login that may create roles, or one that is already a member of `lockgate_owner`
 * @returns the versions applied now
 * @throws MIGRATION_NEWER_SCHEMA, MIGRATION_CHANGED, DATABASE_TOO_OLD
 */
export async function migrate(address: DatabaseAddress, migrations: readonly Migration[]): Promise<number[]> {
  const client = new pg.Client({ ...address, application_name: "lockgate migrate" });
  await client.connect().catch((cause: unknown) => {
    throw new LockgateError("DATABASE_UNAVAILABLE", { cause });
  });
  try {
    const { rows } = await client.query<{ version: string }>("select current_setting('server_version_num') as version");
    if (Number(rows[0]!.version) < 150_000) throw new LockgateError("DATABASE_TOO_OLD");
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK.toString()]);
    await ensureRoles(client);
    await client.query("set role lockgate_owner");
    const applied = await appliedMigrations(client);
    refuseForeignHistory(migrations, applied);
    const due = migrations.filter((migration) => !applied.has(migration.version));
    for (const migration of due) await apply(client, migration);
    return due.map((migration) => migration.version);
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.sql);
    await client.query("insert into migration.applied (version, name, checksum) values ($1, $2, $3)", [
      migration.version,
      migration.name,
      migration.checksum,
    ]);
    await client.query("commit");
  } catch (thrown) {
    await client.query("rollback");
    throw thrown;
  }
}
