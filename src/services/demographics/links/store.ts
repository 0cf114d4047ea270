// SQL of links: what joined persons, or two numbers of one, kept so that it can be taken back; and who is never the same.

import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Vault } from "#kernel/vault";
import type { HeldNumber, KnownFields } from "../person.ts";
import { heldNumber, hiddenKey, hiddenNumber, type NumberRow, openKey } from "../sealing.ts";

/** What a link changed: enough to put it back. */
export type Before = {
  /** All that was known of the person that lives on, before the link. */
  readonly fields: KnownFields;
  /** Of the fields that the link changed, as it left them. */
  readonly applied: KnownFields;
  /** Identifiers that changed hands. */
  readonly keys: readonly string[];
  /** Numbers that changed hands, or the one that was replaced. */
  readonly numbers: readonly HeldNumber[];
  /** Numbers and identifiers that the person went by already. */
  readonly own: readonly string[];
  readonly ownKeys: readonly string[];
};

/** One link. */
export type Link = {
  readonly id: string;
  readonly kind: "merged" | "superseded" | "matched" | "apart" | "unlinked";
  readonly personId: string;
  readonly otherId: string | null;
  readonly by: readonly string[];
  readonly journeyId: string;
  /** Why: a reason code. */
  readonly code: string | null;
  /** Of `personId`, before. */
  readonly version: number;
  readonly before: Before;
  readonly undoes: string | null;
};

const BEFORE = "demographics.link.before";

export const sealBefore = (vault: Vault, id: string, before: Before): Buffer =>
  vault.seal(JSON.stringify(before), BEFORE, id);
export const openBefore = (vault: Vault, id: string, sealed: Buffer): Before =>
  JSON.parse(vault.open(sealed, BEFORE, id).toString()) as Before;

