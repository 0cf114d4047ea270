// An external PostgreSQL for contract tests, from the binaries of the operating system where they are installed.

import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestServer } from "./database.ts";
import { createTemplate } from "./template.ts";
import { until } from "./until.ts";

const INSTALLED = "/usr/lib/postgresql";
/** The user that PostgreSQL runs as where the tests run as root. */
const NOBODY = 65_534;

/** Directory of the newest installed server's programs; undefined where there is none. `apt-get install postgresql` brings one. */
export function installedPostgres(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const versions = readdirSync(INSTALLED).filter((version) => existsSync(join(INSTALLED, version, "bin", "initdb")));
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest && join(INSTALLED, newest, "bin");
}

/** Starts a server on a fresh cluster with the migrated template. */
export async function startExternalPostgres(programs: string): Promise<TestServer & { stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), "lockgate-external-"));
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const cluster = join(directory, "cluster");
  mkdirSync(cluster);
  if (isRoot) for (const path of [directory, cluster]) chownSync(path, NOBODY, NOBODY);
  execFileSync(
    join(programs, "initdb"),
    ["-D", cluster, "-U", "external", "--auth=trust", "-E", "UTF8", "--locale=C"],
    { ...identity, stdio: "ignore" },
  );
  const child = spawn(
    join(programs, "postgres"),
    ["-D", cluster, "-c", "listen_addresses=", "-k", directory, "-c", "fsync=off"],
    { ...identity, stdio: "ignore" },
  );
  const server = { host: directory, port: 5432, superuser: "external" };
  await until(() => canConnect(server));
  await createTemplate(server);
  return {
    ...server,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function canConnect({ host, port, superuser }: TestServer): Promise<boolean> {
  const client = new pg.Client({ host, port, user: superuser, database: "postgres" });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
