// Builds the console where it has not been built from what is there now: at the first start, and after an update.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { type InstanceLock, lockInstance } from "#kernel/instance-lock";

const BUILD_TIMEOUT_MS = 120_000;
const STAMP = ".stamp";
/** How often somebody who waits for another's build looks whether it is done. */
const LOOK_EVERY_MS = 100;

/**
 * Makes sure that the console is built. Of several that start at once one builds it, and the others wait.
 * @param say is told, where something has to be built
 * @returns its folder
 */
export async function buildConsole(root: string, say: (step: string) => void): Promise<string> {
  const folder = join(root, "console");
  const built = join(folder, "dist");
  const stamp = join(built, STAMP);
  const wanted = digestOf(folder);
  const isBuilt = () => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (isBuilt()) return built;
  const lock = await whenFree(join(root, "node_modules/.cache/console"));
  try {
    if (!isBuilt()) {
      say("building the console");
      await build(root, folder, built);
      writeFileSync(stamp, wanted);
    }
  } finally {
    await lock.release();
  }
  return built;
}

async function build(root: string, folder: string, built: string): Promise<void> {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd: folder,
    timeout: BUILD_TIMEOUT_MS,
    // Whatever the platform is started from: anything else builds the slower and larger console of developers.
    env: { ...process.env, NODE_ENV: "production" },
  });
  for (const file of filesUnder(built)) writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
}

/** A build ends in time, so that whoever waits does, too. */
async function whenFree(folder: string): Promise<InstanceLock> {
  for (;;) {
    try {
      return await lockInstance(folder);
    } catch (thrown) {
      if (!(thrown instanceof LockgateError) || thrown.code !== "START_DATA_IN_USE") throw thrown;
    }
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

/** A digest of everything that the console is built from. */
function digestOf(folder: string): string {
  const hash = createHash("sha256");
  const made = [join(folder, "dist"), join(folder, "node_modules")];
  const files = filesUnder(folder).filter((file) => !made.some((one) => file.startsWith(one)));
  for (const file of files.sort())
    hash.update(file.slice(folder.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}
