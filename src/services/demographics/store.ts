// SQL of persons: who is known, by which numbers, and what is kept of each.

import type { NhsNumberStatus, PersonChanges } from "#canonical/model";
import { gathering } from "#engine/backbone";
import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { packed } from "#kernel/packed";
import { readTogether } from "#kernel/read-together";
import type { Vault } from "#kernel/vault";
import type { KnownFields, Person } from "./person.ts";
import {
  hiddenKey,
  hiddenNumber,
  openPerson,
  type PersonRow,
  sealFields,
  sealKey,
  sealNumber,
  sealRefused,
} from "./sealing.ts";

const PERSON = `p.id, p.version, p.fields, p.refused, p.restricted, p.merged_into as "mergedInto",
  coalesce((select json_agg(json_build_object('number', n.number, 'sealed', encode(n.sealed, 'hex'), 'status', n.status, 'current', n.current,
      'supersededBy', n.superseded_by, 'supersededSealed', encode(n.superseded_sealed, 'hex')) order by n.since)
    from demographics.nhs_number n where n.person_id = p.id and n.unlinked_at is null), '[]') as numbers,
  (select jsonb_build_object('instanceId', o.instance_id, 'journeyId', o.journey_id, 'state', o.state, 'fields', encode(o.fields, 'hex'))
    from demographics.proposal o where o.person_id = p.id and o.state in ('open', 'asked')) as proposal,
  exists (select from demographics.link l where l.person_id = p.id and l.kind in ('merged', 'matched')
    and not exists (select from demographics.link u where u.undoes = l.id)) as joined`;

/** A person found by local identifiers, with those of them that are known to be the person's. */
export type FoundByIdentifier = Person & { readonly keys: readonly string[] };

/** Persons who go by any of these identifiers. */
export async function findByIdentifiers(db: Queryable, keys: readonly string[]): Promise<FoundByIdentifier[]> {
  const found = await everyIdentifier(db, keys);
  return found.flatMap((person) => {
    const own = person.keys.filter((key) => keys.includes(key));
    return own.length > 0 ? [{ ...person, keys: own }] : [];
  });
}

const everyIdentifier = readTogether(
  async ({ query, vault }, all: readonly (readonly string[])[]): Promise<FoundByIdentifier[]> => {
    const asked = new Map(all.flat().map((key) => [hiddenKey(vault, key), key]));
    const rows = await query<PersonRow & { readonly keys: readonly string[] }>({
      name: "demographics.by-identifier",
      text: `select ${PERSON}, f.keys
      from (select person_id, array_agg(key) as keys from demographics.identifier where key = any($1) group by person_id) f
      join demographics.person p on p.id = f.person_id`,
      values: [[...asked.keys()]],
    });
    return rows.map((row) => ({ ...openPerson(vault, row), keys: row.keys.map((key) => asked.get(key)!) }));
  },
);

/** Persons who go by this NHS number, by one that replaced it, or by one that it replaced. */
export async function findByNhsNumber(db: Queryable, nhsNumber: string): Promise<Person[]> {
  const found = await everyNhsNumber(db, nhsNumber);
  return found.flatMap(({ asked, ...person }) => (asked === nhsNumber ? [person] : []));
}

const everyNhsNumber = readTogether(async ({ query, vault }, all: readonly string[]) => {
  const asked = new Map(all.map((number) => [hiddenNumber(vault, number), number]));
  const rows = await query<PersonRow & { readonly asked: string }>({
    name: "demographics.by-nhs-number",
    text: `with recursive same(asked, number) as (
        select number, number from unnest($1::text[]) as wanted(number)
        union
        select s.asked, case when n.number = s.number then n.superseded_by else n.number end
        from same s join demographics.nhs_number n on n.number = s.number or n.superseded_by = s.number
        where n.superseded_by is not null and n.unlinked_at is null)
      select ${PERSON}, f.asked
      from (select distinct s.asked, n.person_id from same s
        cross join lateral (select * from demographics.nhs_number n where n.number = s.number and n.unlinked_at is null offset 0) n) f
      join demographics.person p on p.id = f.person_id where p.merged_into is null`,
    values: [[...asked.keys()]],
  });
  return rows.map((row) => ({ ...openPerson(vault, row), asked: asked.get(row.asked)! }));
});

/** Whether others go by this very number now. */
export const heldByOthers = async (db: Queryable, nhsNumber: string, personId: string): Promise<boolean> =>
  (await holderBeside(db, nhsNumber, personId)) !== undefined;

