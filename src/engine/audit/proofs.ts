// Proofs out of the stored tree: that a leaf is under a checkpoint, and that one tree extends another.

import type { Queryable } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { consistencySpans, inclusionSpans, leafHash, verifyInclusion } from "./merkle.ts";
import { parseCheckpoint } from "./note.ts";
import { countLeaves, leavesBetween, selectLastTile, selectLatestCheckpoint, selectTileHolding } from "./store.ts";
import { spanRoots } from "./subtrees.ts";
import { TILE_WIDTH } from "./tiles.ts";
import type { StoredCheckpoint } from "./types.ts";

/** Proof that a leaf is the one at `index` of the log whose checkpoint is `note`. */
export type InclusionProof = {
  readonly index: number;
  readonly size: number;
  /** The leaf's body, which the verifier hashes. */
  readonly body: string;
  /** From the leaf's sibling up to the root's child. */
  readonly hashes: readonly Buffer[];
  readonly note: string;
  /** The whole of it but the body, in the C2SP tlog-proof form. */
  readonly text: string;
};

/** Proof that the tree of `toSize` leaves begins with the tree of `fromSize` leaves (RFC 6962 §2.1.2). */
export type ConsistencyProof = {
  readonly fromSize: number;
  readonly toSize: number;
  readonly hashes: readonly Buffer[];
};

/** The checkpoint over the most leaves, or undefined before the first. */
export const latestCheckpoint = (db: Queryable): Promise<StoredCheckpoint | undefined> => selectLatestCheckpoint(db);

/** Index of the leaf at `position`: its rank among all leaves. Full tiles keep the count short. */
async function leafIndex(db: Queryable, position: number): Promise<number> {
  const holding = await selectTileHolding(db, position);
  if (holding) return holding.index * TILE_WIDTH + (await countLeaves(db, holding.firstPosition - 1, position));
  const last = await selectLastTile(db);
  return (last ? last.index + 1 : 0) * TILE_WIDTH + (await countLeaves(db, last?.lastPosition ?? 0, position));
}

/** C2SP tlog-proof, without extra data. */
function proofText(index: number, hashes: readonly Buffer[], note: string): string {
  const lines = ["c2sp.org/tlog-proof@v1", `index ${index}`, ...hashes.map((hash) => hash.toString("base64")), ""];
  return `${lines.join("\n")}\n${note}`;
}

/**
 * Proves that the leaf at `position` is under the latest checkpoint.
 * @throws AUDIT_UNKNOWN_ENTRY when there is no such leaf; AUDIT_NOT_SEQUENCED when no checkpoint covers it yet;
 *   AUDIT_TAMPERED when the stored tree does not lead to the checkpoint's root.
 */
export async function inclusionProof(db: Queryable, position: number): Promise<InclusionProof> {
  const [leaf] = await leavesBetween(db, position - 1, position, 1);
  if (!leaf) throw new LockgateError("AUDIT_UNKNOWN_ENTRY");
  const checkpoint = await selectLatestCheckpoint(db);
  if (!checkpoint || checkpoint.lastPosition < position) throw new LockgateError("AUDIT_NOT_SEQUENCED");
  const { size, note } = checkpoint;
  const index = await leafIndex(db, position);
  if (index >= size) throw new LockgateError("AUDIT_TAMPERED", { at: `checkpoint ${size}` });
  const hashes = await spanRoots(db, inclusionSpans(index, size), checkpoint);
  const { root } = parseCheckpoint(note.slice(0, note.lastIndexOf("\n\n") + 1));
  if (!verifyInclusion(index, size, leafHash(leaf.body), hashes, root)) {
    throw new LockgateError("AUDIT_TAMPERED", { at: `checkpoint ${size}` });
  }
  return { index, size, body: leaf.body, hashes, note, text: proofText(index, hashes, note) };
}

/**
 * Proves that the tree of `toSize` leaves extends that of `fromSize`. Any two sizes under the latest checkpoint will do.
 * @throws AUDIT_UNKNOWN_ENTRY unless 0 < fromSize <= toSize; AUDIT_NOT_SEQUENCED when no checkpoint covers `toSize` yet;
 *   AUDIT_TAMPERED when something of the stored tree is missing.
 */
export async function consistencyProof(db: Queryable, fromSize: number, toSize: number): Promise<ConsistencyProof> {
  if (!(fromSize > 0 && fromSize <= toSize)) throw new LockgateError("AUDIT_UNKNOWN_ENTRY");
  const checkpoint = await selectLatestCheckpoint(db);
  if (!checkpoint || checkpoint.size < toSize) throw new LockgateError("AUDIT_NOT_SEQUENCED");
  return { fromSize, toSize, hashes: await spanRoots(db, consistencySpans(fromSize, toSize), checkpoint) };
}
