// How long does `lockgate start` take on an existing data directory, and how much memory does it hold when idle?

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { cpuMsPerMessage, memory, othersCores, report, usage } from "./measure.ts";

const STARTS = 3;
const SETTLE_MS = 5_000;
/** The demo site listens on this many ports from its base on. */
const PORTS = 7;
const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, "127.0.0.1");
  const free = await Promise.race([
    once(server, "listening").then(() => true),
    once(server, "error").then(() => false),
  ]).catch(() => false);
  server.close();
  return free;
};

async function freePortBase(): Promise<number> {
  for (let base = FIRST_PORT; base < LAST_PORT; base += PORTS) {
    const all = await Promise.all(Array.from({ length: PORTS }, (_, offset) => isFree(base + offset)));
    if (all.every(Boolean)) return base;
  }
  throw new Error("no free ports for the demo site");
}

const dataDir = await mkdtemp(join(tmpdir(), "lockgate-bench-"));
const environment = {
  ...process.env,
  LOCKGATE_DATA: dataDir,
  LOCKGATE_PORT_BASE: String(await freePortBase()),
};

/** Starts the demo site as `npx lockgate start` does; resolves when it says that it is ready. */
async function startSite(): Promise<{ child: ChildProcess; seconds: number }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, "../bin/lockgate.mjs"), "start"], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    if (!line.startsWith("Lockgate is ready")) continue;
    child.stdout!.resume();
    return { child, seconds: (performance.now() - startedAt) / 1_000 };
  }
  throw new Error("the demo site did not start");
}

async function stopSite(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "exit");
}

try {
  const first = await startSite();
  await stopSite(first.child);
  report({ bench: "start", case: "first start, the database is created", seconds: Number(first.seconds.toFixed(2)) });
  for (let nth = 1; nth <= STARTS; nth += 1) {
    const { child, seconds } = await startSite();
    const [postmaster] = readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n");
    const watched = { node: child.pid!, postmaster: Number(postmaster), rig: [process.pid] };
    const ready = usage(watched);
    await pause(SETTLE_MS);
    const settled = usage(watched);
    report({
      bench: "start",
      case: "ready on existing data",
      seconds: Number(seconds.toFixed(2)),
      startCpuMs: { node: ready.nodeMs, postgres: ready.postgresMs },
      idleMemoryMb: memory(watched),
      idleCpuMsPerSecond: cpuMsPerMessage(ready, settled, SETTLE_MS / 1_000),
      others: othersCores(ready, settled),
    });
    await stopSite(child);
  }
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
