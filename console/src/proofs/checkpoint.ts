// Signed checkpoints (C2SP signed-note and tlog-checkpoint, Ed25519), opened in the browser.

import { bytesOf, isSame, joined, sha256 } from "./bytes.ts";
import type { Tree } from "./merkle.ts";

/** A log's key as its operators publish it. */
export type Verifier = { readonly name: string; readonly keyId: Uint8Array; readonly key: CryptoKey };

/** Reads `<name>+<key id>+<base64(0x01 || public key)>`; undefined where it is not such a key. */
export async function readVerifier(text: string): Promise<Verifier | undefined> {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? [];
  if (!name || !id || !encoded) return undefined;
  const bytes = bytesOf(encoded);
  if (bytes.length !== 33 || bytes[0] !== 1) return undefined;
  const digest = await sha256(joined(new TextEncoder().encode(`${name}\n`), bytes));
  const keyId = digest.slice(0, 4);
  if ([...keyId].map((byte) => byte.toString(16).padStart(2, "0")).join("") !== id) return undefined;
  return { name, keyId, key: await crypto.subtle.importKey("raw", bytes.slice(1), "Ed25519", false, ["verify"]) };
}

/** The tree that a note speaks of, once the log's signature on it holds; undefined where it does not. */
export async function openCheckpoint(note: string, { name, keyId, key }: Verifier): Promise<Tree | undefined> {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const signatures = note
    .slice(end + 2)
    .split("\n")
    .flatMap((line) => {
      const [, signer, encoded] = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
      return signer === name && encoded ? [bytesOf(encoded)] : [];
    });
  const ours = signatures.filter((one) => isSame(one.subarray(0, 4), keyId));
  const signed = new TextEncoder().encode(text);
  const checks = await Promise.all(ours.map((one) => crypto.subtle.verify("Ed25519", key, one.slice(4), signed)));
  if (end < 0 || checks.length === 0 || !checks.every(Boolean)) return undefined;
  const [origin, size, root] = text.split("\n");
  return origin === name && root ? { size: Number(size), root: bytesOf(root) } : undefined;
}
