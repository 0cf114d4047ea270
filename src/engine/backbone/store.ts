// All SQL of the backbone.

import { crc32 } from "node:zlib";
import type { Queryable, Tx } from "#kernel/db";
import type { ErrorCode } from "#kernel/errors";
import type { Envelope, NewMessage, Parked } from "./types.ts";

/** Hash partitions of a topic: the grain of ordering and of leases. */
export const PARTITIONS = 16;

/** Bodies above this size are read one by one when their turn comes, so that a batch stays small. */
const INLINE_BODY_BYTES = 65_536;

/** Where a message goes: by its session, or spread by its journey. */
const partitionFor = (message: NewMessage): number => crc32(message.session ?? message.journeyId) % PARTITIONS;

type Attributes = {
  source: string;
  datacontenttype: string;
  causationid?: string;
  traceparent?: string;
  dedupid?: string;
  expirytime?: string;
};

function attributesOf(message: NewMessage): string {
  const attributes: Attributes = { source: message.source, datacontenttype: message.contentType };
  if (message.causationId) attributes.causationid = message.causationId;
  if (message.traceparent) attributes.traceparent = message.traceparent;
  if (message.dedupId) attributes.dedupid = message.dedupId;
  if (message.expiresAt) attributes.expirytime = message.expiresAt.toISOString();
  return JSON.stringify(attributes);
}

/** A row of the log or of the parked table. */
export type MessageRow = {
  position: number;
  partition: number;
  session: string | null;
  journey_id: string;
  at: Date;
  attributes: Attributes;
  body: Buffer | null;
};

export function envelopeOf(topic: string, row: MessageRow, body: Buffer): Envelope {
  const { attributes } = row;
  return {
    position: row.position,
    topic,
    session: row.session ?? undefined,
    journeyId: row.journey_id,
    at: row.at,
    contentType: attributes.datacontenttype,
    source: attributes.source,
    causationId: attributes.causationid,
    traceparent: attributes.traceparent,
    expiresAt: attributes.expirytime ? new Date(attributes.expirytime) : undefined,
    body,
  };
}

/** The number of a topic, created at its first use. */
export async function topicNumber(db: Queryable, name: string): Promise<number> {
  const select = { text: "select id from backbone.topic where name = $1", values: [name] };
  const [known] = await db.query<{ id: number }>(select);
  if (known) return known.id;
  await db.query({ text: "insert into backbone.topic (name) values ($1) on conflict do nothing", values: [name] });
  const [made] = await db.query<{ id: number }>(select);
  return made!.id;
}

/**
 * Appends messages in order and returns their positions.
 * The bodies travel as one parameter and are cut up by the server: an array of bytea would go as text, at twice the size.
 * Lists without a separator of their own (UUIDs, JSON) go as one text, which costs less than an array.
 */
export async function insertMessages(
  tx: Tx,
  messages: readonly NewMessage[],
  topics: readonly number[],
): Promise<number[]> {
  let offset = 1;
  const offsets = messages.map((message) => {
    const from = offset;
    offset += message.body.byteLength;
    return from;
  });
  const rows = await tx.query<{ position: number }>({
    name: "backbone.append",
    text: `insert into backbone.log (topic, partition, session, journey_id, attributes, body)
      select m.topic, m.partition, m.session, m.journey_id, m.attributes::jsonb, substring($1::bytea from m.offset for m.size)
      from unnest($2::smallint[], $3::smallint[], $4::text[], string_to_array($5, ',')::uuid[], string_to_array($6, E'\\n'),
          $7::integer[], $8::integer[])
        as m(topic, partition, session, journey_id, attributes, "offset", size)
      returning position`,
    values: [
      messages.length === 1 ? messages[0]!.body : Buffer.concat(messages.map((message) => message.body)),
      topics,
      messages.map(partitionFor),
      messages.map((message) => message.session ?? null),
      messages.map((message) => message.journeyId).join(","),
      messages.map(attributesOf).join("\n"),
      offsets,
      messages.map((message) => message.body.byteLength),
    ],
  });
  return rows.map((row) => row.position);
}

/** Records dedup ids; returns those that are new within the window. */
export async function claimDedupIds(
  tx: Tx,
  topic: number,
  dedupIds: readonly string[],
  windowMs: number,
): Promise<Set<string>> {
  const rows = await tx.query<{ dedup_id: string }>({
    text: `insert into backbone.duplicate as d (topic, dedup_id, expires_at)
      select $1, id, now() + $3 * interval '1 ms' from unnest($2::text[]) as id
      on conflict (topic, dedup_id) do update set expires_at = excluded.expires_at where d.expires_at <= now()
      returning dedup_id`,
    values: [topic, dedupIds, windowMs],
  });
  return new Set(rows.map((row) => row.dedup_id));
}

