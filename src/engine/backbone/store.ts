// SQL of the log: topics, messages, duplicates, schedules and housekeeping.

import type { Queryable, Tx } from "#kernel/db";
import { packed } from "#kernel/packed";
import { readTogether } from "#kernel/read-together";
import { attributesOf, hiddenSession, type MessageRow, PARTITIONS, partitionFor, sealBody } from "./envelope.ts";
import type { NewMessage } from "./types.ts";

/** Bodies above this size are read one by one when their turn comes, so that a batch stays small. */
const INLINE_BODY_BYTES = 65_536;

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
 * Appends messages in order.
 * Lists without a separator of their own (UUIDs, JSON) go as one text, which costs less than an array.
 */
export async function insertMessages(
  tx: Tx,
  messages: readonly NewMessage[],
  topics: readonly number[],
): Promise<void> {
  const sessions = messages.map(({ session }) => hiddenSession(tx.vault, session));
  const { bytes, offsets, sizes } = packed(
    messages.map((message, index) => sealBody(tx.vault, message, topics[index]!)),
  );
  await tx.query({
    name: "backbone.append",
    text: `insert into backbone.log (topic, partition, session, journey_id, attributes, body)
      select m.topic, m.partition, m.session, m.journey_id, m.attributes::jsonb, substring($1::bytea from m.offset for m.size)
      from unnest($2::smallint[], $3::smallint[], $4::text[], string_to_array($5, ',')::uuid[], string_to_array($6, E'\\n'),
          $7::integer[], $8::integer[])
        as m(topic, partition, session, journey_id, attributes, "offset", size)`,
    values: [
      bytes,
      topics,
      messages.map(({ journeyId }, index) => partitionFor(sessions[index]!, journeyId)),
      sessions,
      messages.map((message) => message.journeyId).join(","),
      messages.map(attributesOf).join("\n"),
      offsets,
      sizes,
    ],
  });
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
  const session = hiddenSession(tx.vault, message.session);
  await tx.query({
    text: `insert into backbone.scheduled (id, due_at, topic, partition, session, journey_id, attributes, body)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      id,
      dueAt,
      topic,
      partitionFor(session, message.journeyId),
      session,
      message.journeyId,
      attributesOf(message),
      sealBody(tx.vault, message, topic),
    ],
  });
}

export async function deleteScheduled(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.query({ text: "delete from backbone.scheduled where id = $1 returning id", values: [id] });
  return rows.length > 0;
}

/** Whether anything scheduled is due. */
export async function hasDue(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ due: boolean }>({
    name: "backbone.has-due",
    text: "select exists (select from backbone.scheduled where due_at <= now()) as due",
  });
  return row!.due;
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

/** Where a subscription has got to in each of its partitions. */
type Readers = {
  readonly topic: number;
  readonly after: readonly { readonly partition: number; readonly position: number }[];
};

/** What is unread. `isMore`: in some partition there may be more; `isHeldBack`: something stands above the horizon. */
type Unread = { readonly rows: MessageRow[]; readonly isMore: boolean; readonly isHeldBack: boolean };

/** At most so many of each partition at a time. */
const READ_PER_PARTITION = 16;

/**
 * Unread messages after each position, some of each partition, none above the horizon. Large bodies come as null, the others
 * sealed. Subscriptions that look at one moment look together: to find the horizon costs as much as to read.
 */
export async function readUnread(db: Queryable, wanted: Readers): Promise<Unread> {
  return (await everyUnread(db, wanted)).find((one) => one.wanted === wanted)!.unread;
}

/** Without a position: the subscription at this place is held back somewhere. */
type FoundRow = (MessageRow | { readonly position: null }) & { readonly place: number };

const everyUnread = readTogether(async (db, all: readonly Readers[]) => {
  const cursors = all.flatMap(({ topic, after }, place) => after.map((one) => ({ place, topic, ...one })));
  const found = await db.query<FoundRow>({
    name: "backbone.unread",
    text: `with found as materialized (select * from backbone.unread($1, $2, $3, $4, $5, $6))
      select * from found where position is not null
      union all select place, null, null, null, null, null, null, null from found where position is null group by place`,
    values: [
      cursors.map(({ place }) => place),
      cursors.map(({ topic }) => topic),
      cursors.map(({ partition }) => partition),
      cursors.map(({ position }) => position),
      READ_PER_PARTITION,
      INLINE_BODY_BYTES,
    ],
  });
  const byPlace = Map.groupBy(found, ({ place }) => place);
  return all.map((wanted, place) => ({ wanted, unread: unreadOf(byPlace.get(place) ?? []) }));
});

function unreadOf(found: readonly FoundRow[]): Unread {
  const counts = new Map<number, number>();
  const rows: MessageRow[] = [];
  for (const row of found) {
    if (row.position === null) continue;
    rows.push(row);
    counts.set(row.partition, (counts.get(row.partition) ?? 0) + 1);
  }
  return {
    rows,
    isMore: counts.values().some((count) => count === READ_PER_PARTITION),
    isHeldBack: rows.length < found.length,
  };
}

/** A body as it is stored, sealed. */
export async function readBody(db: Queryable, topic: number, partition: number, position: number): Promise<Buffer> {
  const [row] = await db.query<{ body: Buffer }>({
    name: "backbone.body",
    text: "select body from backbone.log where topic = $1 and partition = $2 and position = $3",
    values: [topic, partition, position],
  });
  return row!.body;
}

/** Positions between one row of a commit and another: a batch of them, and what others drew meanwhile. */
const MOST_APART = 50_000;

/** A message by its journey, near a position. */
export async function readNear(
  db: Queryable,
  topic: number,
  journeyId: string,
  position: number,
): Promise<(MessageRow & { body: Buffer }) | undefined> {
  const [row] = await db.query<MessageRow & { body: Buffer }>({
    name: "backbone.near",
    text: `select l.position, l.partition, l.session, l.journey_id, l.at, l.attributes, l.body
      from generate_series(0, $5::integer - 1) as p(number)
      join backbone.log l on l.topic = $1 and l.partition = p.number and l.position between $3::bigint - $4 and $3::bigint + $4
      where l.journey_id = $2 order by l.position limit 1`,
    values: [topic, journeyId, position, MOST_APART, PARTITIONS],
  });
  return row;
}

/** The messages of a topic before a position, the newest first; none of a topic that nobody has used. */
export function readBefore(
  db: Queryable,
  topic: string,
  position: number,
  most: number,
): Promise<(MessageRow & { topic: number; body: Buffer })[]> {
  return db.query({
    name: "backbone.before",
    text: `select l.topic, l.position, l.partition, l.session, l.journey_id, l.at, l.attributes, l.body
      from (select t.id as topic, n.partition, n.position
          from backbone.topic t cross join generate_series(0, $4::integer - 1) as p(number)
          cross join lateral (select b.partition, b.position from backbone.log b
            where b.topic = t.id and b.partition = p.number and b.position < $2::bigint order by b.position desc limit $3) n
          where t.name = $1 order by n.position desc limit $3) newest
      join backbone.log l on l.topic = newest.topic and l.partition = newest.partition and l.position = newest.position
      order by l.position desc`,
    values: [topic, position, most, PARTITIONS],
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

/** Since when the oldest message of each subscription waits; none of those that have none. */
export function readOldest(db: Queryable): Promise<{ subscription: string; at: Date }[]> {
  return db.query({
    text: `select subscription, at from (select s.name as subscription, least(
          (select min(p.at) from backbone.parked p where p.subscription = s.name and p.state in ('waiting', 'dead')),
          (select min(u.at) from backbone.cursor c cross join lateral (
            select l.at from backbone.log l where l.topic = s.topic and l.partition = c.partition and l.position > c.position
            order by l.position limit 1) u where c.subscription = s.name)) as at
      from backbone.subscription s) o where at is not null`,
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

/** Sends a NOTIFY. */
export async function notify(db: Queryable, channel: string, payload: string): Promise<void> {
  await db.query({ name: "backbone.notify", text: "select pg_notify($1, $2)", values: [channel, payload] });
}
