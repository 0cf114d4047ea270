// Reads signed checkpoints for the verifier (C2SP signed-note and tlog-checkpoint, Ed25519 only).

import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";

/** A log's public key, by the name and id it signs under. */
export type LogKey = { readonly name: string; readonly id: string; readonly key: KeyObject };

/** What a checkpoint states once its signature has been checked. */
export type SignedRoot = { readonly size: number; readonly root: Buffer };

/** Reads `<name>+<8 hex digits>+<base64 of 0x01 and the key>`; undefined when it is not that or the id does not fit. */
export function readLogKey(text: string): LogKey | undefined {
  const [name = "", id = "", ...rest] = text.trim().split("+");
  const material = Buffer.from(rest.join("+"), "base64"); // base64 has plus signs of its own
  if (!name || material.length !== 33 || material[0] !== 1) return undefined;
  const expected = createHash("sha256").update(name).update("\n").update(material).digest("hex").slice(0, 8);
  if (id !== expected) return undefined;
  const x = material.subarray(1).toString("base64url");
  return { name, id, key: createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }) };
}

/** The root that `note` states under the signature of `key`; undefined when it is malformed, unsigned, or wrongly signed. */
export function readSignedRoot(note: string, key: LogKey): SignedRoot | undefined {
  const cut = note.lastIndexOf("\n\n") + 1;
  if (cut === 0 || !note.endsWith("\n")) return undefined;
  const text = note.slice(0, cut);
  const prefix = `\u2014 ${key.name} `;
  const signatures = note
    .slice(cut + 1)
    .split("\n")
    .filter((line) => line.startsWith(prefix))
    .map((line) => Buffer.from(line.slice(prefix.length), "base64"))
    .filter((bytes) => bytes.subarray(0, 4).toString("hex") === key.id);
  const good = signatures.every((bytes) => verify(null, Buffer.from(text), key.key, bytes.subarray(4)));
  if (signatures.length === 0 || !good) return undefined;
  const [origin, size = "", root = ""] = text.split("\n");
  const hash = Buffer.from(root, "base64");
  if (origin !== key.name || !/^(0|[1-9]\d{0,14})$/.test(size) || hash.length !== 32) return undefined;
  return { size: Number(size), root: hash };
}
