// `lockgate audit`: verifies the log with a reader of its own, and fetches checkpoints and proofs.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { checkpointPath, databaseLog, exportTiles, readCheckpointFile, type Verdict, verifyAudit } from "#engine/audit";
import { openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { type Caller, call } from "../client.ts";
import type { Config } from "../config.ts";
import { withAuditorAddress } from "../offline.ts";
import { EXIT, print, show } from "../output.ts";

/**
 * Reads every leaf, tile and checkpoint and trusts none of them but by the verifier key and the pinned checkpoints.
 * @param pinnedFiles checkpoints kept elsewhere; the installation's own file is always among them
 */
export async function verify(config: Config, pinnedFiles: readonly string[], json: boolean): Promise<number> {
  const verdict = await withAuditorAddress(config, async (address) => {
    const client = new pg.Client({ ...address, ...(address.role ? { options: `-c role=${address.role}` } : {}) });
    await client.connect();
    try {
      const verifierKey = await readFile(join(config.dataDir, "audit", "verifier.key"), "utf8").catch(
        (cause: unknown) => {
          throw new LockgateError("AUDIT_BAD_CHECKPOINT", { at: "verifier.key", cause });
        },
      );
      const own = await readCheckpointFile(checkpointPath(config.dataDir));
      const kept = await Promise.all(pinnedFiles.map((file) => readFile(file, "utf8")));
      return await verifyAudit({
        ...(await databaseLog(client)),
        verifierKey,
        pinned: [...(own ? [own] : []), ...kept],
      });
    } finally {
      await client.end();
    }
  });
  show(json, verdict, () => describe(verdict));
  return verdict.intact ? EXIT.done : EXIT.refused;
}

function describe(verdict: Verdict): string {
  if (verdict.intact) {
    return `intact: ${verdict.size} leaves under ${verdict.checkpoints} signed checkpoints, ${verdict.pending} newer not yet signed for`;
  }
  const faults = verdict.faults.map((fault) => {
    const { kind, ...where } = fault;
    return `  ${kind} ${JSON.stringify(where)}`;
  });
  return ["NOT INTACT", ...faults].join("\n");
}

export async function checkpoint(caller: Caller, json: boolean): Promise<number> {
  const answer = await call<{ size: number; at: string; note: string }>(caller, "GET", "/audit/checkpoint");
  show(json, answer, () => answer.note);
  return EXIT.done;
}

/** Writes the log as files in the C2SP tlog-tiles layout, for an outsider to verify with tools of their own. */
export async function exportLog(config: Config, directory: string, json: boolean): Promise<number> {
  const written = await withAuditorAddress(config, async (address) => {
    const db = openDatabase(address, 1);
    try {
      return await exportTiles(db, directory);
    } finally {
      await db.close();
    }
  });
  show(json, written, () => `${written.size} leaves in ${written.files} files under ${directory}`);
  return EXIT.done;
}

/** Prints the proof that the leaf at `position` is under the latest checkpoint (C2SP tlog-proof). */
export async function proof(caller: Caller, position: string, json: boolean): Promise<number> {
  const answer = await call<{ index: number; size: number; body: string; proof: string }>(
    caller,
    "GET",
    `/audit/proof/${encodeURIComponent(position)}`,
  );
  if (json) print(JSON.stringify(answer, undefined, 2));
  else print(`${answer.body}\n\n${answer.proof}`);
  return EXIT.done;
}
