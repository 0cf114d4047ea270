// Runs PostgreSQL as somebody other than root, which it refuses to serve.

import { spawnSync } from "node:child_process";
import { chownSync, lstatSync, readdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { nobody } from "./run-directory.ts";

const unshare = ["unshare", "-U", `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`] as const;

/** Under whose name the server's programs run, and to whom its files belong. */
export type ServerIdentity = {
  /** Put before every command line. */
  readonly prefix: readonly string[];
  /** Set when the programs have to be spawned under another user id; that user may not read our files. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  /** Owner of the cluster as seen from here; undefined where ownership needs no care. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
};

/**
 * Not root: as we are. Root on Linux: in a user namespace in which root's files belong to `nobody` (the process stays
 * ours from outside, so no file changes hands), or, where namespaces are forbidden, truly as `nobody`. The namespace
 * also serves a user id without an account, as containers are often given: initdb asks for the account's name.
 */
export function serverIdentity(): ServerIdentity {
  const asWeAre: ServerIdentity = { prefix: [], user: undefined, owner: undefined };
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && hasAccount()) return asWeAre;
  const [file, ...args] = unshare;
  const seen = spawnSync(file, [...args, "id", "-u"], { encoding: "utf8" });
  if (seen.status === 0 && seen.stdout.trim() === String(nobody.uid)) {
    return { prefix: unshare, user: undefined, owner: isRoot ? { uid: 0, gid: 0 } : undefined };
  }
  return isRoot ? { prefix: [], user: nobody, owner: nobody } : asWeAre;
}

function hasAccount(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}

/** Whether the identity can enter a directory: some folder above may be closed to all but root. */
export function canEnter(identity: ServerIdentity, directory: string): boolean {
  if (identity.user === undefined) return true;
  return spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", directory], { ...identity.user, cwd: "/" }).status === 0;
}

/** Gives a directory and all it holds to the identity, if an earlier start ran under another one. */
export function handOver(identity: ServerIdentity, path: string): void {
  const { owner } = identity;
  if (owner === undefined || lstatSync(path).uid === owner.uid) return;
  // The top goes last: while it has the old owner, an interrupted change is taken up again at the next start.
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chownSync(join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
  chownSync(path, owner.uid, owner.gid);
}
