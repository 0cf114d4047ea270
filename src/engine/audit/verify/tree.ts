// RFC 6962 hashing for the verifier: roots grown leaf by leaf out of a stack of perfect subtrees.

import { createHash } from "node:crypto";

const LEAF = Buffer.of(0x00);
const NODE = Buffer.of(0x01);

/** Hash of a leaf (RFC 6962 §2.1). */
export const hashLeaf = (body: string | Uint8Array): Buffer => createHash("sha256").update(LEAF).update(body).digest();

/** Hash of an inner node (RFC 6962 §2.1). */
export const hashNode = (left: Buffer, right: Buffer): Buffer =>
  createHash("sha256").update(NODE).update(left).update(right).digest();

/** A tree being grown: `peaks` are its perfect subtrees, largest first. */
export type Growing = { size: number; readonly peaks: Buffer[] };

export const newTree = (): Growing => ({ size: 0, peaks: [] });

/** Adds a leaf: as many subtrees close as the old size has trailing one bits. */
export function grow(tree: Growing, leaf: Buffer): void {
  let node = leaf;
  for (let rest = tree.size; rest % 2 === 1; rest = (rest - 1) / 2) node = hashNode(tree.peaks.pop()!, node);
  tree.peaks.push(node);
  tree.size++;
}

/** The root over subtrees from left to right, each smaller than the one before it. */
export function foldPeaks(peaks: readonly Buffer[]): Buffer {
  let root = peaks.at(-1);
  if (!root) return createHash("sha256").digest();
  for (let i = peaks.length - 2; i >= 0; i--) root = hashNode(peaks[i]!, root);
  return root;
}

/** The root over leaf hashes. */
export function rootOverHashes(hashes: readonly Buffer[]): Buffer {
  const tree = newTree();
  for (const hash of hashes) grow(tree, hash);
  return foldPeaks(tree.peaks);
}

/** A tile's bytes as hashes. */
export const splitHashes = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.floor(bytes.length / 32) }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
