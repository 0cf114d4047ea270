// Finds and guards the private directory that holds the Unix sockets of one data directory.

import { createHash } from "node:crypto";
import { accessSync, constants, lstatSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LockgateError } from "./errors.ts";
import { dataDirectoryError } from "./start-error.ts";

// sun_path holds 104 bytes on macOS and 108 on Linux, one of them the closing zero; the longest name put into the
// directory takes 24 bytes with its slash.
const maxRunDirectoryBytes = 103 - 24;
const probeBytes = 64 * 1024;

/** The user that PostgreSQL runs as when root has to hand it to another user. */
export const nobody = { uid: 65534, gid: 65534 } as const;

/**
 * Creates the data directory (0700) if it is missing, proves that it can be written, and returns its real path.
 * Throws `START_DISK_FULL` or `START_DATA_UNUSABLE`.
 */
export function openDataDirectory(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const real = realpathSync(dataDir);
    const probe = join(real, `.probe-${process.pid}`);
    try {
      writeFileSync(probe, Buffer.alloc(probeBytes), { flush: true });
    } finally {
      rmSync(probe, { force: true });
    }
    return real;
  } catch (thrown) {
    throw dataDirectoryError(thrown, dataDir);
  }
}

/**
 * The directory for the sockets of a data directory (a real path): `<dataDir>/run`, or, where a socket's path would be
 * too long for the system, `lockgate-<hash>` in the temporary directory. Every process on this machine derives the same
 * path. It is 0700 and ours, else `START_DATA_UNUSABLE` is thrown: the temporary directory is open to all.
 */
export function openRunDirectory(realDataDir: string): string {
  const path = runDirectory(realDataDir);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const found = lstatSync(path);
    if (process.platform === "win32") return path;
    const uid = process.getuid?.();
    const ours = found.uid === uid || (uid === 0 && found.uid === nobody.uid);
    if (!found.isDirectory() || !ours || (found.mode & 0o077) !== 0) {
      throw new LockgateError("START_DATA_UNUSABLE", { at: path, reason: "the socket directory is not private" });
    }
    return path;
  } catch (thrown) {
    throw dataDirectoryError(thrown, path);
  }
}

function runDirectory(realDataDir: string): string {
  const inside = join(realDataDir, "run");
  if (Buffer.byteLength(inside) <= maxRunDirectoryBytes) return inside;
  const hash = createHash("sha256").update(realDataDir).digest("hex").slice(0, 16);
  return join(temporaryDirectory(), `lockgate-${hash}`);
}

// TMPDIR may differ between two starters on one machine, and then neither would see the other's lock: `/tmp` first.
function temporaryDirectory(): string {
  if (process.platform === "win32") return tmpdir();
  try {
    accessSync("/tmp", constants.W_OK | constants.X_OK);
    return "/tmp";
  } catch {
    return tmpdir();
  }
}
