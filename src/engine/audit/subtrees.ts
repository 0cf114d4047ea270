// Hashes of subtrees out of the stored tree: full tiles, the roots of full tiles, and the leaves of the open tile.

import type { Queryable } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { type OpenTile, openFrontier } from "./frontier.ts";
import { joinSubtrees, leafHash, rootOf, type Span, type Subtree, subtreesOf } from "./merkle.ts";
import { leavesBetween, selectTileRoots, selectTiles } from "./store.ts";
import { fullTiles, partialWidth, TILE_WIDTH, tileHashes } from "./tiles.ts";
import type { StoredCheckpoint } from "./types.ts";

/** Subtree heights that one tile spans. */
const TILE_HEIGHT = 8;

/** A run of hashes within one tile. */
type Run = { readonly level: number; readonly index: number; readonly from: number; readonly width: number };

const tampered = (at: string): LockgateError => new LockgateError("AUDIT_TAMPERED", { at });

function runOf({ height, index }: Subtree): Run {
  const width = 2 ** (height % TILE_HEIGHT);
  const start = index * width;
  return {
    level: Math.floor(height / TILE_HEIGHT),
    index: Math.floor(start / TILE_WIDTH),
    from: start % TILE_WIDTH,
    width,
  };
}

/** The open tile of `level` in the tree under `checkpoint`: leaf hashes, or the roots of the full tiles below. */
export async function readOpenTile(db: Queryable, level: number, checkpoint: StoredCheckpoint): Promise<OpenTile> {
  const width = partialWidth(level, checkpoint.size);
  if (width === 0) return { firstPosition: 0, hashes: [] };
  const first = fullTiles(level, checkpoint.size) * TILE_WIDTH;
  const rows =
    level > 0 ? await selectTileRoots(db, level - 1, first, first + width) : await openLeaves(db, checkpoint);
  if (rows.length !== width) throw tampered(`open tile of level ${level}`);
  const { firstPosition } = rows[0]!;
  return { firstPosition, hashes: rows.map((row) => row.root) };
}

async function openLeaves(
  db: Queryable,
  { size, lastPosition }: StoredCheckpoint,
): Promise<{ firstPosition: number; root: Buffer }[]> {
  const full = fullTiles(0, size);
  const [last] = full > 0 ? await selectTileRoots(db, 0, full - 1, full) : [];
  if (full > 0 && !last) throw tampered("last full tile");
  const leaves = await leavesBetween(db, last?.lastPosition ?? 0, lastPosition, TILE_WIDTH);
  return leaves.map(({ position, body }) => ({ firstPosition: position, root: leafHash(body) }));
}

async function readRuns(
  db: Queryable,
  runs: readonly Run[],
  checkpoint: StoredCheckpoint,
): Promise<Map<string, Buffer[]>> {
  const hashes = new Map<string, Buffer[]>();
  const full = runs.filter((run) => run.index < fullTiles(run.level, checkpoint.size));
  for (const tile of full.length > 0 ? await selectTiles(db, full) : []) {
    hashes.set(`${tile.level}/${tile.index}`, tileHashes(tile.hashes));
  }
  for (const { level, index } of runs.filter((run) => !full.includes(run))) {
    const key = `${level}/${index}`;
    if (!hashes.has(key)) hashes.set(key, (await readOpenTile(db, level, checkpoint)).hashes);
  }
  return hashes;
}

/**
 * The roots of `spans` of the tree under `checkpoint`, read from what is stored.
 * @throws AUDIT_TAMPERED when something of the tree is missing.
 */
export async function spanRoots(
  db: Queryable,
  spans: readonly Span[],
  checkpoint: StoredCheckpoint,
): Promise<Buffer[]> {
  const parts = spans.map((span) => subtreesOf(span).map(runOf));
  const hashes = await readRuns(db, parts.flat(), checkpoint);
  const runRoot = ({ level, index, from, width }: Run): Buffer => {
    const run = hashes.get(`${level}/${index}`)?.slice(from, from + width);
    if (run?.length !== width) throw tampered(`tile ${level}/${index}`);
    return rootOf(run);
  };
  return parts.map((runs) => joinSubtrees(runs.map(runRoot)));
}

/**
 * The frontier of the tree under `checkpoint`, read from what is stored.
 * @throws AUDIT_TAMPERED when something of the tree is missing.
 */
export async function readFrontier(db: Queryable, checkpoint: StoredCheckpoint) {
  const open: OpenTile[] = [];
  const full: number[] = [];
  for (let level = 0; level === 0 || fullTiles(level - 1, checkpoint.size) > 0; level++) {
    open.push(await readOpenTile(db, level, checkpoint));
    full.push(fullTiles(level, checkpoint.size));
  }
  return openFrontier(open, full);
}
