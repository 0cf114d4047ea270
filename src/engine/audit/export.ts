// The log as files in the C2SP tlog-tiles layout, for a web server, an archive or an outside verifier.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Queryable } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { writeCheckpointFile } from "./checkpoint-file.ts";
import { leavesBetween, selectLatestCheckpoint, selectTiles } from "./store.ts";
import { readOpenTile } from "./subtrees.ts";
import { bundlePath, encodeBundle, fullTiles, partialWidth, TILE_WIDTH, tilePath } from "./tiles.ts";
import type { StoredCheckpoint } from "./types.ts";

/** Tiles read from the database at a time. */
const CHUNK = 64;

type Write = (path: string, bytes: Uint8Array) => Promise<void>;

async function exportLevel(db: Queryable, level: number, checkpoint: StoredCheckpoint, write: Write): Promise<void> {
  const count = fullTiles(level, checkpoint.size);
  for (let from = 0; from < count; from += CHUNK) {
    const wanted = Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => ({ level, index: from + i }));
    const tiles = await selectTiles(db, wanted);
    if (tiles.length !== wanted.length) throw new LockgateError("AUDIT_TAMPERED", { at: `tiles of level ${level}` });
    for (const tile of tiles) await write(tilePath(level, tile.index), tile.hashes);
  }
  const { hashes } = await readOpenTile(db, level, checkpoint);
  if (hashes.length > 0) await write(tilePath(level, count, hashes.length), Buffer.concat(hashes));
}

async function exportEntries(db: Queryable, { size, lastPosition }: StoredCheckpoint, write: Write): Promise<void> {
  let after = 0;
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const leaves = await leavesBetween(db, after, lastPosition, TILE_WIDTH);
    const width = index < fullTiles(0, size) ? TILE_WIDTH : partialWidth(0, size);
    if (leaves.length !== width) throw new LockgateError("AUDIT_TAMPERED", { at: `entries of tile ${index}` });
    await write(bundlePath(index, width), encodeBundle(leaves.map((leaf) => Buffer.from(leaf.body))));
    after = leaves.at(-1)!.position;
  }
}

/**
 * Writes the log under its latest checkpoint into `directory`: tiles, entry bundles and, last, `checkpoint`.
 * Nothing is checked beyond the counts: that is the verifier's work.
 * @throws AUDIT_NOT_SEQUENCED before the first checkpoint; AUDIT_TAMPERED when tiles or leaves are missing.
 */
export async function exportTiles(db: Queryable, directory: string): Promise<{ size: number; files: number }> {
  const checkpoint = await selectLatestCheckpoint(db);
  if (!checkpoint) throw new LockgateError("AUDIT_NOT_SEQUENCED");
  let files = 1;
  const write: Write = async (path, bytes) => {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
    files++;
  };
  for (let level = 0; level === 0 || fullTiles(level - 1, checkpoint.size) > 0; level++) {
    await exportLevel(db, level, checkpoint, write);
  }
  await exportEntries(db, checkpoint, write);
  await writeCheckpointFile(join(directory, "checkpoint"), checkpoint.note);
  return { size: checkpoint.size, files };
}
