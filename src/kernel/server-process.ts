// The server's operating-system processes: initdb run to its end, postgres spawned, watched and stopped.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { BoundedLog } from "./bounded-log.ts";
import type { ServerBinaries } from "./embedded-binaries.ts";
import type { ServerIdentity } from "./server-identity.ts";
import { serverError } from "./start-error.ts";

const fastStopMs = 60_000;
const immediateStopMs = 10_000;
const maxDrainMs = 500;
const maxPrintedChars = 8192;

/** A program of the server and under whose name it runs. */
export type ServerCommand = {
  readonly identity: ServerIdentity;
  readonly binaries: ServerBinaries;
  /** Absolute path of the cluster. */
  readonly cluster: string;
};

/** A spawned `postgres`. */
export type ServerProcess = {
  readonly pid: number;
  readonly onExit: Promise<number | null>;
  stop(): Promise<void>;
  /** The end of what it logged; after its exit, including what was still in the pipe. */
  lastLines(): Promise<string>;
};

/** Runs `initdb` and resolves with its exit status (null if it could not run) and the end of what it printed. */
export async function runInitdb(
  command: ServerCommand & { readonly superuser: string; readonly durable: boolean },
): Promise<{ status: number | null; printed: string }> {
  const child = spawnAs(command, command.binaries.initdb, [
    `--pgdata=${command.cluster}`,
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    // The C library's locale only serves what the built-in provider does not; not every macOS has C.UTF-8.
    `--locale=${process.platform === "linux" ? "C.UTF-8" : "C"}`,
    "--encoding=UTF8",
    `--username=${command.superuser}`,
    // Whoever reaches the socket is let in: its directory is open to our user alone.
    "--auth=trust",
    "--no-instructions",
    ...(command.durable ? [] : ["--no-sync"]),
  ]);
  let printed = "";
  const print = (text: string) => {
    printed = (printed + text).slice(-maxPrintedChars);
  };
  child.stdout?.setEncoding("utf8").on("data", print);
  child.stderr?.setEncoding("utf8").on("data", print);
  const status = await new Promise<number | null>((resolve) => {
    child.once("error", (thrown) => {
      print(String(thrown));
      resolve(null);
    });
    child.once("close", resolve);
  });
  return { status, printed };
}

/**
 * Spawns `postgres` itself, not pg_ctl: its exit is then ours to see. It leads a session of its own, so that Ctrl-C in
 * the terminal reaches Lockgate alone, which stops it in order; if this process ends without having done so, it is told
 * to shut down at the last moment.
 */
export function spawnServer(
  command: ServerCommand & { readonly settings: readonly string[]; readonly log: BoundedLog },
): ServerProcess {
  const { log } = command;
  const child = spawnAs(command, command.binaries.postgres, ["-D", command.cluster, ...command.settings]);
  child.stdout?.on("data", log.append);
  child.stderr?.on("data", log.append);
  const onExit = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
    child.once("error", (thrown) => {
      log.append(Buffer.from(`${thrown}\n`));
      resolve(null);
    });
  });
  const onClose = new Promise((resolve) => child.once("close", resolve));
  if (child.pid === undefined) throw serverError("postgres could not be run", command.cluster);
  let stopping: Promise<void> | undefined;
  return {
    pid: child.pid,
    onExit,
    stop: () => {
      stopping ??= stopChild(child, onExit);
      return stopping;
    },
    lastLines: async () => {
      // A backend that outlives the postmaster holds the pipe open: do not wait for it.
      if (child.exitCode !== null || child.signalCode !== null) await Promise.race([onClose, pause(maxDrainMs)]);
      return log.tail();
    },
  };
}

// Fast, then immediate (the next start recovers from the log), then kill.
async function stopChild(child: ChildProcess, onExit: Promise<unknown>): Promise<void> {
  child.kill("SIGINT");
  const immediate = setTimeout(() => child.kill("SIGQUIT"), fastStopMs);
  const kill = setTimeout(() => child.kill("SIGKILL"), fastStopMs + immediateStopMs);
  await onExit;
  clearTimeout(immediate);
  clearTimeout(kill);
}

function spawnAs(command: ServerCommand, program: string, args: readonly string[]): ChildProcess {
  const { identity, binaries } = command;
  const [file, ...rest] = [...identity.prefix, program, ...args] as [string, ...string[]];
  const options: SpawnOptions = {
    // Nothing of our environment: it may hold secrets, and PG* and LC_* variables would change what the server does.
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", ...binaries.env },
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(identity.user ?? {}),
  };
  const child = spawn(file, rest, options);
  const lastMoment = () => child.kill("SIGINT");
  process.once("exit", lastMoment);
  child.once("exit", () => process.off("exit", lastMoment));
  return child;
}
