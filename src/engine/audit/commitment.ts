// Salted commitments: a leaf can pin a value without holding it, until the salt is destroyed.

import { createHash, randomBytes } from "node:crypto";
import { LockgateError } from "#kernel/errors";

const DOMAIN = Buffer.from("lockgate.audit.commitment.v1\0");
const MIN_SALT_BYTES = 16;

/** A fresh salt of 32 random bytes. Keep it apart from the leaves: whoever destroys it makes its commitments meaningless. */
export const newSalt = (): Buffer => randomBytes(32);

/**
 * The commitment to `value` under `salt`: base64url of SHA-256 over domain, length of the salt (uint32), salt, value.
 * @throws AUDIT_BAD_LEAF when the salt is under 16 bytes: a short salt lets the value be guessed.
 */
export function commit(salt: Buffer, value: Uint8Array | string): string {
  if (salt.length < MIN_SALT_BYTES) throw new LockgateError("AUDIT_BAD_LEAF", { reason: "salt-too-short" });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(salt.length);
  return createHash("sha256").update(DOMAIN).update(length).update(salt).update(value).digest("base64url");
}
