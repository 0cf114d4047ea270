// SQL of parked messages: those that wait for another attempt, and the dead letters. What writes in a transaction gives the
// answer of its statement as it is: nobody needs to await it there.

import type { Queryable, Tx } from "#kernel/db";
import type { ErrorCode } from "#kernel/errors";
import { packed } from "#kernel/packed";
import { type MessageRow, openBody } from "../envelope.ts";
import type { LetterPlace, LetterStanding, Parked, ParkedMessage } from "../types.ts";

/** One message to park. */
export type ParkedRow = {
  readonly row: MessageRow & { body: Buffer };
  readonly state: "waiting" | "dead" | "dismissed";
  readonly attempt: number;
  readonly pauseMs: number;
  readonly reason: ErrorCode | undefined;
  readonly description: string | undefined;
};

/** Parks messages of one subscription. */
export function insertParked(tx: Tx, subscription: string, rows: readonly ParkedRow[]): Promise<unknown> {
  if (rows.length === 0) return Promise.resolve();
  const { bytes, offsets, sizes } = packed(rows.map(({ row }) => row.body));
  return tx.query({
    name: "backbone.park",
    text: `insert into backbone.parked
        (subscription, partition, position, session, state, attempt, next_at, reason, description, journey_id, at, attributes, body)
      select $1, m.partition, m.position, m.session, m.state, m.attempt, now() + m.pause_ms * interval '1 ms', m.reason, m.description,
        m.journey_id, m.at, m.attributes::jsonb, substring($13::bytea from m.offset for m.size)
      from unnest($2::smallint[], $3::bigint[], $4::text[], $5::text[], $6::integer[], $7::float8[], $8::text[], $9::text[],
          string_to_array($10, ',')::uuid[], $11::timestamptz[], string_to_array($12, E'\\n'), $14::integer[], $15::integer[])
        as m(partition, position, session, state, attempt, pause_ms, reason, description, journey_id, at, attributes, "offset", size)
      on conflict (subscription, position) do update -- dismissed once, replayed from the log, and stopped again
        set state = excluded.state, attempt = excluded.attempt, next_at = excluded.next_at, reason = excluded.reason, description = excluded.description`,
    values: [
      subscription,
      rows.map(({ row }) => row.partition),
      rows.map(({ row }) => row.position),
      rows.map(({ row }) => row.session),
      rows.map((row) => row.state),
      rows.map((row) => row.attempt),
      rows.map((row) => row.pauseMs),
      rows.map((row) => row.reason ?? null),
      rows.map((row) => row.description ?? null),
      rows.map(({ row }) => row.journey_id).join(","),
      rows.map(({ row }) => row.at),
      rows.map(({ row }) => JSON.stringify(row.attributes)).join("\n"),
      bytes,
      offsets,
      sizes,
    ],
  });
}

export function updateParked(tx: Tx, subscription: string, parked: ParkedRow): Promise<unknown> {
  return tx.query({
    name: "backbone.repark",
    text: `update backbone.parked set state = $3, attempt = $4, next_at = now() + $5 * interval '1 ms', reason = $6, description = $7
      where subscription = $1 and position = $2`,
    values: [
      subscription,
      parked.row.position,
      parked.state,
      parked.attempt,
      parked.pauseMs,
      parked.reason ?? null,
      parked.description ?? null,
    ],
  });
}

export function deleteParked(tx: Tx, subscription: string, positions: readonly number[]): Promise<unknown> {
  if (positions.length === 0) return Promise.resolve();
  return tx.query({
    name: "backbone.unpark",
    text: "delete from backbone.parked where subscription = $1 and position = any($2::bigint[])",
    values: [subscription, positions],
  });
}

/** Ends a dismissal: the row stays for the record and holds up nothing. */
export function markDismissed(tx: Tx, subscription: string, position: number): Promise<unknown> {
  return tx.query({
    text: "update backbone.parked set state = 'dismissed' where subscription = $1 and position = $2",
    values: [subscription, position],
  });
}

/** A parked message as the retry loop reads it. */
export type ParkedMessageRow = MessageRow & { body: Buffer; attempt: number; state: "waiting" | "dismissing" };

