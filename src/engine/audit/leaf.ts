// A leaf's body: the canonical JSON that is stored, hashed and exported, and the way back.

import { LockgateError } from "#kernel/errors";
import { canonicalJson } from "./canonical-json.ts";
import { MAX_ENTRY_BYTES } from "./tiles.ts";
import type { Leaf, StoredLeaf } from "./types.ts";

/** Every member but `at`, in the order of canonical JSON: sorting them for each leaf would be half its cost. */
const BEFORE_AT = ["actor"] as const;
const AFTER_AT = ["attempt", "code", "commitments", "detail", "journeyId", "name", "outcome", "part"] as const;

function members(leaf: Leaf, names: readonly (keyof Leaf & (typeof BEFORE_AT | typeof AFTER_AT)[number])[]): string {
  let text = "";
  for (const name of names) {
    const value = leaf[name];
    if (value !== undefined) text += `,"${name}":${canonicalJson(value)}`;
  }
  return text;
}

/**
 * The body of `leaf`.
 * @throws AUDIT_BAD_LEAF when it is over 65,535 bytes (the most an entry bundle can hold) or not representable.
 */
export function leafBody(leaf: Leaf): string {
  const text = `${members(leaf, BEFORE_AT)},"at":"${leaf.at.toISOString()}"${members(leaf, AFTER_AT)}`;
  const body = `{${text.slice(1)}}`;
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
