// Checks a proof that somebody was handed: a C2SP tlog-proof, the leaf's body, and the log's public key.

import { readLogKey, readSignedRoot } from "./signed-checkpoint.ts";
import { hashLeaf, hashNode } from "./tree.ts";

/** Which end of a tree of `size` leaves the sibling at each level lies on (RFC 9162 §2.1.3.2), lowest first. */
function sides(index: number, size: number): ("left" | "right")[] {
  const path: ("left" | "right")[] = [];
  for (let node = index, last = size - 1; last > 0; node = Math.floor(node / 2), last = Math.floor(last / 2)) {
    if (node % 2 === 1) path.push("left");
    else if (node < last) path.push("right");
  }
  return path;
}

/** What a good proof shows: the leaf is entry `index` of the first `size`. */
export type ProvenLeaf = { readonly index: number; readonly size: number };

/** Checks that `text` proves `body` to be in the log of `verifierKey`; undefined when it does not. */
export function verifyProof(proof: {
  text: string;
  body: string | Uint8Array;
  verifierKey: string;
}): ProvenLeaf | undefined {
  const key = readLogKey(proof.verifierKey);
  const cut = proof.text.indexOf("\n\n");
  const [version, ...lines] = proof.text.slice(0, cut).split("\n");
  const rest = lines[0]?.startsWith("extra ") ? lines.slice(1) : lines;
  const index = /^index (0|[1-9]\d{0,14})$/.exec(rest[0] ?? "")?.[1];
  const signed = key && cut > 0 ? readSignedRoot(proof.text.slice(cut + 2), key) : undefined;
  if (version !== "c2sp.org/tlog-proof@v1" || index === undefined || !signed || Number(index) >= signed.size)
    return undefined;
  const hashes = rest.slice(1).map((line) => Buffer.from(line, "base64"));
  const path = sides(Number(index), signed.size);
  if (hashes.length !== path.length || hashes.some((hash) => hash.length !== 32)) return undefined;
  const join = (node: Buffer, hash: Buffer, i: number) =>
    path[i] === "left" ? hashNode(hash, node) : hashNode(node, hash);
  const root = hashes.reduce(join, hashLeaf(proof.body));
  return root.equals(signed.root) ? { index: Number(index), size: signed.size } : undefined;
}