/** Messages whose time has come, first in their session and not at work already, oldest due first. */
export function readDue(
  db: Queryable,
  subscription: string,
  partitions: readonly number[],
  atWork: readonly number[],
  most: number,
): Promise<ParkedMessageRow[]> {
  return db.query<ParkedMessageRow>({
    name: "backbone.due",
    text: `select position, partition, session, journey_id, at, attributes, body, attempt, state from backbone.parked p
      where subscription = $1 and partition = any($2::smallint[]) and state in ('waiting', 'dismissing') and next_at <= now()
        and position <> all($4::bigint[])
        and not exists (select from backbone.parked e where e.subscription = p.subscription and e.session = p.session
          and e.position < p.position and e.state in ('waiting', 'dead', 'dismissing'))
      order by next_at, position limit $3`,
    values: [subscription, partitions, most, atWork],
  });
}

/** The subscriptions in which something parked is due, if only behind another message. */
export async function subscriptionsWithDue(db: Queryable): Promise<Set<string>> {
  const rows = await db.query<{ name: string }>({
    name: "backbone.with-due",
    text: `select s.name from backbone.subscription s where exists (select from backbone.parked p
      where p.subscription = s.name and p.state in ('waiting', 'dismissing') and p.next_at <= now())`,
  });
  return new Set(rows.map(({ name }) => name));
}

/** How many messages hold up each session of these partitions. */
export function countParked(
  db: Queryable,
  subscription: string,
  partitions: readonly number[],
): Promise<{ partition: number; session: string; held: number }[]> {
  return db.query({
    text: `select partition, session, count(*) as held from backbone.parked
      where subscription = $1 and partition = any($2::smallint[]) and state in ('waiting', 'dead', 'dismissing') and session is not null
      group by partition, session`,
    values: [subscription, partitions],
  });
}

const PARKED_COLUMNS = `subscription, position, state, session, attempt, next_at as "nextAt", reason, description,
  parked_at as "parkedAt", journey_id as "journeyId"`;

/** Parked messages, newest first. */
export function listParked(
  db: Queryable,
  filter: {
    state?: Parked["state"] | undefined;
    subscription?: string | undefined;
    journeyId?: string | undefined;
    most: number;
  },
): Promise<Parked[]> {
  return db.query<Parked>({
    text: `select ${PARKED_COLUMNS} from backbone.parked
      where ($1::text is null or state = $1) and ($2::text is null or subscription = $2) and ($3::uuid is null or journey_id = $3)
      order by position desc, subscription desc limit $4`,
    values: [filter.state ?? null, filter.subscription ?? null, filter.journeyId ?? null, filter.most],
  });
}

/** Whatever is done about a parked message moves its time, to the microsecond. */
const VERSION = "(extract(epoch from next_at) * 1000000)::bigint::text";

/** One parked message with its content. */
export async function readParked(
  db: Queryable,
  subscription: string,
  position: number,
): Promise<ParkedMessage | undefined> {
  const [row] = await db.query<Omit<ParkedMessage, "body"> & { sealed: Buffer; topic: number }>({
    text: `select ${PARKED_COLUMNS}, ${VERSION} as version, attributes->>'datacontenttype' as "contentType", body as sealed, (select topic from backbone.subscription where name = $1) as topic
      from backbone.parked where subscription = $1 and position = $2`,
    values: [subscription, position],
  });
  if (!row) return undefined;
  const { sealed, topic, ...parked } = row;
  return { ...parked, body: openBody(db.vault, sealed, parked.journeyId, topic) };
}

/** How those of these places stand at which something is parked still. */
export function readStandings(db: Queryable, places: readonly LetterPlace[]): Promise<LetterStanding[]> {
  return db.query<LetterStanding>({
    name: "backbone.standings",
    text: `select subscription, position, state, ${VERSION} as version from backbone.parked
      where (subscription, position) in (select * from unnest($1::text[], $2::bigint[]))`,
    values: [places.map(({ subscription }) => subscription), places.map(({ position }) => position)],
  });
}

/** Turns a dead letter into `waiting` (to be tried at once, attempts forgotten) or `dismissing`; with `version`, only as it was read. */
export async function settleDeadLetter(
  tx: Tx,
  subscription: string,
  position: number,
  to: "waiting" | "dismissing",
  version?: string,
): Promise<string | undefined> {
  const [row] = await tx.query<{ journey_id: string }>({
    text: `update backbone.parked set state = $3, attempt = 0, next_at = now() where subscription = $1 and position = $2 and state = 'dead'
      and ($4::text is null or ${VERSION} = $4) returning journey_id`,
    values: [subscription, position, to, version ?? null],
  });
  return row?.journey_id;
}
