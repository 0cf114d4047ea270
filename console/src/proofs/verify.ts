// The question of an auditor: does the log of now begin with the log that this browser saw last?

import { answerOf, api } from "../api/client.ts";
import { problemOf } from "../api/problem.ts";
import { bytesOf } from "./bytes.ts";
import { openCheckpoint, readVerifier } from "./checkpoint.ts";
import { isExtended, isIncluded, leafHash } from "./merkle.ts";
import { pin, readPinned } from "./pinned.ts";

/** What was found, in a word that a page can put into a sentence. */
export type Finding =
  | { readonly found: "key-unreadable" | "signature-wrong" | "shrunk" | "rewritten" }
  | { readonly found: "extends" | "first"; readonly size: number; readonly before?: number };

/** Verifies the latest checkpoint against the pinned one, and pins it where it holds. */
export async function verifyLog(verifierText: string): Promise<Finding> {
  const verifier = await readVerifier(verifierText);
  if (!verifier) return { found: "key-unreadable" };
  const { note } = await answerOf(api.GET("/audit/checkpoint"));
  const newer = await openCheckpoint(note, verifier);
  if (!newer) return { found: "signature-wrong" };
  const pinned = readPinned();
  const older = pinned?.note ? await openCheckpoint(pinned.note, verifier) : undefined;
  if (older && older.size > newer.size) return { found: "shrunk" };
  if (older) {
    const path = { from: String(older.size), to: String(newer.size) };
    const { hashes } = await answerOf(api.GET("/audit/consistency/{from}/{to}", { params: { path } }));
    if (!(await isExtended(older, newer, hashes.map(bytesOf)))) return { found: "rewritten" };
  }
  pin({ verifier: verifierText.trim(), note });
  return older ? { found: "extends", size: newer.size, before: older.size } : { found: "first", size: newer.size };
}

/** What was found of one entry: its text is what was hashed, and is not there where the platform itself finds no proof. */
export type EntryFinding = { readonly isIncluded: boolean; readonly body?: string };

/** Whether the entry at a position is in the log as signed. */
export async function verifyEntry(verifierText: string, position: string): Promise<EntryFinding> {
  const verifier = await readVerifier(verifierText);
  const answer = await answerOf(api.GET("/audit/proof/{position}", { params: { path: { position } } })).catch(
    (thrown: unknown) => {
      // The rows do not lead to what was signed: that is what was asked, not a failure to answer it.
      if (problemOf(thrown).code === "AUDIT_TAMPERED") return undefined;
      throw thrown;
    },
  );
  if (!answer) return { isIncluded: false };
  const { index, body, proof } = answer;
  const [head = "", ...rest] = proof.split("\n\n");
  const tree = verifier && (await openCheckpoint(rest.join("\n\n"), verifier));
  if (!tree) return { isIncluded: false, body };
  const hashes = head.split("\n").slice(2).map(bytesOf);
  return {
    isIncluded: await isIncluded({ index, size: tree.size, leaf: await leafHash(body), proof: hashes }, tree.root),
    body,
  };
}
