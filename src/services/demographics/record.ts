// A person's golden record as it is read by request. Whoever passes it on masks it.

import { identifierKey, type LocalIdentifier, type PersonChanges } from "#canonical/model";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { readKeys } from "./links/store.ts";
import { type Person, valuesOf, withoutWhereabouts } from "./person.ts";
import { findByIdentifiers, findByNhsNumber, readPerson } from "./store.ts";

/** What is known of a person. Where a restricted person is, is not among it. */
export type PersonRecord = PersonChanges & {
  readonly id: string;
  readonly version: number;
  readonly restricted: boolean;
  /** Who this person lives on as. */
  readonly mergedInto: string | null;
  readonly identifiers: readonly LocalIdentifier[];
};

/** By what persons are looked up. */
export type PersonKeys = { readonly identifiers: readonly LocalIdentifier[]; readonly nhsNumber?: string | undefined };

/** @throws PERSON_UNKNOWN */
export async function readRecord(db: Db, id: string): Promise<PersonRecord> {
  const person = await readPerson(db, id);
  if (!person) throw new LockgateError("PERSON_UNKNOWN", { at: id });
  return recordOf(db, person);
}

/** Persons who go by any of the identifiers, or by the NHS number, its predecessors and successors included. */
export async function findRecords(db: Db, keys: PersonKeys): Promise<PersonRecord[]> {
  return Promise.all((await findPersons(db, keys)).map((person) => recordOf(db, person)));
}

/** Whether whoever goes by these keys may be told where they are; `unknown`: nobody goes by them. */
export type Restriction = "open" | "restricted" | "unknown";

export async function restrictionOf(db: Db, keys: PersonKeys): Promise<Restriction> {
  const persons = await findPersons(db, keys);
  if (persons.length === 0) return "unknown";
  return persons.some(({ restricted }) => restricted) ? "restricted" : "open";
}

async function findPersons(db: Db, { identifiers, nhsNumber }: PersonKeys): Promise<Person[]> {
  const [byIdentifier, byNumber] = await Promise.all([
    identifiers.length > 0 ? findByIdentifiers(db, identifiers.map(identifierKey)) : [],
    nhsNumber === undefined ? [] : findByNhsNumber(db, nhsNumber),
  ]);
  return [...new Map([...byIdentifier, ...byNumber].map((person) => [person.id, person])).values()];
}

async function recordOf(db: Db, { id, version, restricted, mergedInto, fields }: Person): Promise<PersonRecord> {
  const values = valuesOf(fields);
  return {
    ...(restricted ? withoutWhereabouts(values) : values),
    id,
    version,
    restricted,
    mergedInto,
    identifiers: (await readKeys(db, id)).map(identifierOf),
  };
}

/** The reverse of `identifierKey`: authorities may hold colons, numbers do not. */
function identifierOf(key: string): LocalIdentifier {
  const colon = key.lastIndexOf(":");
  return { system: key.slice(0, colon), value: key.slice(colon + 1) };
}
