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

/**
 * Appends leaves with what they are found by; positions are drawn once for both. What holds no raw newline (ids, names, instants,
 * canonical JSON) goes as lines of one text: in an array every quote of every body would be escaped, and read back.
 */
export function insertAccesses(tx: Tx, rows: readonly AccessRow[]): Promise<unknown> {
  const lines = (of: (row: AccessRow) => string): string => rows.map(of).join("\n");
  return tx.query({
    name: "audit.accesses",
    text: `with given as materialized (
        select nextval('kernel.position') as position, a.* from unnest(string_to_array($1, E'\\n')::uuid[],
          string_to_array($2, E'\\n')::timestamptz[], string_to_array($3, E'\\n'), $4::text[], string_to_array($5, E'\\n', ''), $6::bytea[],
          $7::bytea[], string_to_array($8, E'\\n', '')::uuid[], string_to_array($9, E'\\n'), string_to_array($10, E'\\n'))
          as a(id, at, name, actor, purpose, reason, salt, journey_id, body, about)),
      leaf as (insert into audit.leaf (position, journey_id, body) select position, journey_id, body from given),
      access as (insert into audit.access (position, id, at, name, actor, purpose, reason, salt)
        select position, id, at, name, actor, purpose, reason, salt from given)
      insert into audit.access_about (about, position)
      select one, position from given, unnest(string_to_array(given.about, ' ')) as one`,
    values: [
      lines(({ id }) => id),
      lines(({ at }) => at.toISOString()),
      lines(({ name }) => name),
      rows.map(({ actor }) => actor),
      lines(({ purpose }) => purpose ?? ""),
      rows.map(({ reason }) => reason),
      rows.map(({ salt }) => salt),
      lines(({ journeyId }) => journeyId ?? ""),
      lines(({ body }) => body),
      lines(({ about }) => about),
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
