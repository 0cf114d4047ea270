// SQL of parked messages: those that wait for another attempt, and the dead letters.

import type { Queryable, Tx } from "#kernel/db";
import type { ErrorCode } from "#kernel/errors";
import { attributesOf, type MessageRow } from "../envelope.ts";
import type { Envelope, Parked } from "../types.ts";

/** One message to park. */
export type ParkedRow = {
  readonly subscription: string;
  readonly partition: number;
  readonly envelope: Envelope;
  readonly state: "waiting" | "dead" | "dismissed";
  readonly attempt: number;
  readonly pauseMs: number;
  readonly reason: ErrorCode | undefined;
  readonly description: string | undefined;
};

export function insertParked(tx: Tx, row: ParkedRow): Promise<unknown> {
  const { envelope } = row;
  const attributes = attributesOf({ ...envelope, topic: envelope.topic });
  return tx.query({
    name: "backbone.park",
    text: `insert into backbone.parked
        (subscription, partition, position, session, state, attempt, next_at, reason, description, journey_id, at, attributes, body)
      values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 ms', $8, $9, $10, $11, $12, $13)
      on conflict (subscription, position) do update -- dismissed once, replayed from the log, and stopped again
        set state = excluded.state, attempt = excluded.attempt, next_at = excluded.next_at, reason = excluded.reason, description = excluded.description`,
    values: [
      row.subscription,
      row.partition,
      envelope.position,
      envelope.session ?? null,
      row.state,
      row.attempt,
      row.pauseMs,
      row.reason ?? null,
      row.description ?? null,
      envelope.journeyId,
      envelope.at,
      attributes,
      envelope.body,
    ],
  });
}

export function updateParked(tx: Tx, row: ParkedRow): Promise<unknown> {
  return tx.query({
    name: "backbone.repark",
    text: `update backbone.parked set state = $3, attempt = $4, next_at = now() + $5 * interval '1 ms', reason = $6, description = $7
      where subscription = $1 and position = $2`,
    values: [
      row.subscription,
      row.envelope.position,
      row.state,
      row.attempt,
      row.pauseMs,
      row.reason ?? null,
      row.description ?? null,
    ],
  });
}

export function deleteParked(tx: Tx, subscription: string, position: number): Promise<unknown> {
  return tx.query({
    name: "backbone.unpark",
    text: "delete from backbone.parked where subscription = $1 and position = $2",
    values: [subscription, position],
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

/** Parked messages, newest first; `before` pages on. */
export function listParked(
  db: Queryable,
  filter: {
    state?: Parked["state"] | undefined;
    subscription?: string | undefined;
    journeyId?: string | undefined;
    before?: number | undefined;
    most: number;
  },
): Promise<Parked[]> {
  return db.query<Parked>({
    text: `select ${PARKED_COLUMNS} from backbone.parked
      where ($1::text is null or state = $1) and ($2::text is null or subscription = $2) and ($3::uuid is null or journey_id = $3)
        and ($4::bigint is null or position < $4)
      order by position desc limit $5`,
    values: [
      filter.state ?? null,
      filter.subscription ?? null,
      filter.journeyId ?? null,
      filter.before ?? null,
      filter.most,
    ],
  });
}

/** One parked message with its content. */
export async function readParked(
  db: Queryable,
  subscription: string,
  position: number,
): Promise<(Parked & { body: Buffer }) | undefined> {
  const [row] = await db.query<Parked & { body: Buffer }>({
    text: `select ${PARKED_COLUMNS}, body from backbone.parked where subscription = $1 and position = $2`,
    values: [subscription, position],
  });
  return row;
}

/** Turns a dead letter into `waiting` (to be tried at once, attempts forgotten) or `dismissing`. */
export async function settleDeadLetter(
  tx: Tx,
  subscription: string,
  position: number,
  to: "waiting" | "dismissing",
): Promise<string | undefined> {
  const [row] = await tx.query<{ journey_id: string }>({
    text: `update backbone.parked set state = $3, attempt = 0, next_at = now() where subscription = $1 and position = $2 and state = 'dead'
      returning journey_id`,
    values: [subscription, position, to],
  });
  return row?.journey_id;
}
