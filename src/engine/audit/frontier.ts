// The right edge of the growing tree: the open tile of each level, from which root and full tiles follow.

import { joinSubtrees, rootOf } from "./merkle.ts";
import { TILE_WIDTH } from "./tiles.ts";
import type { Tile } from "./types.ts";

/** A tile that is not full yet: the position of the first leaf below it, and fewer than 256 hashes. */
export type OpenTile = { firstPosition: number; hashes: Buffer[] };

/** A tree that can only grow. */
export type Frontier = {
  /** Leaves so far. */
  size(): number;
  /** Adds the next leaf and returns the tiles it filled, lowest level first. */
  add(leaf: Buffer, position: number): readonly Tile[];
  /** Root hash at the present size. */
  root(): Buffer;
};

const NONE: readonly Tile[] = [];

/** A frontier that goes on from the open tiles of a tree, lowest level first, and the number of full tiles on each level. */
export function openFrontier(open: OpenTile[] = [], full: number[] = []): Frontier {
  const put = (level: number, hash: Buffer, firstPosition: number): OpenTile => {
    open[level] ??= { firstPosition, hashes: [] };
    const tile = open[level];
    if (tile.hashes.length === 0) tile.firstPosition = firstPosition;
    tile.hashes.push(hash);
    return tile;
  };

  const fill = (position: number): Tile[] => {
    const filled: Tile[] = [];
    for (let level = 0; open[level]?.hashes.length === TILE_WIDTH; level++) {
      const { firstPosition, hashes } = open[level]!;
      const root = rootOf(hashes);
      const index = full[level] ?? 0;
      filled.push({ level, index, firstPosition, lastPosition: position, root, hashes: Buffer.concat(hashes) });
      full[level] = index + 1;
      open[level] = { firstPosition: 0, hashes: [] };
      put(level + 1, root, firstPosition);
    }
    return filled;
  };

  return {
    size: () => (full[0] ?? 0) * TILE_WIDTH + (open[0]?.hashes.length ?? 0),
    add: (leaf, position) => (put(0, leaf, position).hashes.length === TILE_WIDTH ? fill(position) : NONE),
    root: () => joinSubtrees(open.toReversed().flatMap((tile) => perfectRoots(tile.hashes))),
  };
}

/** Roots of the perfect subtrees, largest first, that equal subtrees in a row add up to. */
function perfectRoots(hashes: readonly Buffer[]): Buffer[] {
  const roots: Buffer[] = [];
  let from = 0;
  for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
    if ((hashes.length & width) === 0) continue;
    roots.push(rootOf(hashes.slice(from, from + width)));
    from += width;
  }
  return roots;
}
