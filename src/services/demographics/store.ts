// All SQL of demographics.

import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { KnownFields, Person } from "./person.ts";

/** Persons who go by any of these identifiers. */
export function findByIdentifiers(db: Queryable, keys: readonly string[]): Promise<Person[]> {
  return db.query<Person>({
    name: "demographics.by-identifier",
    text: `select distinct p.id, p.version, p.fields from demographics.identifier i join demographics.person p on p.id = i.person_id
      where i.key = any($1)`,
    values: [keys],
  });
}

/** Persons with this NHS number who are not merged away. */
export function findByNhsNumber(db: Queryable, nhsNumber: string): Promise<Person[]> {
  return db.query<Person>({
    name: "demographics.by-nhs-number",
    text: `select id, version, fields from demographics.person
      where merged_into is null and fields -> 'nhsNumber' ->> 'value' = $1 and fields -> 'nhsNumber' ->> 'value' is not null`,
    values: [nhsNumber],
  });
}

export function insertPerson(tx: Tx, id: string, fields: KnownFields): Promise<unknown> {
  return tx.query({
    name: "demographics.insert",
    text: "insert into demographics.person (id, fields) values ($1, $2)",
    values: [id, JSON.stringify(fields)],
  });
}

/** Replaces what is known. @throws PERSON_CHANGED when another handler was quicker */
export async function updatePerson(tx: Tx, person: Person, fields: KnownFields): Promise<void> {
  const rows = await tx.query({
    name: "demographics.update",
    text: "update demographics.person set fields = $3, version = version + 1 where id = $1 and version = $2 returning id",
    values: [person.id, person.version, JSON.stringify(fields)],
  });
  if (rows.length === 0) throw new LockgateError("PERSON_CHANGED");
}

/** Gives identifiers to a person. @throws PERSON_CHANGED when another person got one of them meanwhile */
export async function addIdentifiers(tx: Tx, personId: string, keys: readonly string[]): Promise<void> {
  void tx.query({
    name: "demographics.identify",
    text: `insert into demographics.identifier (key, person_id) select key, $1 from unnest($2::text[]) as key on conflict do nothing`,
    values: [personId, keys],
  });
  const others = await tx.query({
    name: "demographics.identified",
    text: "select key from demographics.identifier where key = any($2) and person_id <> $1",
    values: [personId, keys],
  });
  if (others.length > 0) throw new LockgateError("PERSON_CHANGED");
}

/**
 * Makes sure that a new person with this NHS number is the only one. Two messages that each name a person nobody knows yet
 * look for the number at the same moment and both find nobody.
 * @throws PERSON_CHANGED when another person got it meanwhile
 */
export async function claimNhsNumber(tx: Tx, personId: string, nhsNumber: string): Promise<void> {
  void tx.query({
    name: "demographics.claim",
    text: "select pg_advisory_xact_lock(hashtext('demographics.nhs-number'), hashtext($1))",
    values: [nhsNumber],
  });
  const others = await findByNhsNumber(tx, nhsNumber);
  if (others.some(({ id }) => id !== personId)) throw new LockgateError("PERSON_CHANGED");
}

/**
 * Moves every identifier of `retired` to `survivor` and marks the merge.
 * @throws PERSON_CHANGED when another handler was quicker
 */
export async function mergePersons(tx: Tx, retired: Pick<Person, "id" | "version">, survivor: string): Promise<void> {
  void tx.query({
    text: "update demographics.identifier set person_id = $2 where person_id = $1",
    values: [retired.id, survivor],
  });
  const rows = await tx.query({
    text: "update demographics.person set merged_into = $2, version = version + 1 where id = $1 and version = $3 returning id",
    values: [retired.id, survivor, retired.version],
  });
  if (rows.length === 0) throw new LockgateError("PERSON_CHANGED");
}
