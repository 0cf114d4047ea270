// SQL of the people who were seen here.

import type { Queryable } from "#kernel/db";
import type { Role } from "../policy/roles.ts";

/** Somebody who signed in. `id` as the audit names them. */
export type Colleague = { readonly id: string; readonly name: string; readonly roles: readonly Role[] };

/** Somebody with when they were last here, to the hour. */
export type SeenColleague = Colleague & { readonly seenAt: Date };

export async function keepColleague(db: Queryable, { id, name, roles }: Colleague, seenAt: Date): Promise<void> {
  await db.query({
    name: "gateway.colleague",
    text: `insert into gateway.colleague (id, name, roles, seen_at) values ($1, $2, $3, $4)
      on conflict (id) do update set name = excluded.name, roles = excluded.roles, seen_at = excluded.seen_at`,
    values: [id, name, roles, seenAt],
  });
}

/** Nothing may be done in their name any more; when they were seen stays as it is. */
export async function withoutRoles(db: Queryable, id: string): Promise<void> {
  await db.query({ text: "update gateway.colleague set roles = '{}' where id = $1", values: [id] });
}

/** The roles that somebody was seen with last; undefined: nobody saw them. */
export async function readRoles(db: Queryable, id: string): Promise<readonly Role[] | undefined> {
  const [row] = await db.query<Pick<Colleague, "roles">>({
    name: "gateway.colleague-roles",
    text: "select roles from gateway.colleague where id = $1",
    values: [id],
  });
  return row?.roles;
}

/** Those seen since an instant, by name. */
export const readColleagues = (db: Queryable, since: Date): Promise<Colleague[]> =>
  db.query({
    text: "select id, name, roles from gateway.colleague where seen_at >= $1 order by name, id",
    values: [since],
  });

/** All who were ever seen, by name: those behind somebody, at most so many. */
export const selectSeen = (db: Queryable, behind: string | undefined, most: number): Promise<SeenColleague[]> =>
  db.query({
    name: "gateway.colleagues-seen",
    text: `select id, name, roles, seen_at as "seenAt" from gateway.colleague
      where $1::text is null or (name, id) > (select name, id from gateway.colleague where id = $1)
      order by name, id limit $2`,
    values: [behind ?? null, most],
  });
