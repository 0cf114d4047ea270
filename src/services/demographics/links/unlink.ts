// Taking a link back: identifiers, numbers and values return to whom they belonged.

import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { keepPersons, readPerson } from "../store.ts";
import { restored } from "../write.ts";
import {
  giveNumbersBack,
  insertLink,
  type Link,
  moveIdentifiers,
  readLink,
  setMergedInto,
  unlinkNumber,
} from "./store.ts";

/** Which link to take back, and who wants it. */
export type Unlinking = {
  readonly personId: string;
  /** The person that was retired; `null` for a number that replaced another. */
  readonly otherId: string | null;
  readonly by: readonly string[];
  readonly journeyId: string;
};

/**
 * Takes back the last merge of two persons, or the last change of one's NHS number (MG-501): every identifier and number
 * goes back to whom it belonged, and the survivor's values are as before where nobody has spoken of them since.
 * @throws PERSON_NOT_LINKED when there is no such link, PERSON_CHANGED when another handler was quicker
 */
export async function unlink(tx: Tx, { personId, otherId, by, journeyId }: Unlinking): Promise<Link> {
  const link = await readLink(tx, personId, otherId);
  if (!link) throw new LockgateError("PERSON_NOT_LINKED");
  const person = await readPerson(tx, personId);
  if (!person) throw new LockgateError("PERSON_NOT_LINKED");
  const { applied, fields, keys, numbers, own } = link.before;
  if (otherId !== null) {
    const other = await readPerson(tx, otherId);
    if (other?.mergedInto !== personId) throw new LockgateError("PERSON_CHANGED");
    await moveIdentifiers(tx, keys, personId, otherId);
    await giveNumbersBack(tx, numbers, personId, otherId, own);
    await setMergedInto(tx, other, null);
  }
  const back = otherId === null ? numbers.find(({ current }) => current) : undefined;
  await keepPersons(tx, [
    {
      ...person,
      fields: restored(person.fields, applied, fields),
      newKeys: [],
      ...(back ? { number: { value: back.number, status: back.status } } : {}),
    },
  ]);
  const taken = applied.nhsNumber?.value;
  if (back && typeof taken === "string") await unlinkNumber(tx, personId, taken);
  const undone: Link = {
    ...link,
    id: newId(),
    kind: "unlinked",
    by,
    journeyId,
    version: person.version,
    undoes: link.id,
  };
  await insertLink(tx, undone);
  return undone;
}
