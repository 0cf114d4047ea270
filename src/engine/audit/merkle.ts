// The Merkle tree of RFC 6962 §2.1 over SHA-256: hashes, and the proofs made from and checked against them.

import { hash } from "node:crypto";

const HASH_BYTES = 32;
const EMPTY_ROOT = hash("sha256", "", "buffer");

/** Leaf hash: SHA-256(0x00 || entry). Text is taken as UTF-8. */
export function leafHash(entry: Uint8Array | string): Buffer {
  const length = typeof entry === "string" ? Buffer.byteLength(entry) : entry.length;
  const input = Buffer.allocUnsafe(length + 1);
  input[0] = 0;
  if (typeof entry === "string") input.write(entry, 1);
  else input.set(entry, 1);
  return hash("sha256", input, "buffer");
}

const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** Node hash: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return hash("sha256", nodeInput, "buffer");
}

/** Root over leaf hashes, or over the roots of equal perfect subtrees; of none, SHA-256 of nothing. */
export function rootOf(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return EMPTY_ROOT;
  let level = hashes;
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i]!, level[i + 1]!));
    // An odd last node rises as it is: the RFC splits at the largest power of two below the size.
    if (level.length % 2 === 1) above.push(level.at(-1)!);
    level = above;
  }
  return level[0]!;
}

/** The leaves from `from` up to but not including `to`. */
export type Span = { readonly from: number; readonly to: number };

/** A perfect subtree: leaves `index * 2^height` up to `(index + 1) * 2^height`. */
export type Subtree = { readonly height: number; readonly index: number };

/** Largest power of two below `n`, for n > 1. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The spans whose roots are the inclusion proof of leaf `index` in a tree of `size` leaves, sibling first (RFC 6962 §2.1.1). */
export function inclusionSpans(index: number, size: number): Span[] {
  const spans: Span[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    const left = index < middle;
    spans.push(left ? { from: middle, to } : { from, to: middle });
    if (left) to = middle;
    else from = middle;
  }
  return spans.reverse();
}

/** The spans whose roots prove that a tree of `toSize` leaves extends one of `fromSize` (RFC 6962 §2.1.2). */
export function consistencySpans(fromSize: number, toSize: number): Span[] {
  if (fromSize === 0 || fromSize === toSize) return [];
  const spans: Span[] = [];
  let from = 0;
  let to = toSize;
  while (to !== fromSize) {
    const middle = from + splitPoint(to - from);
    const left = fromSize <= middle;
    spans.push(left ? { from: middle, to } : { from, to: middle });
    if (left) to = middle;
    else from = middle;
  }
  // The verifier knows the old root already when it is a subtree that begins at the first leaf.
  if (from > 0) spans.push({ from, to });
  return spans.reverse();
}

/** The perfect subtrees that make up `span`, left to right. `span.from` must be a multiple of the largest of them. */
export function subtreesOf(span: Span): Subtree[] {
  const subtrees: Subtree[] = [];
  let from = span.from;
  for (let rest = span.to - span.from; rest > 0; ) {
    const height = Math.floor(Math.log2(rest));
    subtrees.push({ height, index: from / 2 ** height });
    from += 2 ** height;
    rest -= 2 ** height;
  }
  return subtrees;
}

/** Root of a run of ever smaller perfect subtrees, given their roots left to right. */
export function joinSubtrees(roots: readonly Buffer[]): Buffer {
  if (roots.length === 0) return EMPTY_ROOT;
  return roots.reduceRight((right, left) => nodeHash(left, right));
}

const half = (n: number): number => Math.floor(n / 2);
const wellFormed = (hashes: readonly Uint8Array[]): boolean => hashes.every((each) => each.length === HASH_BYTES);

/** Whether `proof` shows the leaf at `index` under `root` of a tree of `size` leaves (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Buffer,
  proof: readonly Buffer[],
  root: Buffer,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (!wellFormed([leaf, root, ...proof])) return false;
  let node = index;
  let last = size - 1;
  let computed = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      computed = nodeHash(sibling, computed);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      computed = nodeHash(computed, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && computed.equals(root);
}

/** Whether `proof` shows that `toRoot` extends `fromRoot` (RFC 9162 §2.1.4.2). An empty tree proves nothing and is refused. */
export function verifyConsistency(
  fromSize: number,
  toSize: number,
  fromRoot: Buffer,
  toRoot: Buffer,
  proof: readonly Buffer[],
): boolean {
  if (!Number.isSafeInteger(toSize) || !Number.isSafeInteger(fromSize) || fromSize < 0 || fromSize > toSize)
    return false;
  if (fromSize === 0) return false;
  if (fromSize === toSize) return proof.length === 0 && fromRoot.equals(toRoot);
  if (proof.length === 0 || !wellFormed([fromRoot, toRoot, ...proof])) return false;
  const path = Number.isInteger(Math.log2(fromSize)) ? [fromRoot, ...proof] : proof;
  let node = fromSize - 1;
  let last = toSize - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  let older = path[0]!;
  let newer = path[0]!;
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newer = nodeHash(newer, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && older.equals(fromRoot) && newer.equals(toRoot);
}
