// RFC 6962 hashing for the verifier: roots grown leaf by leaf out of a stack of perfect subtrees.

import { hash } from "node:crypto";

const nodeBytes = Buffer.alloc(65, 1);

/** Hash of a leaf: 0x00 and the body (RFC 6962 §2.1). */
export function hashLeaf(body: string | Uint8Array): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(`\0${body}`) : Buffer.concat([Buffer.alloc(1), body]);
  return hash("sha256", bytes, "buffer");
}

/** Hash of an inner node: 0x01 and both children (RFC 6962 §2.1). */
export function hashNode(left: Buffer, right: Buffer): Buffer {
  left.copy(nodeBytes, 1);
  right.copy(nodeBytes, 33);
  return hash("sha256", nodeBytes, "buffer");
}

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
  if (!root) return hash("sha256", "", "buffer");
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
