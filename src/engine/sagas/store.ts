// All SQL of sagas. Rows of one round travel together, as one JSON document a statement.

import { type Gathered, gathering } from "#engine/backbone";
import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Awaiting, Entry, Instance, InstanceWithJournal, Status } from "./types.ts";

const INSTANCE = `i.id, i.saga, i.version, i.key, i.journey_id as "journeyId", i.traceparent, i.status, i.step, i.revision,
  i.input, i.awaiting, i.resumes, i.code, i.started_at as "startedAt", i.changed_at as "changedAt"`;
const WITH_JOURNAL = `${INSTANCE},
  coalesce((select json_agg(json_build_object('revision', j.revision, 'ordinal', j.ordinal, 'step', j.step, 'kind', j.kind,
      'outcome', j.outcome, 'result', j.result, 'attempt', j.attempt, 'at', j.at) order by j.revision, j.ordinal)
    from saga.journal j where j.instance_id = i.id), '[]') as journal,
  coalesce((select jsonb_object_agg(m.name, m.body) from saga.mailbox m where m.instance_id = i.id), '{}') as mailbox`;

/** The instances of these ids that there are. */
export function readInstances(db: Queryable, ids: readonly string[]): Promise<InstanceWithJournal[]> {
  return db.query<InstanceWithJournal>({
    name: "saga.read",
    text: `select ${WITH_JOURNAL} from saga.instance i where i.id = any($1::uuid[])`,
    values: [ids],
  });
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
export function readOfJourney(db: Queryable, journeyId: string): Promise<Instance[]> {
  return db.query<Instance>({
    text: `select ${INSTANCE} from saga.instance i where i.journey_id = $1 order by i.started_at`,
    values: [journeyId],
  });
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
};

/** @throws SAGA_CHANGED when an instance of that key is there already */
export const newInstance = (row: NewRow): Gathered => {
  const { id, saga, version, key, journeyId, traceparent, status, step, revision, input, awaiting, code } = row;
  return insertNew({ id, saga, version, key, journeyId, traceparent, status, step, revision, input, awaiting, code });
};

const insertNew = gathering<NewRow>(async (tx, rows) => {
  const made = await tx.query({
    name: "saga.insert",
    text: `insert into saga.instance (id, saga, version, key, journey_id, traceparent, status, step, revision, input, awaiting, code)
      select r.id, r.saga, r.version, r.key, r."journeyId", r.traceparent, r.status, r.step, r.revision, r.input, r.awaiting, r.code
      from jsonb_to_recordset($1) as r(id uuid, saga text, version integer, key text, "journeyId" uuid, traceparent text,
        status text, step text, revision integer, input jsonb, awaiting jsonb, code text)
      on conflict do nothing returning id`,
    values: [JSON.stringify(rows)],
  });
  if (made.length < rows.length) throw new LockgateError("SAGA_CHANGED");
});

/** @throws SAGA_CHANGED when an instance is not at the revision before */
export const movedInstance = ({ id, revision, status, step, awaiting, code, resumes }: MovedRow): Gathered =>
  updateMoved({ id, revision, status, step, awaiting, code, resumes });

const updateMoved = gathering<MovedRow>(async (tx, rows) => {
  const moved = await tx.query({
    name: "saga.update",
    text: `update saga.instance i
      set status = r.status, step = r.step, revision = r.revision, awaiting = r.awaiting, code = r.code, resumes = r.resumes,
        changed_at = clock_timestamp()
      from jsonb_to_recordset($1) as r(id uuid, revision integer, status text, step text, awaiting jsonb, code text, resumes text)
      where i.id = r.id and i.revision = r.revision - 1 returning i.id`,
    values: [JSON.stringify(rows)],
  });
  if (moved.length < rows.length) throw new LockgateError("SAGA_CHANGED");
});

/**
 * An entry that is there already is another transition's, which then has moved the instance as well: see `movedInstance`.
 * Results go as lines of one text: within a JSON document the server would read each of them three times.
 */
export const journalEntry = gathering<Entry & { readonly instanceId: string }>(async (tx, rows) => {
  await tx.query({
    name: "saga.journal",
    text: `insert into saga.journal (instance_id, revision, ordinal, step, kind, outcome, result, attempt, at)
      select * from unnest(string_to_array($1, ',')::uuid[], $2::integer[], $3::smallint[], $4::text[], $5::text[], $6::text[],
        string_to_array($7, E'\\n', 'null')::json[], $8::integer[], string_to_array($9, ',')::timestamptz[])
      on conflict do nothing`,
    values: [
      rows.map((row) => row.instanceId).join(","),
      rows.map((row) => row.revision),
      rows.map((row) => row.ordinal),
      rows.map((row) => row.step),
      rows.map((row) => row.kind),
      rows.map((row) => row.outcome),
      rows.map(resultLine).join("\n"),
      rows.map((row) => row.attempt),
      rows.map((row) => row.at).join(","),
    ],
  });
});

/** A NUL can be kept in a `json`, but never be read out of it. @throws DATABASE_REFUSED_VALUE */
function resultLine({ result }: Entry): string {
  const line = JSON.stringify(result ?? null);
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(line)) throw new LockgateError("DATABASE_REFUSED_VALUE", { reason: "22P05" });
  return line;
}

/** Keeps an event for an instance that does not wait for it yet; the last of one name counts. */
export function keepMail(tx: Tx, instanceId: string, name: string, body: unknown): Promise<unknown> {
  return tx.query({
    text: `insert into saga.mailbox (instance_id, name, body) values ($1, $2, $3)
      on conflict (instance_id, name) do update set body = excluded.body, at = excluded.at`,
    values: [instanceId, name, JSON.stringify(body ?? null)],
  });
}

/** Drops mail that was used; what has come under its name since stays. */
export function dropMail(tx: Tx, instanceId: string, used: Readonly<Record<string, unknown>>): Promise<unknown> {
  return tx.query({
    text: `delete from saga.mailbox m using jsonb_each($2) as used
      where m.instance_id = $1 and m.name = used.key and m.body = used.value`,
    values: [instanceId, JSON.stringify(used)],
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
export function readRecorded(
  db: Queryable,
  saga: string,
  step: string,
  since: Date,
  after: RecordedPlace,
  most: number,
): Promise<(RecordedPlace & { journeyId: string; result: unknown })[]> {
  return db.query({
    text: `select i.journey_id as "journeyId", i.id as "instanceId", to_jsonb(j.at) #>> '{}' as at, j.revision, j.ordinal, j.result
      from saga.journal j join saga.instance i on i.id = j.instance_id
      where i.saga = $1 and j.step = $2 and j.kind = 'ran' and j.at >= $3 and (j.at, j.instance_id, j.revision, j.ordinal) > ($4::timestamptz, $5::uuid, $6::integer, $7::smallint)
      order by j.at, j.instance_id, j.revision, j.ordinal limit $8`,
    values: [saga, step, since, after.at, after.instanceId, after.revision, after.ordinal, most],
  });
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
