// A leaf's body: the canonical JSON that is stored, hashed and exported, and the way back.

import { LockgateError } from "#kernel/errors";
import { canonicalJson } from "./canonical-json.ts";
import { MAX_ENTRY_BYTES } from "./tiles.ts";
import type { Leaf, StoredLeaf } from "./types.ts";

/**
 * The body of `leaf`.
 * @throws AUDIT_BAD_LEAF when it is over 65,535 bytes (the most an entry bundle can hold) or not representable.
 */
export function leafBody(leaf: Leaf): string {
  const body = canonicalJson({ ...leaf, at: leaf.at.toISOString() });
  // No UTF-16 unit takes more than three bytes of UTF-8: most bodies need no counting.
  if (body.length * 3 > MAX_ENTRY_BYTES && Buffer.byteLength(body) > MAX_ENTRY_BYTES) {
    throw new LockgateError("AUDIT_BAD_LEAF", { reason: "too-large" });
  }
  return body;
}

/** The leaf that `body` says. */
export function storedLeaf(position: number, body: string): StoredLeaf {
  const { at, ...rest } = JSON.parse(body) as Omit<Leaf, "at"> & { at: string };
  return { ...rest, at: new Date(at), position };
}
