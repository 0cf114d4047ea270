// The file form of a tree: C2SP tlog-tiles paths, hash tiles and entry bundles.

import { LockgateError } from "#kernel/errors";

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Longest entry a bundle can hold: its length is a uint16. */
export const MAX_ENTRY_BYTES = 65_535;
const HASH_BYTES = 32;

function indexPath(index: number, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g)!;
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

/** Path of a hash tile below the log's prefix, e.g. `tile/0/x001/x234/067` or, partial, `tile/1/000.p/17`. */
export const tilePath = (level: number, index: number, width = TILE_WIDTH): string =>
  `tile/${level}/${indexPath(index, width)}`;

/** Path of an entry bundle below the log's prefix, e.g. `tile/entries/000.p/3`. */
export const bundlePath = (index: number, width = TILE_WIDTH): string => `tile/entries/${indexPath(index, width)}`;

/** Width of the partial tile at `level` of a tree of `size` leaves; 0 where there is none. */
export const partialWidth = (level: number, size: number): number =>
  Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH;

/** How many full tiles `level` has in a tree of `size` leaves. */
export const fullTiles = (level: number, size: number): number => Math.floor(size / TILE_WIDTH ** (level + 1));

/** The hashes of a tile, in order. */
export function tileHashes(tile: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < tile.length; at += HASH_BYTES) hashes.push(tile.subarray(at, at + HASH_BYTES));
  return hashes;
}

/** Entries as a bundle: each with its length as a big-endian uint16 before it. */
export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const parts = entries.flatMap((entry) => {
    if (entry.length > MAX_ENTRY_BYTES) throw new LockgateError("AUDIT_BAD_LEAF", { reason: "too-large" });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    return [length, entry];
  });
  return Buffer.concat(parts);
}

/**
 * The entries of a bundle.
 * @throws AUDIT_TAMPERED when the bytes end inside an entry.
 */
export function decodeBundle(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    const start = at + 2;
    const end = start <= bundle.length ? start + bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY;
    if (end > bundle.length) throw new LockgateError("AUDIT_TAMPERED", { at: "entry bundle" });
    entries.push(bundle.subarray(start, end));
    at = end;
  }
  return entries;
}