/** Who else goes by this very number now. */
export async function holderBeside(db: Queryable, nhsNumber: string, personId: string): Promise<string | undefined> {
  const held = await holders(db, nhsNumber);
  return held.find((one) => one.number === nhsNumber && one.personId !== personId)?.personId;
}

const holders = readTogether(async ({ query, vault }, numbers: readonly string[]) => {
  const asked = new Map(numbers.map((number) => [hiddenNumber(vault, number), number]));
  const rows = await query<{ number: string; personId: string }>({
    name: "demographics.holders",
    text: `select number, person_id as "personId" from demographics.nhs_number where number = any($1) and current`,
    values: [[...asked.keys()]],
  });
  return rows.map(({ number, personId }) => ({ number: asked.get(number)!, personId }));
});

export const readPerson = async (db: Queryable, id: string): Promise<Person | undefined> =>
  (await persons(db, id)).find((person) => person.id === id);

const persons = readTogether(async ({ query, vault }, ids: readonly string[]) => {
  const rows = await query<PersonRow>({
    name: "demographics.person",
    text: `select ${PERSON} from string_to_table($1, ',') as wanted(id)
      cross join lateral (select * from demographics.person p where p.id = wanted.id::uuid offset 0) p`,
    values: [[...new Set(ids)].join(",")],
  });
  return rows.map((row): Person => openPerson(vault, row));
});

/** Persons whom matching does not know yet, locked until the transaction ends. */
export async function unfindable(tx: Tx, most: number): Promise<(Person & { readonly newKeys: readonly string[] })[]> {
  const rows = await tx.query<PersonRow & { readonly newKeys: readonly string[] }>({
    name: "demographics.unfindable",
    text: `select ${PERSON}, '{}'::text[] as "newKeys" from demographics.person p
      where not p.findable and p.merged_into is null order by p.id limit $1 for update of p`,
    values: [most],
  });
  return rows.map((row) => openPerson(tx.vault, row));
}

export const markFindable = (tx: Tx, ids: readonly string[]): Promise<unknown> =>
  tx.query({
    name: "demographics.findable",
    text: "update demographics.person set findable = true where id = any($1::uuid[])",
    values: [ids],
  });

/** What is to be kept of a person. */
export type Keeping = {
  readonly id: string;
  /** The version that was read; absent for a new person. */
  readonly version: number | undefined;
  readonly fields: KnownFields;
  readonly refused: PersonChanges;
  readonly restricted: boolean;
  /** Identifiers that are not known to be the person's yet. */
  readonly newKeys: readonly string[];
  /** The number the person goes by now, where that or its status changes. */
  readonly number?:
    | { readonly value: string; readonly status: NhsNumberStatus; readonly replaces?: string | undefined }
    | undefined;
};

/**
 * Keeps what is known of persons, all of a round at once.
 * @throws PERSON_CHANGED when another handler was quicker, or another person got a number or an identifier meanwhile
 */
export const keepPerson = gathering<Keeping>(keepPersons);

export async function keepPersons(tx: Tx, rows: readonly Keeping[]): Promise<void> {
  const fresh = rows.filter(({ version }) => version === undefined);
  const known = rows.filter(({ version }) => version !== undefined);
  const keys = rows.flatMap(({ id, newKeys }) => newKeys.map((key) => ({ id, key })));
  const numbers = rows.flatMap((row) => keptNumber(tx.vault, row));
  // Whoever is new had no number before: to look for one reads more than all the rest.
  const renumbered = numbers.filter(({ isNew }) => !isNew);
  // New persons first: identifiers and numbers refer to them.
  await Promise.all([
    fresh.length > 0 && insertPersons(tx, fresh),
    known.length > 0 && updatePersons(tx, known),
    keys.length > 0 && addIdentifiers(tx, keys),
    renumbered.length > 0 && endNumbers(tx, renumbered),
    numbers.length > 0 && keepNumbers(tx, numbers),
  ]);
}

/** Of each row the id, what is sealed of it in one parameter, and whether it is restricted. */
function columns({ vault }: Tx, rows: readonly Keeping[]): unknown[] {
  const { bytes, offsets, sizes } = packed(
    rows.flatMap(({ id, fields, refused }) => [sealFields(vault, id, fields), sealRefused(vault, id, refused)]),
  );
  const ofFields = (_: unknown, index: number): boolean => index % 2 === 0;
  return [
    rows.map(({ id }) => id).join(","),
    bytes,
    offsets.filter(ofFields),
    sizes.filter(ofFields),
    sizes.filter((_, index) => index % 2 === 1),
    rows.map(({ restricted }) => restricted),
  ];
}

/** What is refused follows the fields. */
const SEALED = `substring($2::bytea from k."offset" for k.fields_size) as fields,
  substring($2::bytea from k."offset" + k.fields_size for k.refused_size) as refused`;

