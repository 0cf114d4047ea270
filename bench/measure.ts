// What a run cost: CPU time by process, other people's share of the machine, memory. Linux only: read from /proc.

import { hash } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TICK_MS = 10; // of /proc/<pid>/stat and /proc/stat
const BYTES_PER_MEGABYTE = 1024 * 1024;
const CALIBRATION_MS = 200;
const HASHED = Buffer.alloc(1_024);
const SYNCED = Buffer.alloc(8_192);
const SYNCS = 200;

/** Whose CPU time is told apart. */
export type Watched = {
  /** The platform's Node, or the bench itself where it is the client. */
  readonly node: number;
  readonly postmaster: number;
  /** Processes of the bench whose cost is not the product's. */
  readonly rig: readonly number[];
};

/** CPU time spent up to an instant, in milliseconds. */
export type Usage = {
  readonly atMs: number;
  readonly nodeMs: number;
  readonly postgresMs: number;
  readonly rigMs: number;
  /** By everything on the machine. */
  readonly busyMs: number;
};

type Stat = { readonly parent: number; readonly ownMs: number; readonly endedChildrenMs: number };

function statOf(pid: number): Stat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    return {
      parent: fields[1]!,
      ownMs: (fields[11]! + fields[12]!) * TICK_MS,
      endedChildrenMs: (fields[13]! + fields[14]!) * TICK_MS,
    };
  } catch {
    return undefined; // it has ended
  }
}

/** The server's processes that live now, the postmaster first. */
function serverPids(postmaster: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return [postmaster, ...pids.map(Number).filter((pid) => statOf(pid)?.parent === postmaster)];
}

/** User, nice, system, irq, softirq and steal of all cores together. */
function busyMs(): number {
  const [, ...fields] = readFileSync("/proc/stat", "latin1").split("\n", 1)[0]!.trim().split(/\s+/);
  const [user, nice, system, , , irq, softirq, steal] = fields.map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) * TICK_MS;
}

/** Reads the CPU time spent so far. */
export function usage(watched: Watched): Usage {
  const server = serverPids(watched.postmaster);
  return {
    atMs: performance.now(),
    nodeMs: statOf(watched.node)?.ownMs ?? 0,
    postgresMs:
      server.reduce((sum, pid) => sum + (statOf(pid)?.ownMs ?? 0), 0) +
      (statOf(watched.postmaster)?.endedChildrenMs ?? 0),
    rigMs: watched.rig.reduce((sum, pid) => sum + (statOf(pid)?.ownMs ?? 0), 0),
    busyMs: busyMs(),
  };
}

/** CPU time of one process so far, in milliseconds. */
export const cpuMsOf = (pid: number): number => statOf(pid)?.ownMs ?? 0;

/** For how long the main thread of a process has been ready to run and found no core free, in milliseconds. */
export function waitedMsOf(pid: number): number {
  const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ");
  return Number(waitedNs) / 1_000_000;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** CPU milliseconds a message between two readings. */
export function cpuMsPerMessage(before: Usage, after: Usage, messages: number) {
  const node = (after.nodeMs - before.nodeMs) / messages;
  const postgres = (after.postgresMs - before.postgresMs) / messages;
  return { node: rounded(node, 4), postgres: rounded(postgres, 4), total: rounded(node + postgres, 4) };
}

/** Cores that neither the product nor the bench used, time stolen from the machine included. */
export function othersCores(before: Usage, after: Usage): number {
  const known = (at: Usage) => at.nodeMs + at.postgresMs + at.rigMs;
  const others = after.busyMs - before.busyMs - (known(after) - known(before));
  return rounded(Math.max(0, others / (after.atMs - before.atMs)), 2);
}

/** Memory in megabytes: resident, and proportional where pages are shared (PostgreSQL's buffers are counted once). */
export type Memory = { readonly nodeRss: number; readonly nodePss: number; readonly postgresPss: number };

function megabytes(pid: number, file: "smaps_rollup" | "status", name: string): number {
  try {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "latin1"));
    return (Number(kilobytes?.[1] ?? 0) * 1024) / BYTES_PER_MEGABYTE;
  } catch {
    return 0; // it has ended
  }
}

const rollup = (pid: number, name: "Rss" | "Pss"): number => megabytes(pid, "smaps_rollup", name);

/** The most megabytes that a process has held resident so far; to read it costs the process nothing, unlike `memory`. */
export const peakRss = (pid: number): number => Math.round(megabytes(pid, "status", "VmHWM"));

/** Reads the memory in use now. */
export function memory({ node, postmaster }: Pick<Watched, "node" | "postmaster">): Memory {
  return {
    nodeRss: Math.round(rollup(node, "Rss")),
    nodePss: Math.round(rollup(node, "Pss")),
    postgresPss: Math.round(serverPids(postmaster).reduce((sum, pid) => sum + rollup(pid, "Pss"), 0)),
  };
}

/** How fast the machine is now: SHA-256 digests of a kilobyte in a millisecond of CPU time. Takes a fifth of a second. */
export function hashesPerMs(): number {
  const before = process.cpuUsage();
  const till = performance.now() + CALIBRATION_MS;
  let hashes = 0;
  for (; performance.now() < till; hashes += 1) hash("sha256", HASHED);
  const { user, system } = process.cpuUsage(before);
  return rounded((hashes * 1_000) / (user + system), 0);
}

/** How long the disk takes now to keep what is written, in milliseconds: no answer to a durable write comes sooner. */
export function syncMs(): { readonly p50: number; readonly p99: number } {
  const path = join(tmpdir(), `lockgate-sync-${process.pid}`);
  const file = openSync(path, "w");
  const took = Array.from({ length: SYNCS }, () => {
    const beganAt = performance.now();
    writeSync(file, SYNCED);
    fdatasyncSync(file);
    return performance.now() - beganAt;
  }).sort((a, b) => a - b);
  closeSync(file);
  rmSync(path);
  return { p50: rounded(took[SYNCS / 2]!, 1), p99: rounded(took[Math.floor(SYNCS * 0.99)]!, 1) };
}

/** Prints a result as one line of JSON. */
export function report(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
