// Keys that every process of a test knows, so that they read what the others store.

import { createDecipheriv } from "node:crypto";
import { vaultOf } from "#kernel/vault";

const DATA_KEY = Buffer.alloc(32, 1);

export const testVault = vaultOf({
  data: new Map([[1, DATA_KEY]]),
  current: () => 1,
  search: Buffer.alloc(32, 2),
  opensUnsealed: false,
});

/**
 * What a value sealed under the tests' keys says, wherever it stands: AES-GCM is AES in counter mode from the second block
 * on. For tests that look for what is stored; only the vault tells whether it was changed or moved.
 */
export function peek(sealed: Buffer): string {
  const counter = Buffer.concat([sealed.subarray(5, 17), Buffer.from([0, 0, 0, 2])]);
  return createDecipheriv("aes-256-ctr", DATA_KEY, counter).update(sealed.subarray(17, -16)).toString();
}

/** A row as text, with what is sealed in it as it says. */
export const peekAll = (row: string): string =>
  row.replace(/\\+x(0100000001[0-9a-f]{64,})/g, (_, hex: string) => peek(Buffer.from(hex, "hex")));
