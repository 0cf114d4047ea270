// All SQL of write-back.

import type { Queryable, Tx } from "#kernel/db";
import type { Held, Values } from "./types.ts";

/** Where a subject stands at a target, as last seen. */
export type Reference = {
  readonly subject: string;
  readonly externalId: string;
  readonly version: string;
  readonly held: Values;
};

const REFERENCE = `subject, external_id as "externalId", version, held`;

export async function readReference(db: Queryable, target: string, subject: string): Promise<Reference | undefined> {
  const [row] = await db.query<Reference>({
    name: "writeback.reference",
    text: `select ${REFERENCE} from writeback.reference where target = $1 and subject = $2`,
    values: [target, subject],
  });
  return row;
}

/** Every subject's record at a target, as last seen. */
export function readReferences(db: Queryable, target: string): Promise<Reference[]> {
  return db.query<Reference>({
    text: `select ${REFERENCE} from writeback.reference where target = $1`,
    values: [target],
  });
}

export function upsertReference(tx: Tx, target: string, subject: string, held: Held): Promise<unknown> {
  return tx.query({
    name: "writeback.seen",
    text: `insert into writeback.reference (target, subject, external_id, version, held) values ($1, $2, $3, $4, $5)
      on conflict (target, subject) do update
        set external_id = excluded.external_id, version = excluded.version, held = excluded.held, seen_at = clock_timestamp()`,
    values: [target, subject, held.externalId, held.version, JSON.stringify(held.values)],
  });
}

export function insertChange(
  tx: Tx,
  target: string,
  change: { idempotencyKey: string; subject: string; journeyId: string },
): Promise<unknown> {
  return tx.query({
    name: "writeback.request",
    text: "insert into writeback.change (idempotency_key, target, subject, journey_id) values ($1, $2, $3, $4)",
    values: [change.idempotencyKey, target, change.subject, change.journeyId],
  });
}

export function settleChange(tx: Tx, idempotencyKey: string, state: "applied" | "unchanged"): Promise<unknown> {
  return tx.query({
    name: "writeback.settle",
    text: "update writeback.change set state = $2, settled_at = clock_timestamp() where idempotency_key = $1",
    values: [idempotencyKey, state],
  });
}

/** A change that is asked for and not settled. */
export type Outstanding = { idempotencyKey: string; subject: string; journeyId: string; requestedAt: Date };

export function readOutstanding(db: Queryable, target: string, most: number): Promise<Outstanding[]> {
  return db.query<Outstanding>({
    text: `select idempotency_key as "idempotencyKey", subject, journey_id as "journeyId", requested_at as "requestedAt"
      from writeback.change where target = $1 and state = 'requested' order by requested_at limit $2`,
    values: [target, most],
  });
}
