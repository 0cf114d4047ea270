// Gives the verifier a log as it lies in the database, read with any PostgreSQL client that may SELECT.

import type { AuditInput, VerifierCheckpoint, VerifierRow, VerifierTile } from "./types.ts";

/** Runs a SELECT; `pg`'s Client and Pool fit, and the platform's own database with its result wrapped. */
export type Reader = { query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }> };

const PAGE = 2000;
/** Parent entries of tiles whose own parent is not full yet. */
const PARTIAL = `select root, first_position, last_position from audit.tile where level = $1 and tile_index >= $2 and tile_index < $2 + 256 order by tile_index`;

async function* leafRows(reader: Reader): AsyncGenerator<VerifierRow> {
  for (let after = "0"; ; ) {
    const text = "select position, journey_id, body from audit.leaf where position > $1 order by position limit $2";
    const { rows } = await reader.query(text, [after, PAGE]);
    for (const row of rows) {
      yield { position: Number(row.position), body: row.body as string, journeyId: row.journey_id as string | null };
    }
    if (rows.length < PAGE) return;
    after = String(rows.at(-1)!.position);
  }
}

const checkpointOf = (row: Record<string, unknown>): VerifierCheckpoint => ({
  note: row.note as string,
  size: Number(row.size),
  lastPosition: Number(row.last_position),
});

async function* checkpointRows(reader: Reader, upTo: number): AsyncGenerator<VerifierCheckpoint> {
  for (let after = "-1"; ; ) {
    const text =
      "select size, last_position, note from audit.checkpoint where size > $1 and size <= $2 order by size limit $3";
    const { rows } = await reader.query(text, [after, upTo, PAGE]);
    for (const row of rows) yield checkpointOf(row);
    if (rows.length < PAGE) return;
    after = String(rows.at(-1)!.size);
  }
}

const positionsOf = (first: Record<string, unknown>, last: Record<string, unknown>) => ({
  firstPosition: Number(first.first_position),
  lastPosition: Number(last.last_position),
});

async function storedTile(reader: Reader, level: number, index: number): Promise<VerifierTile | undefined> {
  const text =
    "select hashes, root, first_position, last_position from audit.tile where level = $1 and tile_index = $2";
  const [row] = (await reader.query(text, [level, index])).rows;
  if (row) return { hashes: row.hashes as Buffer, root: row.root as Buffer, ...positionsOf(row, row) };
  if (level === 0) return undefined;
  const { rows } = await reader.query(PARTIAL, [level - 1, index * 256]);
  const last = rows.at(-1);
  return last && rows.length < 256
    ? { hashes: Buffer.concat(rows.map((each) => each.root as Buffer)), ...positionsOf(rows[0]!, last) }
    : undefined;
}

/** The log in a database, for `verifyAudit`: its newest checkpoint, and everything under it. */
export async function databaseLog(reader: Reader): Promise<Omit<AuditInput, "verifierKey" | "pinned">> {
  const text = "select size, last_position, note from audit.checkpoint order by size desc limit $1";
  const [latest] = (await reader.query(text, [1])).rows;
  const checkpoint = latest && checkpointOf(latest);
  return {
    checkpoint,
    rows: leafRows(reader),
    checkpoints: checkpointRows(reader, checkpoint?.size ?? 0),
    tile: (level, index) => storedTile(reader, level, index),
  };
}