export async function insertScheduled(
  tx: Tx,
  id: string,
  topic: number,
  message: NewMessage,
  dueAt: Date,
): Promise<void> {
  await tx.query({
    text: `insert into backbone.scheduled (id, due_at, topic, partition, session, journey_id, attributes, body)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      id,
      dueAt,
      topic,
      partitionFor(message),
      message.session ?? null,
      message.journeyId,
      attributesOf(message),
      message.body,
    ],
  });
}

export async function deleteScheduled(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.query({ text: "delete from backbone.scheduled where id = $1 returning id", values: [id] });
  return rows.length > 0;
}

/** Moves what is due onto the log, oldest first, and returns the topics that got something. */
export async function releaseScheduled(tx: Tx, most: number): Promise<string[]> {
  const rows = await tx.query<{ name: string }>({
    text: `with due as (
        delete from backbone.scheduled where id in (
          select id from backbone.scheduled where due_at <= now() order by due_at limit $1 for update skip locked)
        returning due_at, topic, partition, session, journey_id, attributes, body),
      moved as (
        insert into backbone.log (topic, partition, session, journey_id, attributes, body)
        select topic, partition, session, journey_id, attributes, body from due order by due_at
        returning topic)
      select distinct t.name from moved join backbone.topic t on t.id = moved.topic`,
    values: [most],
  });
  return rows.map((row) => row.name);
}

/** Registers a subscription with a cursor per partition; leaves an existing one as it is. */
export async function createSubscription(
  tx: Tx,
  name: string,
  topic: number,
  from: "beginning" | "now",
): Promise<void> {
  await tx.query({
    text: `with made as (insert into backbone.subscription (name, topic) values ($1, $2) on conflict do nothing returning name)
      insert into backbone.cursor (subscription, partition, position)
      select name, p, case when $3 = 'now' then (select last_value from kernel.position) else 0 end
      from made, generate_series(0, $4::integer - 1) as p`,
    values: [name, topic, from, PARTITIONS],
  });
}

/** A partition that this node may move, from which position and under which epoch. */
export type OwnedPartition = { partition: number; position: number; epoch: number };

/**
 * Renews this node's lease and settles who owns what: partitions of dead consumers and unowned ones are claimed up to
 * a fair share, what is above the share is given up.
 */
export async function claimPartitions(
  tx: Tx,
  subscription: string,
  node: string,
  leaseMs: number,
): Promise<OwnedPartition[]> {
  tx.query({
    name: "backbone.renew",
    text: `insert into backbone.consumer (subscription, node, lease_till) values ($1, $2, now() + $3 * interval '1 ms')
      on conflict (subscription, node) do update set lease_till = excluded.lease_till`,
    values: [subscription, node, leaseMs],
  });
  tx.query({
    name: "backbone.claim",
    text: `with live as (select node from backbone.consumer where subscription = $1 and lease_till > now()),
        share as (select ceil($3::numeric / greatest(count(*), 1))::integer as size from live),
        mine as (select partition, row_number() over (order by partition) as nth from backbone.cursor where subscription = $1 and owner = $2),
        surplus as (select partition from mine, share where nth > size),
        free as (select partition from backbone.cursor where subscription = $1 and (owner is null or owner not in (select node from live))
          order by partition limit (select greatest(size - (select count(*) from mine), 0) from share) for update skip locked)
      update backbone.cursor c
        set owner = case when c.partition in (select partition from free) then $2::uuid end, epoch = epoch + 1
        where c.subscription = $1 and (c.partition in (select partition from free) or c.partition in (select partition from surplus))`,
    values: [subscription, node, PARTITIONS],
  });
  return tx.query<OwnedPartition>({
    name: "backbone.owned",
    text: "select partition, position, epoch from backbone.cursor where subscription = $1 and owner = $2 order by partition",
    values: [subscription, node],
  });
}

/** Gives up all partitions and the lease, so that another node need not wait for it to run out. */
export async function releasePartitions(tx: Tx, subscription: string, node: string): Promise<void> {
  tx.query({
    text: "update backbone.cursor set owner = null, epoch = epoch + 1 where subscription = $1 and owner = $2",
    values: [subscription, node],
  });
  await tx.query({
    text: "delete from backbone.consumer where subscription = $1 and node = $2",
    values: [subscription, node],
  });
}

/** Unread messages after each position, up to `perPartition` of each, none above the horizon. Large bodies come as null. */
export function readMessages(
  db: Queryable,
  topic: number,
  after: readonly { partition: number; position: number }[],
  horizon: number,
  perPartition: number,
): Promise<MessageRow[]> {
  return db.query<MessageRow>({
    name: "backbone.read",
    text: `select l.* from unnest($2::smallint[], $3::bigint[]) as c(partition, position)
      cross join lateral (
        select l.position, l.partition, l.session, l.journey_id, l.at, l.attributes,
          case when octet_length(l.body) <= $6 then l.body end as body
        from backbone.log l
        where l.topic = $1 and l.partition = c.partition and l.position > c.position and l.position <= $4
        order by l.position limit $5) l`,
    values: [
      topic,
      after.map((c) => c.partition),
      after.map((c) => c.position),
      horizon,
      perPartition,
      INLINE_BODY_BYTES,
    ],
  });
}

export async function readBody(db: Queryable, topic: number, partition: number, position: number): Promise<Buffer> {
  const [row] = await db.query<{ body: Buffer }>({
    name: "backbone.body",
    text: "select body from backbone.log where topic = $1 and partition = $2 and position = $3",
    values: [topic, partition, position],
  });
  return row!.body;
}

/** Moves cursors under their epochs; raises LG001 when any of them has a new owner. */
export function advance(tx: Tx, subscription: string, moves: readonly OwnedPartition[]): Promise<unknown> {
  return tx.query({
    name: "backbone.advance",
    text: "select backbone.advance($1, $2, $3, $4)",
    values: [subscription, moves.map((m) => m.partition), moves.map((m) => m.position), moves.map((m) => m.epoch)],
  });
}

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

/** Whether any other node takes part in anything: then it is worth telling it what is new. */
export async function hasOtherNodes(db: Queryable, node: string): Promise<boolean> {
  const [row] = await db.query<{ others: boolean }>({
    name: "backbone.others",
    text: "select exists (select from backbone.consumer where node <> $1 and lease_till > now()) as others",
    values: [node],
  });
  return row!.others;
}

export async function pausedReason(db: Queryable, subscription: string): Promise<string | undefined> {
  const [row] = await db.query<{ paused_reason: string | null }>({
    name: "backbone.paused",
    text: "select paused_reason from backbone.subscription where name = $1",
    values: [subscription],
  });
  return row?.paused_reason ?? undefined;
}

export async function setPaused(db: Queryable, subscription: string, reason: string | null): Promise<boolean> {
  const rows = await db.query({
    text: "update backbone.subscription set paused_reason = $2 where name = $1 returning name",
    values: [subscription, reason],
  });
  return rows.length > 0;
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

/**
 * Sets every cursor of a subscription back (or on) to just before the first message at or after `from`. What is parked
 * beyond that point comes again from the log, so it is taken out of the parked ones.
 */
export async function resetCursors(tx: Tx, subscription: string, from: Date): Promise<void> {
  await tx.query({
    text: `update backbone.cursor c set epoch = epoch + 1, owner = null, position = coalesce((
        select min(l.position) - 1 from backbone.log l join backbone.subscription s on s.topic = l.topic
        where s.name = $1 and l.partition = c.partition and l.at >= $2), c.position)
      where c.subscription = $1`,
    values: [subscription, from],
  });
  await tx.query({
    text: `delete from backbone.parked p using backbone.cursor c, backbone.subscription s, backbone.log l
      where p.subscription = $1 and p.state <> 'dismissed' and c.subscription = $1 and c.partition = p.partition and p.position > c.position
        and s.name = $1 and l.topic = s.topic and l.partition = p.partition and l.position = p.position`,
    values: [subscription],
  });
}

/** Figures for the operator: what waits in each subscription. */
export function readBacklog(
  db: Queryable,
): Promise<
  { subscription: string; topic: string; pausedReason: string | null; unread: number; waiting: number; dead: number }[]
> {
  return db.query({
    text: `select s.name as subscription, t.name as topic, s.paused_reason as "pausedReason",
        (select count(*) from backbone.cursor c join backbone.log l on l.topic = s.topic and l.partition = c.partition and l.position > c.position
          where c.subscription = s.name) as unread,
        (select count(*) from backbone.parked p where p.subscription = s.name and p.state = 'waiting') as waiting,
        (select count(*) from backbone.parked p where p.subscription = s.name and p.state = 'dead') as dead
      from backbone.subscription s join backbone.topic t on t.id = s.topic order by s.name`,
  });
}

/** Housekeeping: blocks ahead of need, a fresh block a day, old blocks dropped, lapsed dedup ids and consumers removed. */
export async function tidy(db: Queryable, keepMs: number): Promise<void> {
  await db.query("select backbone.extend(4)");
  await db.query("select backbone.roll(interval '1 day')");
  await db.query({ text: "select backbone.expire($1 * interval '1 ms')", values: [keepMs] });
  await db.query("delete from backbone.duplicate where expires_at <= now()");
  await db.query("delete from backbone.consumer where lease_till < now() - interval '1 day'");
}
