// All SQL of sagas. Rows of one round travel together, as one JSON document a statement.

import { type Gathered, gathering } from "#engine/backbone";
import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { packed } from "#kernel/packed";
import type { Vault } from "#kernel/vault";
import type { Awaiting, Entry, Instance, InstanceWithJournal, Status } from "./types.ts";

const INPUT = "saga.instance.input";
const RESULT = "saga.journal.result";
const MAIL = "saga.mailbox.body";
const placeOf = (instanceId: string, { revision, ordinal }: Pick<Entry, "revision" | "ordinal">): string =>
  `${instanceId} ${revision} ${ordinal}`;
const mailPlace = (instanceId: string, name: string): string => `${instanceId} ${name}`;

const opened = (vault: Vault, sealed: Buffer, column: string, row: string): unknown =>
  JSON.parse(vault.open(sealed, column, row).toString());

type Sealed<Row, Name extends keyof Row> = Omit<Row, Name> & { readonly [N in Name]: Buffer };

const INSTANCE = `i.id, i.saga, i.version, i.key, i.journey_id as "journeyId", i.traceparent, i.status, i.step, i.revision,
  i.input, i.awaiting, i.resumes, i.code, i.started_at as "startedAt", i.changed_at as "changedAt"`;
const WITH_JOURNAL = `${INSTANCE},
  coalesce((select json_agg(json_build_object('revision', j.revision, 'ordinal', j.ordinal, 'step', j.step, 'kind', j.kind,
      'outcome', j.outcome, 'result', encode(j.result, 'hex'), 'attempt', j.attempt, 'at', j.at) order by j.revision, j.ordinal)
    from saga.journal j where j.instance_id = i.id), '[]') as journal,
  coalesce((select json_object_agg(m.name, encode(m.body, 'hex')) from saga.mailbox m where m.instance_id = i.id), '{}') as mailbox`;

/** The instances of these ids that there are. */
export async function readInstances(db: Queryable, ids: readonly string[]): Promise<InstanceWithJournal[]> {
  const rows = await db.query<Sealed<InstanceWithJournal, "input">>({
    name: "saga.read",
    text: `select ${WITH_JOURNAL} from saga.instance i where i.id = any($1::uuid[])`,
    values: [ids],
  });
  return rows.map((row) => wholeOf(db.vault, row));
}

/** Results and mail come as hex within a JSON document. */
function wholeOf(vault: Vault, row: Sealed<InstanceWithJournal, "input">): InstanceWithJournal {
  const { id, journal, mailbox } = row;
  const fromHex = (hex: unknown, column: string, place: string): unknown =>
    hex === null ? null : opened(vault, Buffer.from(hex as string, "hex"), column, place);
  return {
    ...row,
    input: opened(vault, row.input, INPUT, id),
    journal: journal.map((entry) => ({ ...entry, result: fromHex(entry.result, RESULT, placeOf(id, entry)) })),
    mailbox: Object.fromEntries(
      Object.entries(mailbox).map(([name, hex]) => [name, fromHex(hex, MAIL, mailPlace(id, name))]),
    ),
  };
}

/** A correlation key with the saga that it is of. */
export type SagaKey = { readonly saga: string; readonly key: string };

/** The ids of the instances of these keys, where there is one. */
export function readIds(db: Queryable, keys: readonly SagaKey[]): Promise<(SagaKey & { id: string })[]> {
  return db.query({
    name: "saga.ids",
    text: `select i.id, i.saga, i.key from unnest($1::text[], $2::text[]) as k(saga, key)
      join saga.instance i on i.saga = k.saga and i.key = k.key`,
    values: [keys.map(({ saga }) => saga), keys.map(({ key }) => key)],
  });
}

/** The instances of a journey, oldest first. */
export async function readOfJourney(db: Queryable, journeyId: string): Promise<Instance[]> {
  const rows = await db.query<Sealed<Instance, "input">>({
    text: `select ${INSTANCE} from saga.instance i where i.journey_id = $1 order by i.started_at`,
    values: [journeyId],
  });
  return rows.map((row) => ({ ...row, input: opened(db.vault, row.input, INPUT, row.id) }));
}

/** A new instance as its first transition leaves it. */
export type NewRow = Pick<
  Instance,
  | "id"
  | "saga"
  | "version"
  | "key"
  | "journeyId"
  | "traceparent"
  | "status"
  | "step"
  | "revision"
  | "input"
  | "awaiting"
  | "code"
>;

