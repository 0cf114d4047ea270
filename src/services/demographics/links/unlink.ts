// Taking a link back: identifiers, numbers and values return to whom they belonged, and what was said since follows them.

import type { PersonMatching } from "#canonical/contracts";
import type { NhsNumberStatus } from "#canonical/model";
import type { Queryable, Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { findableOf } from "../findable.ts";
import { type HeldNumber, type KnownFields, type Person, withoutWhereabouts } from "../person.ts";
import { restored } from "../restore.ts";
import { forgetSpoken, moveSpoken, spokenSince } from "../spoken/store.ts";
import { type Keeping, keepPersons, readPerson } from "../store.ts";
import { type Parted, part } from "./part.ts";
import {
  broughtSince,
  giveNumbersBack,
  insertLink,
  type Link,
  lastMerge,
  moveIdentifiers,
  readLink,
  type StandingLink,
  setMergedInto,
  unlinkNumber,
} from "./store.ts";

/** A link as it is to be taken back: both persons as read, and as they will be. */
export type Unlinking = {
  readonly link: StandingLink;
  readonly person: Person;
  readonly fields: KnownFields;
  /** Who goes by itself again: of a link by matching somebody new. Absent where a number replaced another. */
  readonly other?: {
    readonly id: string;
    readonly person: Person | undefined;
    readonly held: KnownFields;
    readonly parted: Parted;
  };
};

/** Who takes it back. */
export type Unlinker = { readonly by: readonly string[]; readonly journeyId: string; readonly code?: string };

/**
 * Looks what taking a link back comes to.
 * @throws PERSON_NOT_LINKED when there is no such link or it was taken back, PERSON_LINKED_SINCE when one of the two has
 *   been merged into somebody else since
 */
export async function readUnlinking(db: Queryable, linkId: string): Promise<Unlinking> {
  return unlinkingOf(db, await readLink(db, linkId));
}

/** As `readUnlinking`; undefined where there is no such link, or it was taken back. @throws PERSON_LINKED_SINCE */
export async function standingUnlinking(db: Queryable, linkId: string): Promise<Unlinking | undefined> {
  const link = await readLink(db, linkId);
  return isStanding(link) ? unlinkingOf(db, link) : undefined;
}

/** As `readUnlinking`, of the last merge of two. */
export async function readUnmerging(db: Queryable, personId: string, otherId: string): Promise<Unlinking> {
  return unlinkingOf(db, await lastMerge(db, personId, otherId));
}

const isStanding = (link: StandingLink | undefined): link is StandingLink =>
  link !== undefined && link.undoneBy === null && link.kind !== "unlinked" && link.kind !== "apart";

async function unlinkingOf(db: Queryable, link: StandingLink | undefined): Promise<Unlinking> {
  if (!isStanding(link)) throw new LockgateError("PERSON_NOT_LINKED");
  const { personId, otherId, before, kind } = link;
  const [person, other, spoken, brought] = await Promise.all([
    readPerson(db, personId),
    otherId === null ? undefined : readPerson(db, otherId),
    spokenSince(db, link),
    broughtSince(db, link),
  ]);
  if (!person) throw new LockgateError("PERSON_NOT_LINKED");
  if (person.mergedInto || (otherId !== null && other?.mergedInto !== personId))
    throw new LockgateError("PERSON_LINKED_SINCE");
  if (kind === "superseded")
    return { link, person, fields: visible(person, restored(person.fields, before.applied, before.fields)) };
  const held = other?.fields ?? {};
  const parted = part({
    before,
    held: person.fields,
    otherHeld: held,
    spoken,
    brought: brought.map(({ applied }) => applied),
  });
  const { fields, otherFields } = withStatuses(person, other, before.fields, parted);
  return {
    link,
    person,
    fields: visible(person, fields),
    other: {
      id: otherId ?? newId(),
      person: other,
      held,
      parted: { ...parted, otherFields: person.restricted ? withoutWhereabouts(otherFields) : otherFields },
    },
  };
}

/** What came back from before somebody was withheld stays withheld. */
const visible = ({ restricted }: Person, fields: KnownFields): KnownFields =>
  restricted ? withoutWhereabouts(fields) : fields;

/** The status goes with its number. */
function withStatuses(person: Person, other: Person | undefined, before: KnownFields, parted: Parted) {
  const statusIn = (number: unknown, ...places: readonly KnownFields[]): KnownFields => {
    const place = places.find(({ nhsNumber }) => nhsNumber?.value === number);
    return place?.nhsNumberStatus ? { nhsNumberStatus: place.nhsNumberStatus } : {};
  };
  const { nhsNumberStatus: _, ...fields } = parted.fields;
  const { nhsNumberStatus: __, ...otherFields } = parted.otherFields;
  return {
    fields: { ...fields, ...statusIn(fields.nhsNumber?.value, person.fields, before) },
    otherFields: { ...otherFields, ...statusIn(otherFields.nhsNumber?.value, other?.fields ?? {}, person.fields) },
  };
}

/**
 * Takes a link back (MG-501), as it was read.
 * @throws PERSON_CHANGED when another handler was quicker
 */
export async function unlink(
  tx: Tx,
  matching: PersonMatching,
  unlinking: Unlinking,
  { by, journeyId, code = "MG-501" }: Unlinker,
): Promise<Link> {
  const { link, person, other } = unlinking;
  if (other) await partFrom(tx, unlinking, other);
  else await putNumberBack(tx, unlinking);
  const { undoneBy: _, at: __, ...taken } = link;
  const undone: Link = {
    ...taken,
    id: newId(),
    kind: "unlinked",
    otherId: other?.id ?? null,
    by,
    journeyId,
    code,
    version: person.version,
    undoes: link.id,
  };
  await insertLink(tx, undone);
  if (link.kind === "matched") await matching.overturned(tx, { journeyId: link.journeyId, by });
  await forgetSpoken(tx, person.id);
  if (other) await forgetSpoken(tx, other.id);
  await findAgain(tx, matching, other ? [person.id, other.id] : [person.id]);
  return undone;
}

async function partFrom(
  tx: Tx,
  { link, person, fields }: Unlinking,
  { id, person: other, parted }: NonNullable<Unlinking["other"]>,
): Promise<void> {
  const { numbers, own } = link.before;
  const { otherFields, keys, gone } = parted;
  const number = numberIn(fields, person.numbers);
  const otherNumber = numberIn(otherFields, [...(other?.numbers ?? []), ...person.numbers]);
  if (other) {
    await giveNumbersBack(tx, numbers, person.id, id, own);
    await setMergedInto(tx, other, null);
  }
  if (otherNumber && otherNumber.value !== number?.value && !own.includes(otherNumber.value))
    await unlinkNumber(tx, person.id, otherNumber.value);
  const before: Pick<Keeping, "refused" | "restricted" | "version"> = other
    ? { ...other, version: other.version + 1 }
    : { refused: {}, restricted: person.restricted, version: undefined };
  await keepPersons(tx, [
    { ...person, fields, newKeys: [], ...(number ? { number } : {}) },
    {
      ...before,
      id,
      fields: otherFields,
      newKeys: [],
      ...(otherNumber && otherNumber.value !== number?.value ? { number: otherNumber } : {}),
    },
  ]);
  await moveIdentifiers(tx, keys, person.id, id);
  await moveSpoken(tx, gone, id);
}

async function putNumberBack(tx: Tx, { link, person, fields }: Unlinking): Promise<void> {
  const { applied, numbers } = link.before;
  const back = numbers.find(({ current }) => current);
  await keepPersons(tx, [
    { ...person, fields, newKeys: [], ...(back ? { number: { value: back.number, status: back.status } } : {}) },
  ]);
  const taken = applied.nhsNumber?.value;
  if (back && typeof taken === "string") await unlinkNumber(tx, person.id, taken);
}

function numberIn(
  fields: KnownFields,
  held: readonly HeldNumber[],
): { readonly value: string; readonly status: NhsNumberStatus } | undefined {
  const value = fields.nhsNumber?.value;
  if (typeof value !== "string") return undefined;
  return { value, status: held.find(({ number }) => number === value)?.status ?? "02" };
}

/** Each is found by what is its own again. */
async function findAgain(tx: Tx, matching: PersonMatching, ids: readonly string[]): Promise<void> {
  const persons = await Promise.all(ids.map((id) => readPerson(tx, id)));
  await matching.keep(
    tx,
    persons.flatMap((person) => (person ? [findableOf({ ...person, newKeys: [] })] : [])),
  );
}
