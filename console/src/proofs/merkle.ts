// Proofs over the audit log's Merkle tree, checked here in the browser (RFC 9162 §2.1): the platform's word is not needed.

import { isSame, joined, sha256 } from "./bytes.ts";

type Hash = Uint8Array<ArrayBuffer>;

/** SHA-256(0x00 || entry). */
export const leafHash = (entry: string): Promise<Hash> =>
  sha256(joined(Uint8Array.of(0), new TextEncoder().encode(entry)));

const nodeHash = (left: Hash, right: Hash): Promise<Hash> => sha256(joined(Uint8Array.of(1), left, right));

const half = (n: number): number => Math.floor(n / 2);

/** Climbs from a node to the root by a path of siblings; `join` is told on which side each sibling stands. */
async function climb(
  start: { readonly node: number; readonly last: number },
  siblings: readonly Hash[],
  join: (sibling: Hash, isLeft: boolean) => Promise<void>,
): Promise<boolean> {
  let { node, last } = start;
  for (const sibling of siblings) {
    if (last === 0) return false;
    const isLeft = node % 2 === 1 || node === last;
    await join(sibling, isLeft);
    // The last node of an odd level rises without a sibling.
    while (isLeft && node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    [node, last] = [half(node), half(last)];
  }
  return last === 0;
}

/** Whether `proof` shows the leaf at `index` under `root` of a tree of `size` leaves (RFC 9162 §2.1.3.2). */
export async function isIncluded(
  {
    index,
    size,
    leaf,
    proof,
  }: { readonly index: number; readonly size: number; readonly leaf: Hash; readonly proof: readonly Hash[] },
  root: Hash,
): Promise<boolean> {
  if (index < 0 || index >= size) return false;
  let computed = leaf;
  const isWhole = await climb({ node: index, last: size - 1 }, proof, async (sibling, isLeft) => {
    computed = isLeft ? await nodeHash(sibling, computed) : await nodeHash(computed, sibling);
  });
  return isWhole && isSame(computed, root);
}

/** A tree by its size and root. */
export type Tree = { readonly size: number; readonly root: Hash };

/** Whether `proof` shows that `newer` begins with all of `older` (RFC 9162 §2.1.4.2). */
export async function isExtended(older: Tree, newer: Tree, proof: readonly Hash[]): Promise<boolean> {
  if (older.size < 1 || older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && isSame(older.root, newer.root);
  const path = Number.isInteger(Math.log2(older.size)) ? [older.root, ...proof] : proof;
  const [first, ...siblings] = path;
  if (!first || proof.length === 0) return false;
  let [node, last] = [older.size - 1, newer.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [before, after] = [first, first];
  const isWhole = await climb({ node, last }, siblings, async (sibling, isLeft) => {
    if (isLeft) before = await nodeHash(sibling, before);
    after = isLeft ? await nodeHash(sibling, after) : await nodeHash(after, sibling);
  });
  return isWhole && isSame(before, older.root) && isSame(after, newer.root);
}