/** What a transition changes; `revision` is the one that it makes. */
export type MovedRow = {
  readonly id: string;
  readonly revision: number;
  readonly status: Status;
  readonly step: string | null;
  readonly awaiting: Awaiting | null;
  readonly code: string | null;
  readonly resumes: Status | null;
  /** Of an instance that was not read: when its row was written, in microseconds since the Unix epoch. */
  readonly seen?: number | undefined;
};

/** Told when the row was written, in microseconds since the Unix epoch; the transaction may fail nevertheless. */
type Written = ((at: number) => void) | undefined;
const WRITTEN = `id, (extract(epoch from changed_at) * 1000000)::bigint as at`;

function tell(
  rows: readonly { readonly row: { readonly id: string }; readonly written: Written }[],
  all: unknown,
): void {
  const at = new Map((all as { id: string; at: number }[]).map((one) => [one.id, one.at]));
  for (const { row, written } of rows) written?.(at.get(row.id)!);
}

/** @throws SAGA_CHANGED when an instance of that key is there already */
export const newInstance = (row: NewRow, written?: Written): Gathered => {
  const { id, saga, version, key, journeyId, traceparent, status, step, revision, input, awaiting, code } = row;
  const kept = { id, saga, version, key, journeyId, traceparent, status, step, revision, input, awaiting, code };
  return insertNew({ row: kept, written });
};

const insertNew = gathering<{ readonly row: NewRow; readonly written: Written }>(async (tx, rows) => {
  const { bytes, offsets, sizes } = packed(
    rows.map(({ row }) => tx.vault.seal(JSON.stringify(row.input ?? null), INPUT, row.id)),
  );
  const made = await tx.query({
    name: "saga.insert",
    text: `insert into saga.instance (id, saga, version, key, journey_id, traceparent, status, step, revision, input, awaiting, code)
      select r.id, r.saga, r.version, r.key, r."journeyId", r.traceparent, r.status, r.step, r.revision,
        substring($2::bytea from r."offset" for r.size), r.awaiting, r.code
      from jsonb_to_recordset($1) as r(id uuid, saga text, version integer, key text, "journeyId" uuid, traceparent text,
        status text, step text, revision integer, "offset" integer, size integer, awaiting jsonb, code text)
      returning ${WRITTEN}`,
    values: [
      JSON.stringify(rows.map(({ row }, at) => ({ ...row, input: undefined, offset: offsets[at], size: sizes[at] }))),
      bytes,
    ],
    ifTaken: "SAGA_CHANGED",
  });
  tell(rows, made);
});

/** @throws SAGA_CHANGED when an instance is not at the revision before, or its row not the one that was seen */
export const movedInstance = (row: MovedRow, written?: Written): Gathered => {
  const { id, revision, status, step, awaiting, code, resumes, seen } = row;
  return updateMoved({ row: { id, revision, status, step, awaiting, code, resumes, seen }, written });
};

const updateMoved = gathering<{ readonly row: MovedRow; readonly written: Written }>(async (tx, rows) => {
  const moved = await tx.query({
    name: "saga.update",
    text: `update saga.instance i
      set status = r.status, step = r.step, revision = r.revision, awaiting = r.awaiting, code = r.code, resumes = r.resumes,
        changed_at = clock_timestamp()
      from jsonb_to_recordset($1) as r(id uuid, revision integer, status text, step text, awaiting jsonb, code text, resumes text, seen bigint)
      where i.id = r.id and i.revision = r.revision - 1
        and (r.seen is null or (extract(epoch from i.changed_at) * 1000000)::bigint = r.seen)
      returning i.${WRITTEN}`,
    values: [JSON.stringify(rows.map(({ row }) => row))],
  });
  if (moved.length < rows.length) throw new LockgateError("SAGA_CHANGED");
  tell(rows, moved);
});

/** @throws SAGA_CHANGED when an entry is there already: another transition's, which then has moved the instance as well */
export const journalEntry = gathering<Entry & { readonly instanceId: string }>(async (tx, rows) => {
  const { bytes, offsets, sizes } = packed(rows.map((row) => sealedResult(tx.vault, row)));
  await tx.query({
    name: "saga.journal",
    text: `insert into saga.journal (instance_id, revision, ordinal, step, kind, outcome, result, attempt, at)
      select r.instance_id, r.revision, r.ordinal, r.step, r.kind, r.outcome,
        case when r.size > 0 then substring($7::bytea from r."offset" for r.size) end, r.attempt, r.at
      from unnest(string_to_array($1, ',')::uuid[], $2::integer[], $3::smallint[], $4::text[], $5::text[], $6::text[],
          $8::integer[], string_to_array($9, ',')::timestamptz[], $10::integer[], $11::integer[])
        as r(instance_id, revision, ordinal, step, kind, outcome, attempt, at, "offset", size)`,
    values: [
      rows.map((row) => row.instanceId).join(","),
      rows.map((row) => row.revision),
      rows.map((row) => row.ordinal),
      rows.map((row) => row.step),
      rows.map((row) => row.kind),
      rows.map((row) => row.outcome),
      bytes,
      rows.map((row) => row.attempt),
      rows.map((row) => row.at).join(","),
      offsets,
      sizes,
    ],
    ifTaken: "SAGA_CHANGED",
  });
});

