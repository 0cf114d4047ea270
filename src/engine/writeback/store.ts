// All SQL of write-back. Rows of a round go as one JSON text, in one statement for each kind.

import { gathering } from "#engine/backbone";
import type { Queryable, Tx } from "#kernel/db";
import { packed } from "#kernel/packed";
import { readTogether } from "#kernel/read-together";
import type { Vault } from "#kernel/vault";
import type { Held, Values, WriteSettled } from "./types.ts";

/** Where a subject stands at a target, as last seen. */
export type Reference = {
  readonly subject: string;
  readonly externalId: string;
  readonly version: string;
  readonly held: Values;
};

const HELD = "writeback.reference.held";
const placeOf = (target: string, subject: string): string => `${target} ${subject}`;

/** A reference as its row gives it: the other system's name of the subject is sealed with what it holds. */
type ReferenceRow = Pick<Reference, "subject" | "version"> & { readonly target: string; readonly held: Buffer };

const opened = (vault: Vault, { target, subject, version, held }: ReferenceRow): Reference => ({
  subject,
  version,
  ...(JSON.parse(vault.open(held, HELD, placeOf(target, subject)).toString()) as Pick<
    Reference,
    "externalId" | "held"
  >),
});

const sealed = (vault: Vault, target: string, { subject, externalId, held }: Omit<Reference, "version">): Buffer =>
  vault.seal(JSON.stringify({ externalId, held }), HELD, placeOf(target, subject));

export const readReference = async (db: Queryable, target: string, subject: string): Promise<Reference | undefined> =>
  (await references(db, { target, subject })).find((one) => one.target === target && one.subject === subject);

const references = readTogether(async ({ query, vault }, wanted: readonly { target: string; subject: string }[]) => {
  const rows = await query<ReferenceRow>({
    name: "writeback.reference",
    text: `select r.target, r.subject, version, held
      from unnest($1::text[], $2::text[]) as k(target, subject)
      join writeback.reference r on r.target = k.target and r.subject = k.subject`,
    values: [wanted.map(({ target }) => target), wanted.map(({ subject }) => subject)],
  });
  return rows.map((row) => ({ ...opened(vault, row), target: row.target }));
});

/** Every subject's record at a target, as last seen. */
export async function readReferences(db: Queryable, target: string): Promise<Reference[]> {
  const rows = await db.query<ReferenceRow>({
    text: "select target, subject, version, held from writeback.reference where target = $1",
    values: [target],
  });
  return rows.map((row) => opened(db.vault, row));
}

/** A change as it stands, with where its subject stands at the target. */
export type Standing = { readonly isSettled: boolean; readonly reference: Reference | undefined };

type StandingRow = { idempotencyKey: string; isSettled: boolean; reference: Reference | undefined };

/** @returns undefined where no such change was asked for */
export async function readStanding(db: Queryable, idempotencyKey: string): Promise<Standing | undefined> {
  const row = (await standings(db, idempotencyKey)).find((one) => one.idempotencyKey === idempotencyKey);
  return row && { isSettled: row.isSettled, reference: row.reference };
}

const standings = readTogether(async ({ query, vault }, keys: readonly string[]): Promise<StandingRow[]> => {
  const rows = await query<Omit<ReferenceRow, "held"> & Omit<StandingRow, "reference"> & { held: Buffer | null }>({
    name: "writeback.standing",
    text: `select c.idempotency_key as "idempotencyKey", c.state <> 'requested' as "isSettled", c.target, c.subject,
        r.version, r.held
      from writeback.change c left join writeback.reference r on r.target = c.target and r.subject = c.subject
      where c.idempotency_key = any($1)`,
    values: [keys],
  });
  return rows.map(({ idempotencyKey, isSettled, held, ...row }) => ({
    idempotencyKey,
    isSettled,
    reference: held ? opened(vault, { ...row, held }) : undefined,
  }));
});

type SeenRow = { readonly target: string; readonly subject: string; readonly held: Held };

/** What tells that no two subjects are one record there. */
const hiddenExternal = (vault: Vault, externalId: string): string => vault.seek(externalId, "external id");

