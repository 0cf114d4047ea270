// A log of its own for a test: database, keys and checkpoint file, and hands to tamper with it.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  append,
  auditSequencer,
  checkpointPath,
  databaseLog,
  type Leaf,
  openAuditKeys,
  readCheckpointFile,
  verifierKeyText,
  verifyAudit,
} from "#engine/audit";
import { manualClock } from "#kernel/clock";
import { type Db, openDatabase } from "#kernel/db";
import { testDatabase } from "../../database.ts";

const TABLES = ["leaf", "tile", "checkpoint"] as const;

export const leaf = (number: number, journeyId?: string): Leaf => ({
  at: new Date(Date.UTC(2026, 0, 1) + number),
  part: "channels",
  name: "message.taken",
  outcome: "ok",
  ...(journeyId ? { journeyId } : {}),
  detail: { number },
});

export async function auditLog() {
  const { db, as, drop } = await testDatabase();
  const superuser = openDatabase(as("superuser"), 2);
  const auditor = openDatabase(as("lockgate_auditor"), 2);
  const dataDir = await mkdtemp(join(tmpdir(), "lockgate-audit-"));
  const keys = await openAuditKeys(dataDir, "test");
  const clock = manualClock();
  const checkpointFile = checkpointPath(dataDir);
  const sequencer = (batchSize = 4096) => auditSequencer({ db, keys, checkpointFile, clock, batchSize });
  const reader = {
    query: async (text: string, values: unknown[]) => ({ rows: await auditor.query({ text, values }) }),
  };
  return {
    db,
    auditor,
    superuserAddress: as("superuser"),
    dataDir,
    keys,
    clock,
    checkpointFile,
    sequencer,
    appendMany: (count: number, journeyId?: string) => appendMany(db, count, journeyId),
    /** The position of the leaf at an index. */
    async positionAt(index: number): Promise<number> {
      const [row] = await db.query<{ position: number }>({
        text: "select position from audit.leaf order by position offset $1 limit 1",
        values: [index],
      });
      return row!.position;
    },
    tamper: (text: string, values: unknown[] = []) => superuser.query({ text, values }),
    /** Empties the log, so that one database does for a file of tests. */
    async clear() {
      await superuser.query("truncate audit.leaf, audit.tile, audit.checkpoint");
      await rm(checkpointFile, { force: true });
    },
    /** Keeps the log as it is now; the function returned puts it back. */
    async keep(): Promise<() => Promise<void>> {
      const note = await readFile(checkpointFile);
      for (const table of TABLES) await superuser.query(`create table kept_${table} as table audit.${table}`);
      return async () => {
        await superuser.query("truncate audit.leaf, audit.tile, audit.checkpoint");
        for (const table of TABLES) await superuser.query(`insert into audit.${table} table kept_${table}`);
        await writeFile(checkpointFile, note);
      };
    },
    /** Verifies with the auditor's rights and the checkpoint on file as a pin. */
    async verify(pinned?: readonly string[], verifierKey = verifierKeyText(keys)) {
      const onFile = await readCheckpointFile(checkpointFile);
      return verifyAudit({ ...(await databaseLog(reader)), verifierKey, pinned: pinned ?? (onFile ? [onFile] : []) });
    },
    async close() {
      await superuser.close();
      await auditor.close();
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export type AuditLog = Awaited<ReturnType<typeof auditLog>>;

async function appendMany(db: Db, count: number, journeyId?: string): Promise<void> {
  for (let from = 0; from < count; from += 1000) {
    const leaves = Array.from({ length: Math.min(1000, count - from) }, (_, i) => leaf(from + i, journeyId));
    await db.transaction((tx) => append(tx, leaves));
  }
}
