// Signed notes (C2SP signed-note) with Ed25519, and the checkpoints they carry (C2SP tlog-checkpoint).

import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { LockgateError } from "#kernel/errors";

const ED25519 = Buffer.of(0x01);
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410 §4: SubjectPublicKeyInfo of Ed25519
const MAX_NOTE_BYTES = 1_000_000;

/** A key that notes are checked with. */
export type Verifier = { readonly name: string; readonly keyId: Buffer; readonly publicKey: KeyObject };

/** A key pair that notes are signed with; its name is also the log's origin. */
export type Signer = Verifier & { readonly privateKey: KeyObject };

/** A checkpoint's text: `size` leaves have the root hash `root` in the log named `origin`. */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Buffer };

const badCheckpoint = (reason: string): LockgateError => new LockgateError("AUDIT_BAD_CHECKPOINT", { reason });

const rawKey = (publicKey: KeyObject): Buffer =>
  publicKey.export({ type: "spki", format: "der" }).subarray(SPKI_PREFIX.length);

/** Key id: the first four bytes of SHA-256(name || LF || 0x01 || public key). */
export function keyIdOf(name: string, publicKey: KeyObject): Buffer {
  return createHash("sha256").update(`${name}\n`).update(ED25519).update(rawKey(publicKey)).digest().subarray(0, 4);
}

/** The verifier key in text form: `<name>+<key id>+<base64(0x01 || public key)>`. */
export function verifierKeyText(verifier: Verifier): string {
  const key = Buffer.concat([ED25519, rawKey(verifier.publicKey)]).toString("base64");
  return `${verifier.name}+${verifier.keyId.toString("hex")}+${key}`;
}

/**
 * Reads the text form of a verifier key.
 * @throws AUDIT_BAD_CHECKPOINT when it is not an Ed25519 key whose id fits.
 */
export function parseVerifierKey(text: string): Verifier {
  const parts = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim());
  const key = Buffer.from(parts?.[3] ?? "", "base64");
  if (!parts || key.length !== 33 || key[0] !== ED25519[0]) throw badCheckpoint("verifier-key");
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, key.subarray(1)]),
    format: "der",
    type: "spki",
  });
  const verifier = { name: parts[1]!, keyId: Buffer.from(parts[2]!, "hex"), publicKey };
  if (!keyIdOf(verifier.name, publicKey).equals(verifier.keyId)) throw badCheckpoint("verifier-key");
  return verifier;
}

/** Signs `text`, which must end in a newline. */
export function signNote(text: string, signer: Signer): string {
  const signature = Buffer.concat([signer.keyId, sign(null, Buffer.from(text), signer.privateKey)]);
  return `${text}\n\u2014 ${signer.name} ${signature.toString("base64")}\n`;
}

/**
 * The text of `note`, once a signature by `verifier` on it has been checked. Signatures by others are ignored.
 * @throws AUDIT_BAD_CHECKPOINT when the note is malformed, or not or wrongly signed by `verifier`.
 */
export function openNote(note: string, verifier: Verifier): string {
  const end = note.lastIndexOf("\n\n");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids exactly these.
  if (note.length > MAX_NOTE_BYTES || end < 0 || !note.endsWith("\n") || /[\x00-\x09\x0b-\x1f]/.test(note)) {
    throw badCheckpoint("malformed");
  }
  const text = note.slice(0, end + 1);
  let signed = false;
  for (const line of note.slice(end + 2, -1).split("\n")) {
    const parts = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
    if (!parts) throw badCheckpoint("malformed");
    const signature = Buffer.from(parts[2]!, "base64");
    if (parts[1] !== verifier.name || !signature.subarray(0, 4).equals(verifier.keyId)) continue;
    if (!verify(null, Buffer.from(text), verifier.publicKey, signature.subarray(4))) throw badCheckpoint("signature");
    signed = true;
  }
  if (!signed) throw badCheckpoint("unknown-key");
  return text;
}

/** A checkpoint's note text. */
export const checkpointText = (checkpoint: Checkpoint): string =>
  `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString("base64")}\n`;

/**
 * Reads a checkpoint's note text. Extension lines are ignored.
 * @throws AUDIT_BAD_CHECKPOINT when it is malformed.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const parts = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/.exec(text);
  if (!parts) throw badCheckpoint("malformed");
  return { origin: parts[1]!, size: Number(parts[2]), root: Buffer.from(parts[3]!, "base64") };
}

/** A signed checkpoint; the log's key is named by its origin. */
export const signCheckpoint = (checkpoint: Omit<Checkpoint, "origin">, signer: Signer): string =>
  signNote(checkpointText({ origin: signer.name, ...checkpoint }), signer);

/**
 * Opens a signed checkpoint of the log whose key is `verifier`.
 * @throws AUDIT_BAD_CHECKPOINT when signature, form or origin is wrong.
 */
export function openCheckpoint(note: string, verifier: Verifier): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(note, verifier));
  if (checkpoint.origin !== verifier.name) throw badCheckpoint("origin");
  return checkpoint;
}