/** One row of each subject, the last of them: a statement may write a row only once. */
const writeSeen = async (tx: Tx, rows: readonly SeenRow[]): Promise<void> => {
  const last = new Map(rows.map((row) => [`${row.target} ${row.subject}`, row]));
  const all = [...last.values()];
  const { bytes, offsets, sizes } = packed(
    all.map(({ target, subject, held: { externalId, values } }) =>
      sealed(tx.vault, target, { subject, externalId, held: values }),
    ),
  );
  const seen = all.map(({ target, subject, held: { externalId, version } }, at) => ({
    target,
    subject,
    external_id: hiddenExternal(tx.vault, externalId),
    version,
    offset: offsets[at],
    size: sizes[at],
  }));
  await tx.query({
    name: "writeback.seen",
    text: `insert into writeback.reference (target, subject, external_id, version, held)
      select target, subject, external_id, version, substring($2::bytea from "offset" for size)
      from jsonb_to_recordset($1) as r(target text, subject text, external_id text, version text, "offset" integer, size integer)
      on conflict (target, subject) do update
        set external_id = excluded.external_id, version = excluded.version, held = excluded.held, seen_at = clock_timestamp()`,
    values: [JSON.stringify(seen), bytes],
  });
};

/** A subject's record as seen now, to be written with the round. */
export const seenRow = gathering<SeenRow>(writeSeen);

/** A subject's record as seen now, written at once. */
export const upsertReference = (tx: Tx, target: string, subject: string, held: Held): Promise<void> =>
  writeSeen(tx, [{ target, subject, held }]);

/** Takes fields out of what was seen of a subject's record. */
export async function forgetSeen(tx: Tx, target: string, subject: string, fields: readonly string[]): Promise<void> {
  const [row] = await tx.query<ReferenceRow>({
    name: "writeback.forgetting",
    text: "select target, subject, version, held from writeback.reference where target = $1 and subject = $2 for update",
    values: [target, subject],
  });
  if (!row) return;
  const reference = opened(tx.vault, row);
  if (!fields.some((field) => field in reference.held)) return;
  const held = Object.fromEntries(Object.entries(reference.held).filter(([field]) => !fields.includes(field)));
  await tx.query({
    name: "writeback.forget",
    text: "update writeback.reference set held = $3 where target = $1 and subject = $2",
    values: [target, subject, sealed(tx.vault, target, { ...reference, held })],
  });
}

type ChangeRow = {
  readonly target: string;
  readonly subject: string;
  readonly idempotencyKey: string;
  readonly journeyId: string;
};

/** A change that is asked for. */
export const requestedRow = gathering<ChangeRow>(async (tx, rows) => {
  await tx.query({
    name: "writeback.request",
    text: `insert into writeback.change (idempotency_key, target, subject, journey_id)
      select "idempotencyKey", target, subject, "journeyId"
      from jsonb_to_recordset($1) as r("idempotencyKey" text, target text, subject text, "journeyId" uuid)`,
    values: [JSON.stringify(rows)],
  });
});

/**
 * A change that is settled. An upsert of what is there already, for that goes by the key's index always: the plan of an
 * update by a join is kept from when the table was small, and would read all of it.
 */
export const settledRow = gathering<ChangeRow & Pick<WriteSettled, "state">>(async (tx, rows) => {
  await tx.query({
    name: "writeback.settle",
    text: `insert into writeback.change as c (idempotency_key, target, subject, journey_id, state)
      select "idempotencyKey", target, subject, "journeyId", state
      from jsonb_to_recordset($1) as r("idempotencyKey" text, target text, subject text, "journeyId" uuid, state text)
      on conflict (idempotency_key) do update set state = excluded.state, settled_at = clock_timestamp()`,
    values: [JSON.stringify(rows)],
  });
});

/** A change that is asked for and not settled. */
export type Outstanding = { idempotencyKey: string; subject: string; journeyId: string; requestedAt: Date };

export function readOutstanding(db: Queryable, target: string, most: number): Promise<Outstanding[]> {
  return db.query<Outstanding>({
    text: `select idempotency_key as "idempotencyKey", subject, journey_id as "journeyId", requested_at as "requestedAt"
      from writeback.change where target = $1 and state = 'requested' order by requested_at limit $2`,
    values: [target, most],
  });
}
