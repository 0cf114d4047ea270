// The embedded PostgreSQL: starts, keeps its data, survives kills, refuses what it must, and says nothing of the data.

import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#kernel/embedded-postgres";
import { openDataDirectory, openRunDirectory } from "#kernel/run-directory";

const isRoot = process.getuid?.() === 0;
const left: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const undo of left.splice(0).reverse()) await undo();
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "lockgate-pg-"));
  left.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

let template = "";
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), "lockgate-pg-"));
  await (await startEmbeddedPostgres({ dataDir: template, durable: false })).stop();
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A data directory in which a server has run before. */
function usedDirectory(): string {
  const path = directory();
  cpSync(join(template, "postgres"), join(path, "postgres"), { recursive: true });
  chmodSync(join(path, "postgres"), 0o700);
  return path;
}

async function started(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, durable: false });
  left.push(() => server.stop());
  return server;
}

async function query(server: Pick<EmbeddedPostgres, "host" | "port" | "superuser">, sql: string): Promise<unknown[]> {
  const client = new Client({ host: server.host, port: server.port, user: server.superuser, database: "postgres" });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("startEmbeddedPostgres", () => {
  test("creates a durable cluster on the first start and keeps its data over a restart", async () => {
    const dataDir = join(directory(), "data");
    const steps: string[] = [];
    const first = await startEmbeddedPostgres({ dataDir, onProgress: (step) => steps.push(step) });
    left.push(() => first.stop());
    await query(first, "create table kept as select 7 as n");
    const shown = ["fsync", "synchronous_commit", "full_page_writes", "listen_addresses", "server_encoding"];
    const values = await Promise.all(shown.map((name) => query(first, `show ${name}`)));
    expect(values.flat()).toEqual(["on", "on", "on", "", "UTF8"]);
    await first.stop();
    expect(await first.onExit).toBe(0);
    expect(runs(first.pid)).toBe(false);

    const second = await startEmbeddedPostgres({ dataDir, onProgress: (step) => steps.push(step) });
    left.push(() => second.stop());
    expect(await query(second, "select n from kept")).toEqual([7]);
    expect(steps).toEqual(["creating the database", "starting PostgreSQL", "starting PostgreSQL"]);
  });

  test("lets nobody else reach the socket or read the cluster", async () => {
    const dataDir = usedDirectory();
    const server = await started(dataDir);
    for (const path of [server.host, join(dataDir, "postgres"), join(dataDir, "log")]) {
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
    }
  });

  test("starts again after its postmaster was killed while a backend was busy", async () => {
    const dataDir = usedDirectory();
    const first = await startEmbeddedPostgres({ dataDir });
    left.push(() => first.stop());
    await query(first, "create table kept as select 7 as n");
    const busy = query(first, "select pg_sleep(3600)").catch(() => "cut");
    const sleepers = "select count(*)::int from pg_stat_activity where wait_event = 'PgSleep'";
    while ((await query(first, sleepers))[0] !== 1);
    process.kill(first.pid, "SIGKILL");
    expect(await first.onExit).toBeNull();
    const second = await started(dataDir);
    expect(await query(second, "select n from kept")).toEqual([7]);
    expect(await busy).toBe("cut");
  });

  test("ends the server that a killed Lockgate left running, and starts anew", async () => {
    const dataDir = usedDirectory();
    const parent = spawn(process.execPath, [join(import.meta.dirname, "child-lockgate.ts"), dataDir, "serve"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    left.push(() => void parent.kill("SIGKILL"));
    const line = await createInterface({ input: parent.stdout })[Symbol.asyncIterator]().next();
    const orphan: number = JSON.parse(line.value ?? "{}").pid;
    const exit = new Promise((resolve) => parent.once("exit", resolve));
    parent.kill("SIGKILL");
    await exit;
    expect(runs(orphan)).toBe(true);
    const steps: string[] = [];
    const server = await startEmbeddedPostgres({ dataDir, durable: false, onProgress: (step) => steps.push(step) });
    left.push(() => server.stop());
    expect(steps).toEqual(["ended a PostgreSQL left over from a killed Lockgate", "starting PostgreSQL"]);
    expect(server.pid).not.toBe(orphan);
    expect(await query(server, "select 1")).toEqual([1]);
  });

  test("is told to shut down when its Lockgate ends without stopping it", async () => {
    const dataDir = usedDirectory();
    const script = `
      import { startEmbeddedPostgres } from "#kernel/embedded-postgres";
      console.log((await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false })).pid);
      process.exit(3);`;
    const ended = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: join(import.meta.dirname, "..", ".."),
      encoding: "utf8",
    });
    expect(ended.status).toBe(3);
    const pidFile = join(dataDir, "postgres", "postmaster.pid");
    while (statSync(pidFile, { throwIfNoEntry: false }) !== undefined);
    expect(readFileSync(join(dataDir, "log", "postgres.log"), "utf8")).toContain("ready to accept connections");
  });

  test.each([
    ["a process that is gone", () => spawnSync("true").pid],
    ["a process that is not PostgreSQL", () => process.ppid],
  ])("starts over a postmaster.pid that names %s", async (_, pid) => {
    const dataDir = usedDirectory();
    const first = await started(dataDir);
    await first.stop();
    for (const file of [join(dataDir, "postgres", "postmaster.pid"), join(first.host, ".s.PGSQL.5432.lock")]) {
      writeFileSync(file, `${pid()}\n${join(dataDir, "postgres")}\n1\n5432\n${first.host}\n\n`, { mode: 0o600 });
    }
    const second = await started(dataDir);
    expect(await query(second, "select 1")).toEqual([1]);
  });

  test("starts where the data directory's path is too long for a socket", async () => {
    const dataDir = join(directory(), "d".repeat(60), "e, f".repeat(15));
    const server = await started(dataDir);
    left.push(() => rmSync(openRunDirectory(openDataDirectory(dataDir)), { recursive: true, force: true }));
    expect(server.host.startsWith(dataDir)).toBe(false);
    expect(await query(server, "select 1")).toEqual([1]);
  });

  test("starts where the path holds commas, spaces and quotes", async () => {
    const server = await started(join(directory(), `a, b "c" 'd'`));
    expect(await query(server, "select 1")).toEqual([1]);
  });

  test("resolves onExit when the server dies by itself", async () => {
    const server = await started(usedDirectory());
    process.kill(server.pid, "SIGQUIT");
    expect(await server.onExit).toBe(0);
    await server.stop();
  });

  test("writes neither statements nor values to its log", async () => {
    const dataDir = usedDirectory();
    const server = await started(dataDir);
    for (const sql of [
      "select 'MARKER-4711'::int",
      "select * from marker_4711",
      "do $$ begin raise warning 'MARKER-4711'; end $$",
    ]) {
      await query(server, sql).catch(() => {});
    }
    await query(server, "select pg_terminate_backend(pg_backend_pid()) as marker_4711").catch(() => {});
    await server.stop();
    const log = readFileSync(join(dataDir, "log", "postgres.log"), "utf8");
    expect(log).toContain("database system is shut down");
    expect(log).not.toMatch(/marker/i);
  });

  test("creates the cluster again after its creation was interrupted", async () => {
    const dataDir = directory();
    mkdirSync(join(dataDir, "postgres.new-1"));
    writeFileSync(join(dataDir, "postgres.new-1", "PG_VERSION"), "18\n");
    expect(await query(await started(dataDir), "select 1")).toEqual([1]);
    expect(readdirSync(dataDir).sort()).toEqual(["log", "postgres", "run"]);
  });

  test("leaves a foreign directory in the cluster's place alone", async () => {
    const dataDir = directory();
    mkdirSync(join(dataDir, "postgres"));
    writeFileSync(join(dataDir, "postgres", "thesis.txt"), "kept");
    await expect(started(dataDir)).rejects.toMatchObject({ code: "START_DATA_UNUSABLE" });
    expect(readFileSync(join(dataDir, "postgres", "thesis.txt"), "utf8")).toBe("kept");
  });

  test("tells the last log lines as the cause, not in the message, when the server does not start", async () => {
    const dataDir = usedDirectory();
    const first = await started(dataDir);
    await first.stop();
    writeFileSync(join(dataDir, "postgres", "PG_VERSION"), "17\n");
    const failed = await started(dataDir).catch((thrown: Error) => thrown);
    expect(failed).toMatchObject({
      code: "DATABASE_START_FAILED",
      cause: { message: expect.stringContaining("incompatible") },
    });
    expect((failed as Error).message).not.toContain("FATAL");
  });

  test.skipIf(!isRoot)("tells a full disk from other failures (needs a mount of its own)", async ({ skip }) => {
    const dataDir = directory();
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", dataDir]);
    if (mounted.status !== 0) skip("this system does not let root mount a tmpfs");
    left.push(() => void spawnSync("umount", ["-l", dataDir]));
    await expect(started(dataDir)).rejects.toMatchObject({ code: "START_DISK_FULL" });
    spawnSync("dd", ["if=/dev/zero", `of=${join(dataDir, "full")}`, "bs=1M"]);
    await expect(started(dataDir)).rejects.toMatchObject({ code: "START_DISK_FULL" });
  });

  describe.skipIf(!isRoot || process.platform !== "linux")("as root without user namespaces", () => {
    const path = process.env.PATH;
    const withoutUnshare = (): void => {
      process.env.PATH = "/nowhere";
      left.push(() => {
        process.env.PATH = path;
      });
    };

    test("runs as nobody, and hands the cluster back when namespaces return", async () => {
      const home = directory();
      chmodSync(home, 0o755);
      const dataDir = join(home, "data");
      withoutUnshare();
      const first = await started(dataDir);
      await query(first, "create table kept as select 7 as n");
      expect(statSync(join(dataDir, "postgres")).uid).toBe(65534);
      await first.stop();
      process.env.PATH = path;
      const second = await started(dataDir);
      expect(await query(second, "select n from kept")).toEqual([7]);
      expect(statSync(join(dataDir, "postgres")).uid).toBe(0);
      await second.stop();
      withoutUnshare();
      expect(await query(await started(dataDir), "select n from kept")).toEqual([7]);
    });

    test("says so when nobody cannot reach the data directory", async () => {
      const home = directory();
      chmodSync(home, 0o700);
      withoutUnshare();
      await expect(started(join(home, "data"))).rejects.toMatchObject({ code: "START_DATA_UNUSABLE" });
    });
  });
});
