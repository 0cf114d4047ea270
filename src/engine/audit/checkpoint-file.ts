// The latest checkpoint outside the database, so that tampering in the database alone is seen.

import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Where the latest checkpoint is kept below a data directory. */
export const checkpointPath = (dataDir: string): string => join(dataDir, "audit", "checkpoint");

/** The note in the file, or undefined where there is no file. */
export async function readCheckpointFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Replaces the file by `note` as one step: after a crash it holds the old note or the new one, whole. */
export async function writeCheckpointFile(path: string, note: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.new`;
  const file = await open(draft, "w", 0o644);
  try {
    await file.writeFile(note);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const directory = await open(dirname(path), "r");
  await directory.sync().catch(() => undefined); // not every file system can sync a directory
  await directory.close();
}
