// All SQL of the channels.

import type { Queryable, Tx } from "#kernel/db";
import { packed } from "#kernel/packed";
import type { Vault } from "#kernel/vault";
import type { BusinessKey, Fault } from "./types.ts";

/** A message to take in. */
export type IntakeRow = {
  readonly journeyId: string;
  readonly channel: string;
  readonly sender: string;
  readonly controlId: string;
  readonly digest: Buffer;
  readonly deliveries: number;
  readonly faults: readonly Fault[];
  readonly salt: Buffer;
};

/** Inserts messages. @throws the unique violation 23505 when a sender's id is known already */
export function insertIntake(tx: Tx, rows: readonly IntakeRow[]): Promise<unknown> {
  return tx.query({
    name: "channels.intake",
    text: `insert into channels.intake (journey_id, channel, sender, control_id, digest, deliveries, faults, salt)
      select m.journey_id, m.channel, m.sender, m.control_id, substring($6::bytea from (m.nth::integer - 1) * 32 + 1 for 32), m.deliveries,
        m.faults::jsonb, substring($7::bytea from (m.nth::integer - 1) * 16 + 1 for 16)
      from unnest(string_to_array($1, ',')::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $8::text[])
        with ordinality as m(journey_id, channel, sender, control_id, deliveries, faults, nth)`,
    values: [
      rows.map((row) => row.journeyId).join(","),
      rows.map((row) => row.channel),
      rows.map((row) => row.sender),
      rows.map((row) => row.controlId),
      rows.map((row) => row.deliveries),
      Buffer.concat(rows.map((row) => row.digest)),
      Buffer.concat(rows.map((row) => row.salt)),
      rows.map((row) => (row.faults.length > 0 ? JSON.stringify(row.faults) : null)),
    ],
  });
}

/** Inserts roots of journeys that are not known yet. @returns the ids of those inserted */
export async function insertRoots(tx: Tx, rows: readonly IntakeRow[]): Promise<string[]> {
  const inserted = await tx.query<{ journeyId: string }>({
    name: "channels.roots",
    text: `insert into channels.intake (journey_id, channel, sender, control_id, digest, deliveries, salt)
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::smallint[], $7::bytea[])
      on conflict do nothing returning journey_id as "journeyId"`,
    values: [
      rows.map((row) => row.journeyId),
      rows.map((row) => row.channel),
      rows.map((row) => row.sender),
      rows.map((row) => row.controlId),
      rows.map((row) => row.digest),
      rows.map((row) => row.deliveries),
      rows.map((row) => row.salt),
    ],
  });
  return inserted.map(({ journeyId }) => journeyId);
}

/** What is on record under a sender's id. */
export type IntakeRecord = { journeyId: string; digest: Buffer; faults: readonly Fault[] | null };

export async function readIntake(
  db: Queryable,
  channel: string,
  sender: string,
  controlId: string,
): Promise<IntakeRecord | undefined> {
  const [row] = await db.query<IntakeRecord>({
    name: "channels.known",
    text: `select journey_id as "journeyId", digest, faults from channels.intake
      where control_id = $3 and channel = $1 and sender = $2 and current`,
    values: [channel, sender, controlId],
  });
  return row;
}

const KEY = "channels.business_key.sealed";
/** All kinds alike: whoever looks a journey up names a value alone. */
const hiddenKey = (vault: Vault, value: string): string => vault.seek(value, "business key");

export async function insertKeys(tx: Tx, keys: readonly (BusinessKey & { journeyId: string })[]): Promise<void> {
  const { bytes, offsets, sizes } = packed(
    keys.map((key) => tx.vault.seal(key.value, KEY, `${key.journeyId} ${key.kind}`)),
  );
  await tx.query({
    name: "channels.keys",
    text: `insert into channels.business_key (kind, value, journey_id, sealed)
      select kind, value, journey_id, substring($4::bytea from "offset" for size)
      from unnest($1::text[], $2::text[], string_to_array($3, ',')::uuid[], $5::integer[], $6::integer[])
        as k(kind, value, journey_id, "offset", size)
      on conflict do nothing`,
    values: [
      keys.map((key) => key.kind),
      keys.map((key) => hiddenKey(tx.vault, key.value)),
      keys.map((key) => key.journeyId).join(","),
      bytes,
      offsets,
      sizes,
    ],
  });
}

