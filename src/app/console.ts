// Builds the console where it has not been built from what is there now: at the first start, and after an update.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";

const BUILD_TIMEOUT_MS = 120_000;
const STAMP = ".stamp";

/**
 * Makes sure that the console is built.
 * @param say is told, where something has to be built
 * @returns its folder
 */
export async function buildConsole(root: string, say: (step: string) => void): Promise<string> {
  const folder = join(root, "console");
  const built = join(folder, "dist");
  const stamp = join(built, STAMP);
  const wanted = digestOf(folder);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return built;
  say("building the console");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd: folder,
    timeout: BUILD_TIMEOUT_MS,
    // Whatever the platform is started from: anything else builds the slower and larger console of developers.
    env: { ...process.env, NODE_ENV: "production" },
  });
  for (const file of filesUnder(built)) writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
  writeFileSync(stamp, wanted);
  return built;
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
