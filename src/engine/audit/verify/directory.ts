// Gives the verifier a log as exported files in the C2SP tlog-tiles layout; the index of an entry stands for its position.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuditInput, VerifierRow, VerifierTile } from "./types.ts";

const WIDTH = 256;

async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
}

/** The full file at `index`, or the partial one that a tree of `count` hashes at this level has there. */
async function readIndexed(directory: string, index: number, count: number): Promise<Buffer | undefined> {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  const width = Math.min(WIDTH, count - index * WIDTH);
  if (width <= 0) return undefined;
  return readIfThere(join(directory, width === WIDTH ? path : `${path}.p/${width}`));
}

/** Entries of a bundle; what is cut off at its end is left out, and so found missing. */
function entriesOf(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  let at = 0;
  while (at + 2 <= bundle.length && at + 2 + bundle.readUInt16BE(at) <= bundle.length) {
    const end = at + 2 + bundle.readUInt16BE(at);
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

async function* entryRows(directory: string, size: number): AsyncGenerator<VerifierRow> {
  for (let index = 0; index * WIDTH < size; index++) {
    const bundle = await readIndexed(join(directory, "tile", "entries"), index, size);
    if (!bundle) return;
    yield* entriesOf(bundle).map((body, i) => ({ position: index * WIDTH + i, body }));
  }
}

/** The log in a directory, for `verifyAudit`. */
export async function directoryLog(directory: string): Promise<Omit<AuditInput, "verifierKey" | "pinned">> {
  const note = (await readIfThere(join(directory, "checkpoint")))?.toString();
  // Only says which files to look for: the verifier reads the size it trusts from the signed text.
  const size = Number(note?.split("\n")[1] ?? 0);
  const tile = async (level: number, index: number): Promise<VerifierTile | undefined> => {
    const hashes = await readIndexed(join(directory, "tile", String(level)), index, Math.floor(size / WIDTH ** level));
    const leaves = WIDTH ** (level + 1);
    return hashes && { hashes, firstPosition: index * leaves, lastPosition: (index + 1) * leaves - 1 };
  };
  return { checkpoint: note === undefined ? undefined : { note }, rows: entryRows(directory, size), tile };
}