/** Lets control ids older than `windowMs` be used again; their journeys stay. */
export async function closeWindow(db: Queryable, windowMs: number): Promise<void> {
  await db.query({
    text: "update channels.intake set current = false where current and received_at < now() - $1 * interval '1 ms'",
    values: [windowMs],
  });
}

/** A channel's text as it was deployed. */
export type ChannelVersion = {
  readonly digest: string;
  readonly file: string;
  readonly text: string;
  /** When it was first and last started. */
  readonly firstAt: Date;
  readonly lastAt: Date;
};

export async function keepVersion(
  db: Queryable,
  channel: string,
  { digest, file, text }: Pick<ChannelVersion, "digest" | "file" | "text">,
  at: Date,
): Promise<void> {
  await db.query({
    text: `insert into channels.version (channel, digest, file, text, first_at, last_at) values ($1, $2, $3, $4, $5, $5)
      on conflict (channel, digest) do update set last_at = excluded.last_at`,
    values: [channel, digest, file, text, at],
  });
}

/** The texts of a channel, the one at work first. */
export const readVersions = (db: Queryable, channel: string, most: number): Promise<ChannelVersion[]> =>
  db.query({
    text: `select digest, file, text, first_at as "firstAt", last_at as "lastAt" from channels.version
      where channel = $1 order by last_at desc limit $2`,
    values: [channel, most],
  });

/** A channel's state as operators set it. */
export type ChannelState = { name: string; state: "started" | "paused" | "stopped"; reason: string | null };

export async function registerChannel(db: Queryable, name: string): Promise<void> {
  await db.query({ text: "insert into channels.channel (name) values ($1) on conflict do nothing", values: [name] });
}

export function readChannels(db: Queryable): Promise<ChannelState[]> {
  return db.query<ChannelState>({
    name: "channels.states",
    text: "select name, state, reason from channels.channel order by name",
  });
}

export async function setChannelState(
  tx: Tx,
  name: string,
  state: ChannelState["state"],
  reason: string | null,
  seen?: Pick<ChannelState, "state" | "reason">,
): Promise<boolean> {
  const rows = await tx.query({
    text: `update channels.channel set state = $2, reason = $3
      where name = $1 and ($4::text is null or (state = $4 and reason is not distinct from $5)) returning name`,
    values: [name, state, reason, seen?.state ?? null, seen?.reason ?? null],
  });
  return rows.length > 0;
}

/** The root of a journey. */
export type JourneyRoot = {
  journeyId: string;
  channel: string;
  sender: string;
  controlId: string;
  receivedAt: Date;
  deliveries: number;
  faults: readonly Fault[] | null;
};

const ROOT = `journey_id as "journeyId", channel, sender, control_id as "controlId", received_at as "receivedAt", deliveries, faults`;

export async function readRoot(db: Queryable, journeyId: string): Promise<JourneyRoot | undefined> {
  const [row] = await db.query<JourneyRoot>({
    text: `select ${ROOT} from channels.intake where journey_id = $1`,
    values: [journeyId],
  });
  return row;
}

/** Those of them that there are, newest first. */
export const readRoots = (db: Queryable, journeyIds: readonly string[]): Promise<JourneyRoot[]> =>
  db.query<JourneyRoot>({
    name: "channels.roots-of",
    text: `select ${ROOT} from channels.intake where journey_id = any($1::uuid[]) order by journey_id desc`,
    values: [journeyIds],
  });

