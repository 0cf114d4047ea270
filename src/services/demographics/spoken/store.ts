// SQL of what was said of joined persons: by which identifiers, so that it can follow whom it was about.

import { whereabouts } from "#canonical/model";
import type { Queryable, Tx } from "#kernel/db";
import type { Link } from "../links/store.ts";
import type { KnownFields } from "../said.ts";

/** A statement about a person whom others live on as. */
export type Spoken = { readonly id: string; readonly keys: readonly string[]; readonly fields: KnownFields };

/** Remembers under which identifiers something was said, while persons are joined. */
export async function insertSpoken(
  tx: Tx,
  personId: string,
  journeyId: string,
  { keys, fields }: Omit<Spoken, "id">,
): Promise<void> {
  await tx.query({
    name: "demographics.said",
    text: "insert into demographics.said (person_id, journey_id, keys, fields) values ($1, $2, $3, $4)",
    values: [personId, journeyId, keys, JSON.stringify(fields)],
  });
}

/** What was said of a person since a link of it was made, in order. */
export const spokenSince = (db: Queryable, { personId, id }: Link): Promise<Spoken[]> =>
  db.query({
    text: `select s.id, s.keys, s.fields from demographics.said s join demographics.link l on l.id = $2
      where s.person_id = $1 and s.at >= l.at order by s.id`,
    values: [personId, id],
  });

/** Gives statements to whom they were about. */
export async function moveSpoken(tx: Tx, ids: readonly string[], to: string): Promise<void> {
  await tx.query({
    text: "update demographics.said set person_id = $2 where id = any($1::bigint[])",
    values: [ids, to],
  });
}

/** What a journey said of these fields has not come to be known after all. */
export async function unsay(tx: Tx, personId: string, journeyId: string, fields: readonly string[]): Promise<void> {
  await tx.query({
    text: "update demographics.said set fields = fields - $3::text[] where person_id = $1 and journey_id = $2",
    values: [personId, journeyId, fields],
  });
}

/** What tells where a person is, who is withheld from now on, is in no image of before either. */
export async function withhold(tx: Tx, personId: string): Promise<void> {
  const values = [personId, [...whereabouts]];
  void tx.query({
    text: "update demographics.said set fields = fields - $2::text[] where person_id = $1",
    values,
  });
  await tx.query({
    text: `update demographics.link set before = before || jsonb_build_object(
        'fields', (before -> 'fields') - $2::text[], 'applied', (before -> 'applied') - $2::text[])
      where person_id = $1 and kind in ('merged', 'matched', 'unlinked') and before ? 'fields'`,
    values,
  });
}

/** What was said is kept no longer than somebody may part from the person. */
export async function forgetSpoken(tx: Tx, personId: string): Promise<void> {
  await tx.query({
    text: `delete from demographics.said s where s.person_id = $1
      and not exists (select from demographics.link l where l.person_id = s.person_id and l.kind in ('merged', 'matched')
        and l.at <= s.at and not exists (select from demographics.link u where u.undoes = l.id))`,
    values: [personId],
  });
}
