// The log's key pair on disk: made at the first start, never sent anywhere, read at every later one.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { LockgateError } from "#kernel/errors";
import { keyIdOf, type Signer, verifierKeyText } from "./note.ts";

const SITE = /^[a-z0-9][a-z0-9.-]{0,62}$/;

/** Creates `path` with `text`, or leaves the file that is there: what it holds afterwards is whole either way. */
async function writeOnce(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${randomUUID()}.new`;
  const file = await open(draft, "w", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await link(draft, path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== "EEXIST") throw thrown;
  });
  await unlink(draft);
}

async function readOrCreate(path: string, text: () => string, mode: number): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
    await writeOnce(path, text(), mode);
    return readFile(path, "utf8");
  }
}

const newKeyPem = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

function privateKeyOf(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Said below, without what OpenSSL made of the file's content.
  }
  throw new LockgateError("START_DATA_UNUSABLE", { at: path, reason: "not an Ed25519 private key" });
}

/** The signer whose private key is `privateKey`, for the log of `site`. */
export function signerOf(site: string, privateKey: KeyObject): Signer {
  if (!SITE.test(site)) throw new LockgateError("CONFIG_INVALID", { at: "site" });
  const name = `lockgate/${site}`;
  const publicKey = createPublicKey(privateKey);
  return { name, privateKey, publicKey, keyId: keyIdOf(name, publicKey) };
}

/**
 * Opens the log's keys in `<dataDir>/audit`, making them where there are none: `signing.key` (PKCS #8 PEM, mode 0600)
 * and `verifier.key` (C2SP text form), which is what an outsider is given.
 * @throws START_DATA_UNUSABLE when a file holds something else; CONFIG_INVALID when `site` is no lower-case host-like name.
 */
export async function openAuditKeys(dataDir: string, site: string): Promise<Signer> {
  const directory = join(dataDir, "audit");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const signingPath = join(directory, "signing.key");
  const verifierPath = join(directory, "verifier.key");
  const signer = signerOf(site, privateKeyOf(await readOrCreate(signingPath, newKeyPem, 0o600), signingPath));
  const text = `${verifierKeyText(signer)}\n`;
  if ((await readOrCreate(verifierPath, () => text, 0o644)) !== text) {
    throw new LockgateError("START_DATA_UNUSABLE", {
      at: verifierPath,
      reason: "not the verifier key of this site's signing key",
    });
  }
  return signer;
}
