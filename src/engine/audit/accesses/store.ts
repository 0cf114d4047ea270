// SQL of accesses: leaves with their index, in one statement.

import type { Queryable, Tx } from "#kernel/db";
import type { AccessFilter } from "./types.ts";

/** An access as its rows hold it. */
export type AccessRow = {
  readonly id: string;
  readonly at: Date;
  readonly name: string;
  readonly actor: string | null;
  readonly purpose: string | null;
  /** Sealed. */
  readonly reason: Buffer | null;
  readonly salt: Buffer | null;
  readonly journeyId: string | null;
  readonly body: string;
  /** Each once, separated by spaces, of which ids have none. */
  readonly about: string;
};

/** Appends leaves with what they are found by; positions are drawn once for both. */
export async function insertAccesses(tx: Tx, rows: readonly AccessRow[]): Promise<void> {
  await tx.query({
    name: "audit.accesses",
    text: `with given as materialized (
        select nextval('kernel.position') as position, a.* from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[],
          $5::text[], $6::bytea[], $7::bytea[], $8::uuid[], $9::text[], $10::text[])
          as a(id, at, name, actor, purpose, reason, salt, journey_id, body, about)),
      leaf as (insert into audit.leaf (position, journey_id, body) select position, journey_id, body from given),
      access as (insert into audit.access (position, id, at, name, actor, purpose, reason, salt)
        select position, id, at, name, actor, purpose, reason, salt from given)
      insert into audit.access_about (about, position)
      select one, position from given, unnest(string_to_array(given.about, ' ')) as one`,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ at }) => at),
      rows.map(({ name }) => name),
      rows.map(({ actor }) => actor),
      rows.map(({ purpose }) => purpose),
      rows.map(({ reason }) => reason),
      rows.map(({ salt }) => salt),
      rows.map(({ journeyId }) => journeyId),
      rows.map(({ body }) => body),
      rows.map(({ about }) => about),
    ],
  });
}

/** An access as it is read back. */
export type FoundAccess = {
  readonly position: number;
  readonly id: string;
  readonly purpose: string | null;
  /** Sealed. */
  readonly reason: Buffer | null;
  readonly body: string;
  readonly about: readonly string[];
};

/** Accesses that the filter lets through, newest first. Each bound that is given has an index to come by. */
export function selectAccesses(
  db: Queryable,
  { actor, about, purpose, since, until, before, most }: AccessFilter,
): Promise<FoundAccess[]> {
  const values: unknown[] = [];
  const given = (value: unknown): string => `$${values.push(value)}`;
  const bounds = [
    ...(actor === undefined ? [] : [`a.actor = ${given(actor)}`]),
    ...(about === undefined
      ? []
      : [`a.position in (select position from audit.access_about where about = any(${given(about)}))`]),
    ...(purpose === undefined ? [] : ["a.purpose = 'break-glass'"]),
    ...(since === undefined ? [] : [`a.at >= ${given(since)}`]),
    ...(until === undefined ? [] : [`a.at < ${given(until)}`]),
    ...(before === undefined ? [] : [`a.position < ${given(before)}`]),
  ];
  return db.query<FoundAccess>({
    text: `select a.position, a.id, a.purpose, a.reason, l.body,
        coalesce((select array_agg(o.about order by o.about) from audit.access_about o where o.position = a.position), '{}') as about
      from audit.access a join audit.leaf l using (position)
      ${bounds.length > 0 ? `where ${bounds.join(" and ")}` : ""}
      order by a.position desc limit ${given(most)}`,
    values,
  });
}