/** Nothing at all is not worth a seal. */
const sealedResult = (vault: Vault, entry: Entry & { readonly instanceId: string }): Buffer | null =>
  entry.result === undefined || entry.result === null
    ? null
    : vault.seal(JSON.stringify(entry.result), RESULT, placeOf(entry.instanceId, entry));

/** Keeps an event for an instance that does not wait for it yet; the last of one name counts. */
export function keepMail(tx: Tx, instanceId: string, name: string, body: unknown): Promise<unknown> {
  return tx.query({
    text: `insert into saga.mailbox (instance_id, name, body) values ($1, $2, $3)
      on conflict (instance_id, name) do update set body = excluded.body, at = excluded.at`,
    values: [instanceId, name, tx.vault.seal(JSON.stringify(body ?? null), MAIL, mailPlace(instanceId, name))],
  });
}

/** Drops mail that was used; what has come under its name since stays. */
export async function dropMail(tx: Tx, instanceId: string, used: Readonly<Record<string, unknown>>): Promise<void> {
  const kept = await tx.query<{ name: string; body: Buffer }>({
    text: "select name, body from saga.mailbox where instance_id = $1 and name = any($2) for update",
    values: [instanceId, Object.keys(used)],
  });
  const gone = kept.filter(
    ({ name, body }) =>
      JSON.stringify(opened(tx.vault, body, MAIL, mailPlace(instanceId, name))) === JSON.stringify(used[name] ?? null),
  );
  if (gone.length === 0) return;
  await tx.query({
    text: "delete from saga.mailbox where instance_id = $1 and name = any($2)",
    values: [instanceId, gone.map(({ name }) => name)],
  });
}

/** One transition outside of a round. @throws SAGA_CHANGED */
export async function moveInstance(tx: Tx, row: MovedRow, entries: readonly Entry[]): Promise<void> {
  for (const { write, row: one } of [
    movedInstance(row),
    ...entries.map((entry) => journalEntry({ ...entry, instanceId: row.id })),
  ])
    await write(tx, [one] as never[]);
}

/** Where a recorded result stands among all of its step. */
export type RecordedPlace = {
  /** ISO instant, to the microsecond. */
  readonly at: string;
  readonly instanceId: string;
  readonly revision: number;
  readonly ordinal: number;
};

/** What the steps of that name recorded since an instant, oldest first, a page after `after`. */
export async function readRecorded(
  db: Queryable,
  saga: string,
  step: string,
  since: Date,
  after: RecordedPlace,
  most: number,
): Promise<(RecordedPlace & { journeyId: string; result: unknown })[]> {
  const rows = await db.query<RecordedPlace & { journeyId: string; result: Buffer | null }>({
    text: `select i.journey_id as "journeyId", i.id as "instanceId", to_jsonb(j.at) #>> '{}' as at, j.revision, j.ordinal, j.result
      from saga.journal j join saga.instance i on i.id = j.instance_id
      where i.saga = $1 and j.step = $2 and j.kind = 'ran' and j.at >= $3 and (j.at, j.instance_id, j.revision, j.ordinal) > ($4::timestamptz, $5::uuid, $6::integer, $7::smallint)
      order by j.at, j.instance_id, j.revision, j.ordinal limit $8`,
    values: [saga, step, since, after.at, after.instanceId, after.revision, after.ordinal, most],
  });
  return rows.map((row) => ({
    ...row,
    result: row.result && opened(db.vault, row.result, RESULT, placeOf(row.instanceId, row)),
  }));
}

/** Forgets instances that ended before `before`, a batch at a time. @returns how many */
export async function deleteEnded(db: Queryable, before: Date, most: number): Promise<number> {
  const rows = await db.query({
    text: `with ended as (
        delete from saga.instance where id in (
          select id from saga.instance where started_at < $1 and changed_at < $1 and status in ('completed', 'undone', 'cancelled')
          order by started_at limit $2 for update skip locked)
        returning id),
      entries as (delete from saga.journal where instance_id in (select id from ended)),
      mail as (delete from saga.mailbox where instance_id in (select id from ended))
      select from ended`,
    values: [before, most],
  });
  return rows.length;
}
