// All SQL of dry runs: they are kept as they were found, with the text that was tried.

import type { Queryable, Tx } from "#kernel/db";
import type { DryRun } from "./types.ts";

/** A dry run on record, and whether its text was started since. */
export type StoredDryRun = DryRun & {
  /** When the text was first at work; null: never. */
  readonly startedAt: Date | null;
};

export async function keepDryRun(tx: Tx, channel: string, run: DryRun): Promise<void> {
  await tx.query({
    text: `insert into channels.dry_run (id, channel, at, by, since, until, deployed, digest, file, text, received, messages, changed,
        by_kind, by_path, differences)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    values: [
      run.id,
      channel,
      run.at,
      run.by,
      run.since,
      run.until,
      run.deployed,
      run.digest,
      run.file,
      run.text,
      run.received,
      run.messages,
      run.changed,
      JSON.stringify(run.byKind),
      JSON.stringify(run.byPath),
      JSON.stringify(run.differences),
    ],
  });
}

/** The dry runs of a channel, the latest first. */
export async function readDryRuns(db: Queryable, channel: string, most: number): Promise<StoredDryRun[]> {
  const rows = await db.query<StoredDryRun>({
    text: `select r.id, r.at, r.by, r.since, r.until, r.deployed, r.digest, r.file, r.text, r.received, r.messages, r.changed,
        r.by_kind as "byKind", r.by_path as "byPath", r.differences, v.first_at as "startedAt"
      from channels.dry_run r left join channels.version v on v.channel = r.channel and v.digest = r.digest
      where r.channel = $1 order by r.at desc limit $2`,
    values: [channel, most],
  });
  return rows.map((row) => ({
    ...row,
    differences: row.differences.map(({ at, ...difference }) => ({ ...difference, at: new Date(at) })),
  }));
}
