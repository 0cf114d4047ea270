// Stand-ins of the demo site as processes: started with the platform, and ended by it, or with it where it is killed.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { LockgateError } from "#kernel/errors";
import type { Config } from "./config.ts";

/**
 * Starts a double and waits until it says that it is ready.
 * @param args the first names a port, the second says which
 * @throws START_PORT_TAKEN
 */
export async function spawnReady(
  root: string,
  name: "nav" | "pds" | "idp" | "pas",
  args: readonly string[],
  config: Config,
): Promise<ChildProcess> {
  const data = ["--data", join(config.dataDir, `${name}-double`), "--with-parent"];
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(root, `doubles/${name}/main.ts`), ...args, ...data],
    {
      stdio: ["pipe", "pipe", "ignore"],
      // Ctrl-C is the platform's to hear; it ends the double last.
      detached: true,
    },
  );
  if (await saysReady(child)) return child;
  throw new LockgateError("START_PORT_TAKEN", {
    at: `127.0.0.1:${args[1]}`,
    reason: `the ${name} double did not start`,
  });
}

function saysReady(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).once("line", () => resolve(true));
    child.once("exit", () => resolve(false));
  });
}

/** Asks a double to end, and waits until it has. */
export function endProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
