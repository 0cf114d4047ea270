// Lets one Lockgate at a time work on a data directory, by a listening socket that the system closes when we die.

import { createHash, randomBytes } from "node:crypto";
import { linkSync, renameSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LockgateError } from "./errors.ts";
import { openDataDirectory, openRunDirectory } from "./run-directory.ts";
import { dataDirectoryError } from "./start-error.ts";

/** The right to work on a data directory. It ends with `release` or with the process. */
export type InstanceLock = { release(): Promise<void> };

const retryMs = 10;
const maxTakeoverWaitMs = 5_000;
const maxTakeoverDepth = 3;

/**
 * Takes the data directory for this process, creating it if it is missing. Of any number of starters at the same moment
 * exactly one wins; the others get `START_DATA_IN_USE`. What a dead process left behind is replaced. Throws
 * `START_DISK_FULL` or `START_DATA_UNUSABLE` when the directory cannot be written.
 */
export async function lockInstance(dataDir: string): Promise<InstanceLock> {
  const real = openDataDirectory(dataDir);
  try {
    return process.platform === "win32" ? await lockPipe(real) : await lockSocket(openRunDirectory(real), dataDir);
  } catch (thrown) {
    throw dataDirectoryError(thrown, dataDir);
  }
}

// A named pipe vanishes with its process, so the bind alone decides.
async function lockPipe(real: string): Promise<InstanceLock> {
  const hash = createHash("sha256").update(real.toLowerCase()).digest("hex").slice(0, 32);
  try {
    const server = await listen(`\\\\.\\pipe\\lockgate-${hash}`);
    return { release: () => close(server) };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EADDRINUSE") throw thrown;
    throw new LockgateError("START_DATA_IN_USE", { at: real });
  }
}

// We listen under a name of our own first: whatever carries the public name is then alive or its owner is dead, with no
// moment between bind and listen at which a living owner looks dead.
async function lockSocket(runDir: string, dataDir: string): Promise<InstanceLock> {
  const own = join(runDir, `i${randomBytes(6).toString("hex")}`);
  const name = join(runDir, "instance.sock");
  const server = await listen(own);
  try {
    if (!(await claim(own, name, 0))) throw new LockgateError("START_DATA_IN_USE", { at: dataDir });
  } catch (thrown) {
    await close(server);
    throw thrown;
  } finally {
    rmSync(own, { force: true });
  }
  return {
    release: async () => {
      rmSync(name, { force: true });
      await close(server);
    },
  };
}

/**
 * Puts our listening socket under `name` unless a living process holds it. `link` is atomic and never overwrites, but a
 * dead owner's socket has to be replaced, and two starters that both saw it dead must not replace each other. So the
 * replacing is done only while holding `name.t`, claimed by the same rule; deeper levels serve the starter that died
 * in the middle of a replacement.
 */
async function claim(own: string, name: string, depth: number): Promise<boolean> {
  if (linked(own, name)) return true;
  if (await answers(name)) return false;
  if (depth === maxTakeoverDepth) return false;
  const takeover = `${name}.t`;
  const giveUpAt = performance.now() + maxTakeoverWaitMs;
  while (!(await claim(own, takeover, depth + 1))) {
    if ((await answers(name)) || performance.now() > giveUpAt) return false;
    await pause(retryMs);
  }
  try {
    if (linked(own, name)) return true;
    if (await answers(name)) return false;
    const fresh = `${own}f`;
    linkSync(own, fresh);
    renameSync(fresh, name);
    return true;
  } finally {
    rmSync(takeover, { force: true });
  }
}

function linked(own: string, name: string): boolean {
  try {
    linkSync(own, name);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  }
}

/** Whether a living process listens on a Unix socket; only a refusal or an absence counts as dead. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (thrown: NodeJS.ErrnoException) => {
      resolve(thrown.code !== "ECONNREFUSED" && thrown.code !== "ENOENT");
    });
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(path, () => {
      // The lock alone must not keep the process alive.
      server.unref();
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
