// Starting and stopping as an operator sees it: one clear line when it cannot be, nothing left behind, and data kept.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mllpClient } from "#connectors/mllp";
import { readAcknowledgement } from "#formats/hl7v2";
import { configSchema } from "../../src/app/config.ts";
import { readRunning } from "../../src/app/installation.ts";
import { accessTokenOf } from "../../src/app/signed-in.ts";
import { adt } from "../journeys/adt.ts";
import { freePortBase, operatorDesk } from "../journeys/platform-rig.ts";
import { until } from "../until.ts";
import { childrenOf, endAll, isAlive, kill, postmasterOf, type Running, run } from "./processes.ts";

let dataDir: string;
let portBase: number;
const processes: Running[] = [];

const environment = (directory = dataDir) => ({ LOCKGATE_DATA: directory, LOCKGATE_PORT_BASE: String(portBase) });

function start(directory?: string): Running {
  const started = run("src/app/main.ts", ["start"], environment(directory));
  processes.push(started);
  return started;
}

async function startReady(): Promise<Running> {
  const started = start();
  expect(await started.line(/Lockgate is ready/), started.errors.join("\n")).toBeDefined();
  return started;
}

/** Asserts that a start refuses with that one line and leaves no process behind. */
async function refuses(started: Running, line: RegExp): Promise<void> {
  const ended = await started.ended;
  expect(started.errors).toHaveLength(1);
  expect(started.errors[0]).toMatch(line);
  expect(ended).toBe(1);
}

/** As a command of the demo asks: in the name of its operator, who is signed in without more ado. */
const headersOf = async (): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await accessTokenOf(configSchema.parse({ dataDir, portBase }), undefined)}`,
  "purpose-of-use": "administration",
});

const server = () => {
  const pid = postmasterOf(dataDir);
  return pid !== undefined && isAlive(pid) ? pid : undefined;
};

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "lockgate-start-"));
  portBase = await freePortBase();
});
afterEach(async () => {
  for (const { pid } of processes) kill(pid, "SIGTERM");
  await Promise.all(processes.splice(0).map(({ ended }) => ended));
});
afterAll(() => endAll(dataDir, processes));

it("stops at Ctrl-C with status 0 and leaves no process and no port behind", async () => {
  const lockgate = await startReady();
  const all = [lockgate.pid, server()!, ...childrenOf(lockgate.pid)];
  expect(all.every(isAlive)).toBe(true);
  kill(lockgate.pid, "SIGINT");
  expect(await lockgate.ended).toBe(0);
  expect(lockgate.errors).toEqual([]);
  await until(() => !all.some(isAlive));
  expect(readRunning(dataDir)).toBeUndefined();
});

it("refuses a second start on the same data directory in one line, and the first goes on", async () => {
  const first = await startReady();
  await refuses(start(), /^START_DATA_IN_USE: /);
  expect(isAlive(first.pid)).toBe(true);
  const desk = operatorDesk(`http://127.0.0.1:${portBase}`, { headersOf });
  expect(await desk.deadLetters()).toEqual([]);
});

it.each([
  ["HTTP", 0],
  ["MLLP", 1],
  ["the ERP double's OData", 2],
  ["the ERP double's SOAP", 3],
  ["the PDS double", 4],
  ["the identity provider's double", 5],
  ["the stores' MLLP", 6],
])(
  "refuses to start where %s finds its port taken, names it in one line and leaves nothing running",
  async (_, offset) => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen({ host: "127.0.0.1", port: portBase + offset }, resolve));
    try {
      const lockgate = start();
      const seen = new Set<number>();
      const look = setInterval(() => {
        for (const pid of [...childrenOf(lockgate.pid), server()]) if (pid) seen.add(pid);
      }, 20);
      await refuses(lockgate, new RegExp(`^START_PORT_TAKEN: .*127\\.0\\.0\\.1:${portBase + offset}\\b`)).finally(() =>
        clearInterval(look),
      );
      expect(seen.size).toBeGreaterThan(0);
      await until(() => ![...seen].some(isAlive));
      expect(server()).toBeUndefined();
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  },
);

it("keeps what it acknowledged over a kill, and ends the PostgreSQL that the kill left over", async () => {
  const killed = await startReady();
  const client = mllpClient({
    host: "127.0.0.1",
    port: portBase + 1,
    connections: 1,
    connectTimeoutMs: 2_000,
    ackTimeoutMs: 5_000,
    maxFrameBytes: 100_000,
  });
  const message = adt({ event: "A28", controlId: "KEEP1", at: Date.now() - 60_000, person: { mrn: "KEEP1" } });
  expect(readAcknowledgement(await client.send(message)).code).toBe("AA");
  const orphan = server()!;
  kill(killed.pid, "SIGKILL");
  await killed.ended;
  await client.close();
  expect(isAlive(orphan)).toBe(true);

  await startReady();
  expect(isAlive(orphan)).toBe(false);
  const desk = operatorDesk(`http://127.0.0.1:${portBase}`, { headersOf });
  expect((await desk.settled("KEEP1")).state).toBe("complete");
});

it("refuses a database that a newer Lockgate has migrated, in one line", async () => {
  const lockgate = await startReady();
  const { database } = readRunning(dataDir)!;
  const owner = new pg.Client({ ...database, user: "lockgate_super" });
  await owner.connect();
  await owner.query("insert into migration.applied (version, name, checksum) values (9999, 'tomorrow', '')");
  await owner.end();
  kill(lockgate.pid, "SIGTERM");
  await lockgate.ended;
  await refuses(start(), /^MIGRATION_NEWER_SCHEMA: /);
  expect(server()).toBeUndefined();
});

/** A file system of 24 MB, where this user may make one. */
function smallDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "lockgate-disk-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m,mode=0755", "tmpfs", directory]).status === 0)
    return directory;
  rmSync(directory, { recursive: true });
  return undefined;
}

describe.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)(
  "on a disk that is too small (needs root)",
  () => {
    it("refuses to start in one line that says so", async ({ skip }) => {
      const disk = smallDisk();
      if (disk === undefined) return skip("no file system may be mounted here");
      try {
        await refuses(start(join(disk, "data")), /^START_DISK_FULL: /);
      } finally {
        spawnSync("umount", ["-l", disk]);
        rmSync(disk, { recursive: true, force: true });
      }
    });
  },
);