/** What channels took in, newest first: their journeys' ids are UUIDv7 and sort by time. */
export function listReceived(
  db: Queryable,
  filter: {
    readonly channel?: string | undefined;
    readonly since?: Date | undefined;
    readonly until?: Date | undefined;
    readonly before?: string | undefined;
    readonly most: number;
  },
): Promise<JourneyRoot[]> {
  return db.query<JourneyRoot>({
    name: "channels.list",
    text: `select ${ROOT} from channels.intake
      where channel in (select name from channels.channel where $1::text is null or name = $1)
        and ($2::timestamptz is null or received_at >= $2) and ($3::timestamptz is null or received_at < $3)
        and ($4::uuid is null or journey_id < $4) and ($5::uuid is null or journey_id >= $5)
        and ($6::uuid is null or journey_id < $6)
      order by journey_id desc limit $7`,
    values: [
      filter.channel ?? null,
      filter.since ?? null,
      filter.until ?? null,
      filter.before ?? null,
      filter.since ? idBound(filter.since, -CLOCK_SLACK_MS) : null,
      filter.until ? idBound(filter.until, CLOCK_SLACK_MS) : null,
      filter.most,
    ],
  });
}

/** What each channel took in since an instant. */
export function countReceived(
  db: Queryable,
  since: Date,
): Promise<{ channel: string; total: number; refused: number; filtered: number }[]> {
  return db.query({
    name: "channels.counts",
    text: `select channel, count(*) as total, count(faults) as refused,
        count(*) filter (where deliveries = 0 and faults is null) as filtered
      from channels.intake where journey_id >= $1 and received_at >= $2
        and channel in (select name from channels.channel) group by channel order by channel`,
    values: [idBound(since, -CLOCK_SLACK_MS), since],
  });
}

/** How many a channel took in within a stretch of time. */
export async function countTakenIn(db: Queryable, channel: string, since: Date, until: Date): Promise<number> {
  const [row] = await db.query<{ total: number }>({
    text: `select count(*) as total from channels.intake
      where channel = $1 and journey_id >= $2 and received_at >= $3 and received_at < $4`,
    values: [channel, idBound(since, -CLOCK_SLACK_MS), since, until],
  });
  return row!.total;
}

/** Ids are made by the node's clock, the time of arrival by the server's. */
const CLOCK_SLACK_MS = 60_000;

/** The least id that a journey can have which came since an instant. */
export const leastIdSince = (since: Date): string => idBound(since, -CLOCK_SLACK_MS);

/** The least UUIDv7 of an instant moved by so many milliseconds: its first 48 bits are the time (RFC 9562 §5.7). */
function idBound(at: Date, byMs: number): string {
  const hex = Math.max(0, at.getTime() + byMs)
    .toString(16)
    .padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Journeys that go by `value`: a sender's id or any business key; newest first. */
export function findRoots(db: Queryable, value: string, most: number): Promise<JourneyRoot[]> {
  return db.query<JourneyRoot>({
    text: `select ${ROOT} from channels.intake where journey_id in (
        select journey_id from channels.intake where control_id = $1 and current
        union select journey_id from channels.intake where control_id = $1 and not current
        union select journey_id from channels.business_key where value = $3)
      order by journey_id desc limit $2`,
    values: [value, most, hiddenKey(db.vault, value)],
  });
}

export async function readKeys(db: Queryable, journeyId: string): Promise<BusinessKey[]> {
  const rows = await db.query<{ kind: string; sealed: Buffer }>({
    text: "select kind, sealed from channels.business_key where journey_id = $1",
    values: [journeyId],
  });
  return rows
    .map(({ kind, sealed }) => ({ kind, value: db.vault.open(sealed, KEY, `${journeyId} ${kind}`).toString() }))
    .sort((a, b) => (a.kind + a.value < b.kind + b.value ? -1 : 1));
}

/** Roots received in a stretch of time, for the service-level clock. */
export function readReceived(
  db: Queryable,
  channel: string,
  after: Date,
  upTo: Date,
): Promise<{ journeyId: string; deliveries: number }[]> {
  return db.query({
    text: `select journey_id as "journeyId", deliveries from channels.intake where channel = $1 and received_at > $2 and received_at <= $3`,
    values: [channel, after, upTo],
  });
}