function insertPersons(tx: Tx, rows: readonly Keeping[]): Promise<unknown> {
  return tx.query({
    name: "demographics.insert",
    text: `insert into demographics.person (id, fields, refused, restricted, findable)
      select k.id, ${SEALED}, k.restricted, true
      from unnest(string_to_array($1, ',')::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::boolean[])
        as k(id, "offset", fields_size, refused_size, restricted)`,
    values: columns(tx, rows),
  });
}

async function updatePersons(tx: Tx, rows: readonly Keeping[]): Promise<void> {
  const updated = await tx.query({
    name: "demographics.update",
    text: `update demographics.person p
      set fields = k.fields, refused = k.refused, restricted = k.restricted, version = p.version + 1
      from (select k.id, ${SEALED}, k.restricted, k.version
        from unnest(string_to_array($1, ',')::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::boolean[], $7::integer[])
          as k(id, "offset", fields_size, refused_size, restricted, version)) k
      where p.id = k.id and p.version = k.version and p.merged_into is null
      returning p.id`,
    values: [...columns(tx, rows), rows.map(({ version }) => version)],
  });
  if (updated.length < rows.length) throw new LockgateError("PERSON_CHANGED");
}

/** Identifiers that are a person's from now on. @throws PERSON_CHANGED when one of them is somebody else's */
export const keepIdentifier = gathering<{ readonly id: string; readonly key: string }>(addIdentifiers);

async function addIdentifiers(tx: Tx, keys: readonly { readonly id: string; readonly key: string }[]): Promise<void> {
  const values = [keys.map(({ key }) => hiddenKey(tx.vault, key)), keys.map(({ id }) => id)];
  void tx.query({
    name: "demographics.identify",
    text: `insert into demographics.identifier (key, person_id, sealed)
      select * from unnest($1::text[], $2::uuid[], $3::bytea[]) on conflict do nothing`,
    values: [...values, keys.map(({ key }) => sealKey(tx.vault, key))],
  });
  const others = await tx.query({
    name: "demographics.identified",
    text: `select from demographics.identifier i
      join unnest($1::text[], $2::uuid[]) as k(key, person_id) on k.key = i.key where i.person_id <> k.person_id`,
    values,
  });
  if (others.length > 0) throw new LockgateError("PERSON_CHANGED");
}

type KeptNumber = ReturnType<typeof keptNumber>[number];

/** The number to keep of somebody, hidden and sealed; of most there is none. */
function keptNumber(vault: Vault, { id, version, number }: Keeping) {
  if (!number) return [];
  const { value, status, replaces } = number;
  const replaced = replaces === undefined ? null : hiddenNumber(vault, replaces);
  return [
    {
      id,
      isNew: version === undefined,
      number: hiddenNumber(vault, value),
      sealed: sealNumber(vault, value),
      status,
      replaced,
    },
  ];
}

/** The number that a person had before is kept as history. */
function endNumbers(tx: Tx, rows: readonly KeptNumber[]): Promise<unknown> {
  return tx.query({
    name: "demographics.number-history",
    text: `update demographics.nhs_number n set current = false,
        superseded_by = case when n.number = k.replaces then k.number end,
        superseded_sealed = case when n.number = k.replaces then k.sealed end
      from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[]) as k(person_id, number, sealed, replaces)
      where n.person_id = k.person_id and n.number <> k.number and n.current`,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ number }) => number),
      rows.map(({ sealed }) => sealed),
      rows.map(({ replaced }) => replaced),
    ],
  });
}

/** The unique index of current numbers settles who is first. */
async function keepNumbers(tx: Tx, rows: readonly KeptNumber[]): Promise<void> {
  const kept = await tx.query({
    name: "demographics.number",
    text: `with k as (select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[]) as k(person_id, number, sealed, status)),
      again as (update demographics.nhs_number n
        set status = k.status, current = true, superseded_by = null, superseded_sealed = null, unlinked_at = null
        from k where n.person_id = k.person_id and n.number = k.number returning n.number),
      added as (insert into demographics.nhs_number (person_id, number, sealed, status, current)
        select k.person_id, k.number, k.sealed, k.status, true from k
        where not exists (select from demographics.nhs_number n where n.person_id = k.person_id and n.number = k.number)
        on conflict do nothing returning number)
      select number from again union all select number from added`,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ number }) => number),
      rows.map(({ sealed }) => sealed),
      rows.map(({ status }) => status),
    ],
  });
  if (kept.length < rows.length) throw new LockgateError("PERSON_CHANGED");
}
