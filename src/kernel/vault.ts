// The vault: values are sealed before they are stored and opened after they are read; what is searched for goes by a keyed hash.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { LockgateError } from "./errors.ts";

/**
 * What the stores seal and open by; synchronous, for the keys are in memory. A value is bound to its place, `schema.table.column`
 * and what tells its row, and opens nowhere else.
 */
export type Vault = {
  /** A text is sealed as UTF-8. @throws VAULT_CLOSED */
  seal(value: Uint8Array | string, column: string, row: string): Buffer;
  /** @throws VAULT_BROKEN where the value was changed or moved, VAULT_KEY_UNKNOWN, VAULT_CLOSED */
  open(sealed: Uint8Array, column: string, row: string): Buffer;
  /**
   * The keyed hash that `text` is found by among values of one kind: 22 characters, the first 16 bytes of HMAC-SHA-256 in
   * base64url. Two of a billion values meet with a chance of 2^-69.
   */
  seek(text: string, kind: string): string;
  /** Numbers below 2^53 as others, one for one but for a chance of 2^-53 a pair, by a secret permutation. */
  blind(numbers: readonly number[]): number[];
};

/** The keys that a vault works with, each of 32 bytes. */
export type VaultKeys = {
  /** By their ids; the id is part of each sealed value. */
  readonly data: ReadonlyMap<number, Buffer>;
  /** The one that seals at this instant. */
  current(): number;
  readonly search: Buffer;
  /** Whether values of before there was sealing still open. */
  readonly opensUnsealed: boolean;
  /** Told of a data key that is not known; another node may have made it a moment ago. */
  missing?(id: number): void;
};

// A sealed value: version (1 byte), id of the data key (4, big-endian), nonce (12), ciphertext, tag (16).
const VERSION = 1;
/** Not sealed: stored before there was sealing. The version, then the value as it was. */
const UNSEALED = 0;
const KEY_AT = 1;
const NONCE_AT = 5;
const TEXT_AT = 17;
const TAG_BYTES = 16;
/** Bytes that sealing adds. */
export const sealBytes = TEXT_AT + TAG_BYTES;

const PREFIX_BYTES = 8;
const MOST_PER_PREFIX = 2 ** 32;

/**
 * Nonces that never come twice under one key: 64 random bits of this process, then a counter of 32. Of 2^16 prefixes under
 * one key, which is a start of a process each 1.3 seconds of its day, two are the same with a chance of 2^-33; NIST
 * SP 800-38D §8.3 asks for 2^-32 at most. Random nonces alone would come there after 2^32 values.
 */
export function nonces(
  random: (bytes: number) => Buffer = randomBytes,
  most = MOST_PER_PREFIX,
): (into: Buffer, at: number) => void {
  let prefix = random(PREFIX_BYTES);
  let count = 0;
  return (into, at) => {
    if (count === most) {
      prefix = random(PREFIX_BYTES);
      count = 0;
    }
    prefix.copy(into, at);
    into.writeUInt32BE(count, at + PREFIX_BYTES);
    count += 1;
  };
}

/** Length before text, so that no two places are the same bytes. */
const bindingOf = (column: string, row: string): Buffer => Buffer.from(`${column.length}:${column}${row}`);

/** Opens a vault over keys. @param writeNonce for published test vectors alone: a nonce that comes twice betrays the key */
export function vaultOf(keys: VaultKeys, writeNonce = nonces()): Vault {
  const search = createSecretKey(keys.search);
  const ecb = createSecretKey(createHmac("sha256", search).update("lockgate blind").digest());
  const keyOf = keyObjects(keys);
  return {
    seal(value, column, row) {
      const id = keys.current();
      const plain = typeof value === "string" ? Buffer.from(value) : value;
      const sealed = Buffer.allocUnsafe(plain.byteLength + sealBytes);
      sealed[0] = VERSION;
      sealed.writeUInt32BE(id, KEY_AT);
      writeNonce(sealed, NONCE_AT);
      const cipher = createCipheriv("aes-256-gcm", keyOf(id), sealed.subarray(NONCE_AT, TEXT_AT));
      cipher.setAAD(bindingOf(column, row));
      sealed.set(cipher.update(plain), TEXT_AT);
      cipher.final();
      sealed.set(cipher.getAuthTag(), TEXT_AT + plain.byteLength);
      return sealed;
    },
    open(sealed, column, row) {
      if (sealed[0] === UNSEALED && keys.opensUnsealed) return Buffer.from(sealed.subarray(1));
      if (sealed[0] !== VERSION || sealed.byteLength < sealBytes)
        throw new LockgateError("VAULT_BROKEN", { at: column });
      const view = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const key = keyOf(view.readUInt32BE(KEY_AT));
      const end = view.byteLength - TAG_BYTES;
      const decipher = createDecipheriv("aes-256-gcm", key, view.subarray(NONCE_AT, TEXT_AT), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(bindingOf(column, row)).setAuthTag(view.subarray(end));
      const plain = decipher.update(view.subarray(TEXT_AT, end));
      try {
        decipher.final();
      } catch {
        throw new LockgateError("VAULT_BROKEN", { at: column });
      }
      return plain;
    },
    seek: (text, kind) =>
      createHmac("sha256", search).update(`${kind.length}:${kind}${text}`).digest().toString("base64url", 0, 16),
    blind(numbers) {
      // One block for each number, in one call: whether two numbers are equal is all that their ciphertexts tell.
      const blocks = Buffer.alloc(numbers.length * 16);
      for (const [index, number] of numbers.entries()) {
        blocks.writeUInt32BE(Math.floor(number / 2 ** 32), index * 16);
        blocks.writeUInt32BE(number % 2 ** 32, index * 16 + 4);
      }
      const hidden = createCipheriv("aes-256-ecb", ecb, null).setAutoPadding(false).update(blocks);
      return numbers.map(
        (_, index) => (hidden.readUInt32BE(index * 16) & 0x1fffff) * 2 ** 32 + hidden.readUInt32BE(index * 16 + 4),
      );
    },
  };
}

/** Data keys as Node's own objects, each made once: for every cipher that is given bytes, it makes one anew. */
function keyObjects(keys: VaultKeys): (id: number) => KeyObject {
  const made = new WeakMap<Buffer, KeyObject>();
  return (id) => {
    const bytes = keys.data.get(id);
    if (!bytes) {
      keys.missing?.(id);
      throw new LockgateError("VAULT_KEY_UNKNOWN", { at: `key ${id}` });
    }
    const known = made.get(bytes);
    if (known) return known;
    const key = createSecretKey(bytes);
    made.set(bytes, key);
    return key;
  };
}

const refuse = (): never => {
  throw new LockgateError("VAULT_CLOSED");
};

/** Of a database that is opened for what is not sealed: whoever reads or writes what is, is refused. */
export const closedVault: Vault = { seal: refuse, open: refuse, seek: refuse, blind: refuse };
