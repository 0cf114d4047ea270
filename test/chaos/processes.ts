// Lockgate and the NAV double as processes of their own, that can be killed; each test ends what it started, by its id.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "../until.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const nodeFlags = ["--disable-warning=ExperimentalWarning"];

/** A process and what it has printed. */
export type Running = {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Lines of standard output and of standard error, in order. */
  readonly lines: string[];
  readonly errors: string[];
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Resolves with the first line that matches, or undefined when the process ends without one. */
  line(pattern: RegExp): Promise<string | undefined>;
};

/** Runs a script of the project on this Node. */
export function run(script: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [...nodeFlags, join(root, script), ...args], {
    cwd: root,
    stdio: ["pipe", "pipe", "pipe"],
    // The demo's hospital is silent unless a test has it talk.
    env: { ...withoutLockgate(process.env), LOCKGATE_DEMO_MESSAGE_EVERY_MS: "0", ...environment },
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const watchers = new Set<(line: string) => void>();
  createInterface(child.stdout!).on("line", (line) => {
    lines.push(line);
    for (const watch of watchers) watch(line);
  });
  createInterface(child.stderr!).on("line", (line) => void errors.push(line));
  child.stdin!.on("error", () => undefined); // written to after its end
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (status, signal) => resolve(status ?? signal ?? 1));
  });
  return {
    child,
    pid: child.pid!,
    lines,
    errors,
    ended,
    line: (pattern) =>
      new Promise((resolve) => {
        const past = lines.find((line) => pattern.test(line));
        if (past !== undefined) return resolve(past);
        watchers.add((line) => {
          if (pattern.test(line)) resolve(line);
        });
        void ended.then(() => resolve(undefined));
      }),
  };
}

const withoutLockgate = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("LOCKGATE_")));

/** Whether a process of that id runs; one that is dead and not yet reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return process.platform !== "linux";
  }
}

/** The PostgreSQL server that runs, or ran, on a data directory. */
export function postmasterOf(dataDir: string): number | undefined {
  const path = join(dataDir, "postgres", "postmaster.pid");
  return existsSync(path) ? Number.parseInt(readFileSync(path, "latin1"), 10) : undefined;
}

/** The double that a demo site started for itself, by the process that started it. */
export function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path) ? readFileSync(path, "latin1").trim().split(" ").filter(Boolean).map(Number) : [];
}

export function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined || !isAlive(pid)) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in this very moment.
  }
}

/** Ends processes whatever state they are in, then removes the data directory with the server that may run on it. */
export async function endAll(dataDir: string, processes: readonly Running[]): Promise<void> {
  for (const { pid } of processes) kill(pid, "SIGTERM");
  const all = Promise.all(processes.map(({ ended }) => ended));
  const late = setTimeout(() => {
    for (const { pid } of processes) kill(pid, "SIGKILL");
  }, 15_000);
  await all;
  clearTimeout(late);
  const server = postmasterOf(dataDir);
  kill(server, "SIGQUIT");
  await until(() => server === undefined || !isAlive(server), 15_000);
  await rm(dataDir, { recursive: true, force: true });
}
