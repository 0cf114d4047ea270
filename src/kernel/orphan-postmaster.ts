// Ends what an earlier Lockgate that was killed left behind of its PostgreSQL, and clears stale lock files.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LockgateError } from "./errors.ts";
import { answers } from "./instance-lock.ts";

const pollMs = 10;
/** How long each signal may take before the next harder one: fast, immediate, kill. */
const patience: readonly (readonly [NodeJS.Signals, number])[] = [
  ["SIGINT", 10_000],
  ["SIGQUIT", 5_000],
  ["SIGKILL", 5_000],
];

/**
 * Leaves the cluster without a server, so that a new one can start. The caller MUST hold the instance lock: a server
 * found here has lost its Lockgate. A `postmaster.pid` that names a dead or a foreign process is only removed. Throws
 * `START_DATA_IN_USE` if a server answers on `socketPath` that is no process of ours to end.
 */
export async function endOrphans(cluster: string, socketPath: string): Promise<{ ended: number }> {
  const named = postmasterPid(cluster);
  const orphans = named !== undefined && servesCluster(named, cluster) ? [named] : [];
  await endAll(orphans, cluster, patience);
  // Backends outlive a killed postmaster until their current statement ends, and hold the cluster's shared memory.
  const stragglers = backendsOf(cluster);
  await endAll(stragglers, cluster, patience.slice(-1));
  if (await answers(socketPath)) throw new LockgateError("START_DATA_IN_USE", { at: cluster });
  for (const stale of [join(cluster, "postmaster.pid"), `${socketPath}.lock`, socketPath])
    rmSync(stale, { force: true });
  return { ended: orphans.length + stragglers.length };
}

function postmasterPid(cluster: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(cluster, "postmaster.pid"), "latin1"), 10);
    return pid > 1 && pid !== process.pid ? pid : undefined;
  } catch {
    return undefined;
  }
}

// A server process works inside its cluster's directory, which tells it from whoever was given its number since. A dead
// but unreaped process has no such directory and counts as gone.
function servesCluster(pid: number, cluster: string): boolean {
  if (process.platform !== "linux") {
    const line = spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout;
    return line.includes("postgres") && line.includes(cluster);
  }
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === cluster && readFileSync(`/proc/${pid}/comm`, "latin1").trim() === "postgres"
    );
  } catch {
    return false;
  }
}

function backendsOf(cluster: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => servesCluster(pid, cluster));
}

async function endAll(pids: readonly number[], cluster: string, signals: typeof patience): Promise<void> {
  let left = pids;
  for (const [signal, waitMs] of signals) {
    for (const pid of left) send(pid, signal);
    const till = performance.now() + waitMs;
    while (left.length > 0 && performance.now() < till) {
      left = left.filter((pid) => servesCluster(pid, cluster));
      if (left.length > 0) await pause(pollMs);
    }
  }
  if (left.length > 0) throw new LockgateError("START_DATA_IN_USE", { at: cluster });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}
