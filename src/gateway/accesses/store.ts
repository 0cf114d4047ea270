// SQL of staff who are patients too, and of persons who are watched.

import type { Queryable } from "#kernel/db";

export type StaffLink = { readonly actor: string; readonly personId: string };

/** Which actors are which persons. */
export const selectStaff = (db: Queryable): Promise<StaffLink[]> =>
  db.query({ text: `select actor, person_id as "personId" from gateway.staff order by actor` });

/** Says that an actor is a person; what was said of the actor before is replaced. */
export function linkStaff(db: Queryable, { actor, personId }: StaffLink, by: string): Promise<unknown> {
  return db.query({
    text: `insert into gateway.staff (actor, person_id, by) values ($1, $2, $3)
      on conflict (actor) do update set person_id = excluded.person_id, by = excluded.by, at = clock_timestamp()`,
    values: [actor, personId, by],
  });
}

export function unlinkStaff(db: Queryable, actor: string): Promise<unknown> {
  return db.query({ text: "delete from gateway.staff where actor = $1", values: [actor] });
}

/** Who is watched now. */
export async function selectWatched(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ personId: string }>({
    text: `select person_id as "personId" from gateway.watched_person where lifted_at is null order by id`,
  });
  return rows.map(({ personId }) => personId);
}

/** A watch that is not lifted: since when, by whom and why. */
export type Watch = {
  readonly personId: string;
  readonly by: string;
  readonly at: Date;
  readonly reason: string;
};

const REASON = "gateway.watched_person.reason";
const placeOf = (personId: string, by: string): string => `${personId.toLowerCase()} ${by}`;

/** Who is watched now, and why, in the order in which it began. */
export async function selectWatches(db: Queryable): Promise<Watch[]> {
  const rows = await db.query<Omit<Watch, "reason"> & { readonly reason: Buffer }>({
    text: `select person_id as "personId", by, at, reason from gateway.watched_person where lifted_at is null order by id`,
  });
  return rows.map(({ reason, ...watch }) => ({
    ...watch,
    reason: db.vault.open(reason, REASON, placeOf(watch.personId, watch.by)).toString(),
  }));
}

/** Watches a person; one who is watched already stays so for the first reason, which is in words and so perhaps personal. */
export function watch(db: Queryable, personId: string, reason: string, by: string): Promise<unknown> {
  return db.query({
    text: `insert into gateway.watched_person (person_id, reason, by) values ($1, $2, $3) on conflict do nothing`,
    // The row's number is not told before it is stored.
    values: [personId, db.vault.seal(reason, REASON, placeOf(personId, by)), by],
  });
}

export function liftWatch(db: Queryable, personId: string, by: string): Promise<unknown> {
  return db.query({
    text: `update gateway.watched_person set lifted_by = $2, lifted_at = clock_timestamp()
      where person_id = $1 and lifted_at is null`,
    values: [personId, by],
  });
}