export function insertLink(tx: Tx, link: Link): Promise<unknown> {
  return tx.query({
    name: "demographics.link",
    text: `insert into demographics.link (id, kind, person_id, other_id, by, journey_id, code, version, before, undoes)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      link.id,
      link.kind,
      link.personId,
      link.otherId,
      link.by,
      link.journeyId,
      link.code,
      link.version,
      sealBefore(tx.vault, link.id, link.before),
      link.undoes,
    ],
  });
}

/** Remembers for ever that two are never the same. @returns false where that was said before */
export async function insertApart(tx: Tx, { id, oneId, otherId, by, journeyId, code }: NewApart): Promise<boolean> {
  const rows = await tx.query({
    name: "demographics.keep-apart",
    text: `insert into demographics.link (id, kind, person_id, other_id, by, journey_id, code, version, before)
      select $1::uuid, 'apart', p.id, $3::uuid, $4::text[], $5::uuid, $6::text, p.version, $7
      from demographics.person p where p.id = $2::uuid on conflict do nothing returning id`,
    values: [id, oneId, otherId, by, journeyId, code, tx.vault.seal("{}", BEFORE, id)],
  });
  return rows.length > 0;
}

/** Two persons who are never the same, as somebody says. */
export type NewApart = {
  readonly id: string;
  readonly oneId: string;
  readonly otherId: string;
  readonly by: readonly string[];
  readonly journeyId: string;
  readonly code: string | null;
};

const LINK = `l.id, l.kind, l.person_id as "personId", l.other_id as "otherId", l.by, l.journey_id as "journeyId", l.code, l.version,
  l.before, l.undoes, l.at`;
/** A link as it stands: when it was made, and what took it back. */
export type StandingLink = Link & { readonly at: Date; readonly undoneBy: string | null };

/** A link by its id. */
export async function readLink(db: Queryable, id: string): Promise<StandingLink | undefined> {
  const [row] = await db.query<LinkRow>({
    text: `select ${LINK}, u.id as "undoneBy"
      from demographics.link l left join demographics.link u on u.undoes = l.id where l.id = $1`,
    values: [id],
  });
  return row && standing(db.vault, row);
}

type LinkRow = Omit<StandingLink, "before"> & { readonly before: Buffer };

const standing = (vault: Vault, row: LinkRow): StandingLink => ({
  ...row,
  before: openBefore(vault, row.id, row.before),
});

/** The last merge of two persons that has not been taken back. */
export async function lastMerge(db: Queryable, personId: string, otherId: string): Promise<StandingLink | undefined> {
  const [row] = await db.query<LinkRow>({
    text: `select ${LINK}, null as "undoneBy" from demographics.link l
      where l.person_id = $1 and l.other_id = $2 and l.kind = 'merged'
        and not exists (select from demographics.link u where u.undoes = l.id)
      order by l.at desc, l.id desc limit 1`,
    values: [personId, otherId],
  });
  return row && standing(db.vault, row);
}

/** A link of a person's history: nothing of what it changed. */
export type ToldLink = Omit<StandingLink, "before" | "version">;

/** Every link that a person has part in, the oldest first. */
export const linksOf = (db: Queryable, personId: string): Promise<ToldLink[]> =>
  db.query({
    text: `select l.id, l.kind, l.person_id as "personId", l.other_id as "otherId", l.by, l.journey_id as "journeyId", l.code,
        l.undoes, l.at, u.id as "undoneBy"
      from demographics.link l left join demographics.link u on u.undoes = l.id
      where l.person_id = $1 or l.other_id = $1 order by l.at, l.id`,
    values: [personId],
  });

/** What later links of a person brought it, the oldest first: of those that stand. */
export async function broughtSince(
  db: Queryable,
  { personId, id }: Link,
): Promise<{ readonly applied: KnownFields }[]> {
  const rows = await db.query<{ id: string; before: Buffer }>({
    text: `select l.id, l.before from demographics.link l join demographics.link since on since.id = $2
      where l.person_id = $1 and l.at > since.at and l.kind in ('merged', 'superseded')
        and not exists (select from demographics.link u where u.undoes = l.id)
      order by l.at, l.id`,
    values: [personId, id],
  });
  return rows.map((row) => ({ applied: openBefore(db.vault, row.id, row.before).applied }));
}

/** Who said that two persons, or any two that live on as them, are never the same; nothing where nobody did. */
export async function keptApart(
  db: Queryable,
  oneId: string,
  otherId: string,
): Promise<{ readonly by: readonly string[]; readonly at: Date } | undefined> {
  const [row] = await db.query<{ by: readonly string[]; at: Date }>({
    name: "demographics.apart",
    text: `with recursive one(id) as (select $1::uuid union select p.id from demographics.person p join one on p.merged_into = one.id),
      other(id) as (select $2::uuid union select p.id from demographics.person p join other on p.merged_into = other.id)
      select l.by, l.at from demographics.link l
      where l.kind = 'apart' and ((l.person_id in (select id from one) and l.other_id in (select id from other))
        or (l.person_id in (select id from other) and l.other_id in (select id from one)))
      order by l.at limit 1`,
    values: [oneId, otherId],
  });
  return row;
}

/** Whether two persons live on as one. */
export async function areOne(db: Queryable, oneId: string, otherId: string): Promise<boolean> {
  const [row] = await db.query<{ living: number }>({
    name: "demographics.are-one",
    text: `with recursive chain(id, heir) as (
        select id, merged_into from demographics.person where id in ($1::uuid, $2::uuid)
        union select p.id, p.merged_into from demographics.person p join chain c on p.id = c.heir)
      select count(*)::integer as living from chain where heir is null`,
    values: [oneId, otherId],
  });
  return row!.living === 1;
}

/** What changed hands when a person was merged. */
export type Moved = { readonly keys: readonly string[]; readonly numbers: readonly HeldNumber[] };

/** The numbers and identifiers of one person, locked until the transaction ends. */
export async function readHoldings(tx: Tx, personId: string): Promise<Moved> {
  const [keys, numbers] = await Promise.all([
    tx.query<{ key: string; sealed: Buffer }>({
      text: "select key, sealed from demographics.identifier where person_id = $1 for update",
      values: [personId],
    }),
    tx.query<NumberRow<Buffer>>({
      text: `select number, sealed, status, current, superseded_by as "supersededBy", superseded_sealed as "supersededSealed" from demographics.nhs_number
        where person_id = $1 and unlinked_at is null order by since for update`,
      values: [personId],
    }),
  ]);
  return {
    keys: keys.map((row) => openKey(tx.vault, row)).sort(),
    numbers: numbers.map((row) => heldNumber(tx.vault, row)),
  };
}

/** The identifiers that a person goes by. */
export async function readKeys(db: Queryable, personId: string): Promise<string[]> {
  const rows = await db.query<{ key: string; sealed: Buffer }>({
    text: "select key, sealed from demographics.identifier where person_id = $1",
    values: [personId],
  });
  return rows.map((row) => openKey(db.vault, row)).sort();
}

/** Gives identifiers to another person. */
export async function moveIdentifiers(tx: Tx, keys: readonly string[], from: string, to: string): Promise<void> {
  await tx.query({
    text: "update demographics.identifier set person_id = $3 where person_id = $2 and key = any($1)",
    values: [keys.map((key) => hiddenKey(tx.vault, key)), from, to],
  });
}

/** Makes the numbers of a retired person history of the one that it lives on as. */
export async function takeNumbers(tx: Tx, from: string, to: string): Promise<void> {
  void tx.query({
    text: "update demographics.nhs_number set current = false where person_id = $1 and current",
    values: [from],
  });
  await tx.query({
    text: `insert into demographics.nhs_number (number, sealed, person_id, status, current, since, superseded_by, superseded_sealed)
      select number, sealed, $2, status, false, since, superseded_by, superseded_sealed from demographics.nhs_number where person_id = $1 and unlinked_at is null
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
    values: [from, own.map(({ number }) => hiddenNumber(tx.vault, number))],
  });
  await tx.query({
    text: `update demographics.nhs_number n set current = k.current, unlinked_at = null
      from unnest($2::text[], $3::boolean[]) as k(number, current) where n.person_id = $1 and n.number = k.number`,
    values: [to, numbers.map(({ number }) => hiddenNumber(tx.vault, number)), numbers.map(({ current }) => current)],
  });
}

/** Nobody is found by this number of a person any more. */
export async function unlinkNumber(tx: Tx, personId: string, number: string): Promise<void> {
  await tx.query({
    text: `update demographics.nhs_number set unlinked_at = clock_timestamp(), current = false where person_id = $1 and number = $2`,
    values: [personId, hiddenNumber(tx.vault, number)],
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
