// SQL of links: what joined two persons, or two numbers of one, kept so that it can be taken back.

import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { HeldNumber, KnownFields } from "../person.ts";

/** What a link changed: enough to put it back. */
export type Before = {
  /** Of the person that lives on, before the link. */
  readonly fields: KnownFields;
  /** Of those fields, as the link left them. */
  readonly applied: KnownFields;
  /** Identifiers that changed hands. */
  readonly keys: readonly string[];
  /** Numbers that changed hands, or the one that was replaced. */
  readonly numbers: readonly HeldNumber[];
  /** Numbers that the person went by already. */
  readonly own: readonly string[];
};

/** One link. */
export type Link = {
  readonly id: string;
  readonly kind: "merged" | "superseded" | "unlinked";
  readonly personId: string;
  readonly otherId: string | null;
  readonly by: readonly string[];
  readonly journeyId: string;
  /** Of `personId`, before. */
  readonly version: number;
  readonly before: Before;
  readonly undoes: string | null;
};

export function insertLink(tx: Tx, link: Link): Promise<unknown> {
  return tx.query({
    name: "demographics.link",
    text: `insert into demographics.link (id, kind, person_id, other_id, by, journey_id, version, before, undoes)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      link.id,
      link.kind,
      link.personId,
      link.otherId,
      link.by,
      link.journeyId,
      link.version,
      JSON.stringify(link.before),
      link.undoes,
    ],
  });
}

/** The last link between two persons, or of one person's numbers, that has not been taken back. */
export async function readLink(db: Queryable, personId: string, otherId: string | null): Promise<Link | undefined> {
  const [row] = await db.query<Link>({
    text: `select l.id, l.kind, l.person_id as "personId", l.other_id as "otherId", l.by, l.journey_id as "journeyId", l.version,
        l.before, l.undoes
      from demographics.link l
      where l.person_id = $1 and l.other_id is not distinct from $2 and l.kind <> 'unlinked'
        and not exists (select from demographics.link u where u.undoes = l.id)
      order by l.at desc, l.id desc limit 1`,
    values: [personId, otherId],
  });
  return row;
}

/** What changed hands when a person was merged. */
export type Moved = { readonly keys: readonly string[]; readonly numbers: readonly HeldNumber[] };

/** The numbers and identifiers of one person, locked until the transaction ends. */
export async function readHoldings(tx: Tx, personId: string): Promise<Moved> {
  const [keys, numbers] = await Promise.all([
    tx.query<{ key: string }>({
      text: "select key from demographics.identifier where person_id = $1 order by key for update",
      values: [personId],
    }),
    tx.query<HeldNumber>({
      text: `select number, status, current, superseded_by as "supersededBy" from demographics.nhs_number
        where person_id = $1 and unlinked_at is null order by since for update`,
      values: [personId],
    }),
  ]);
  return { keys: keys.map(({ key }) => key), numbers };
}

/** Gives identifiers to another person. */
export async function moveIdentifiers(tx: Tx, keys: readonly string[], from: string, to: string): Promise<void> {
  await tx.query({
    text: "update demographics.identifier set person_id = $3 where person_id = $2 and key = any($1)",
    values: [keys, from, to],
  });
}

/** Makes the numbers of a retired person history of the one that it lives on as. */
export async function takeNumbers(tx: Tx, from: string, to: string): Promise<void> {
  void tx.query({
    text: "update demographics.nhs_number set current = false where person_id = $1 and current",
    values: [from],
  });
  await tx.query({
    text: `insert into demographics.nhs_number (number, person_id, status, current, since, superseded_by)
      select number, $2, status, false, since, superseded_by from demographics.nhs_number where person_id = $1 and unlinked_at is null
      on conflict do nothing`,
    values: [from, to],
  });
}

/** Gives numbers back to whom they belonged; the other is no longer found by them. */
export async function giveNumbersBack(
  tx: Tx,
  numbers: readonly HeldNumber[],
  from: string,
  to: string,
  kept: readonly string[],
): Promise<void> {
  const own = numbers.filter(({ number }) => !kept.includes(number));
  void tx.query({
    text: `update demographics.nhs_number set unlinked_at = clock_timestamp(), current = false
      where person_id = $1 and number = any($2)`,
    values: [from, own.map(({ number }) => number)],
  });
  await tx.query({
    text: `update demographics.nhs_number n set current = k.current, unlinked_at = null
      from unnest($2::text[], $3::boolean[]) as k(number, current) where n.person_id = $1 and n.number = k.number`,
    values: [to, numbers.map(({ number }) => number), numbers.map(({ current }) => current)],
  });
}

/** Nobody is found by this number of a person any more. */
export async function unlinkNumber(tx: Tx, personId: string, number: string): Promise<void> {
  await tx.query({
    text: `update demographics.nhs_number set unlinked_at = clock_timestamp(), current = false where person_id = $1 and number = $2`,
    values: [personId, number],
  });
}

/** Marks `retired` as living on as `survivor`, or as itself again. @throws PERSON_CHANGED when another handler was quicker */
export async function setMergedInto(
  tx: Tx,
  retired: { readonly id: string; readonly version: number },
  survivor: string | null,
): Promise<void> {
  const rows = await tx.query({
    text: `update demographics.person set merged_into = $2, version = version + 1
      where id = $1 and version = $3 and merged_into is distinct from $2 returning id`,
    values: [retired.id, survivor, retired.version],
  });
  if (rows.length === 0) throw new LockgateError("PERSON_CHANGED");
}
