// Whoever is known is found by matching: what is kept of a person is told it in the same transaction.

import type { FindablePerson, PersonMatching } from "#canonical/contracts";
import { gathering } from "#engine/backbone";
import type { Db, Tx } from "#kernel/db";
import { type HeldNumber, type KnownFields, valuesOf, withoutWhereabouts } from "./person.ts";
import { type Keeping, keepPersons, markFindable, unfindable } from "./store.ts";

/** What is kept of a person, with the numbers that were read with it. */
export type Known = Keeping & { readonly numbers: readonly HeldNumber[] };

/** How many persons the catch-up tells matching of at a time. */
const BATCH = 500;

type Row = { readonly matching: PersonMatching; readonly person: FindablePerson };

/** Makes persons findable, all of a round at once; what is said last of one person counts. */
const findableRow = gathering<Row>(async (tx, rows) => {
  for (const [matching, all] of Map.groupBy(rows, (row) => row.matching)) {
    const persons = new Map<string, FindablePerson>();
    for (const { person } of all) persons.set(person.personId, { ...persons.get(person.personId), ...person });
    await matching.keep(tx, [...persons.values()]);
  }
});

/** A person as matching finds it from now on, in the commit of the round. */
export const keepFindable = (matching: PersonMatching, person: FindablePerson) => findableRow({ matching, person });

/** Where a person is withheld stays withheld; numbers that were replaced lead to the person as well. */
export function findableOf({ id, fields, restricted, number, numbers }: Known): FindablePerson {
  const values = valuesOf(fields);
  const current = number?.value ?? values.nhsNumber;
  const former = numbers.flatMap((held) => (held.number === current ? [] : [held.number]));
  return {
    personId: id,
    fields: restricted ? withoutWhereabouts(values) : values,
    ...(former.length > 0 ? { formerNumbers: former } : {}),
  };
}

/** Whether what is found of a person is another than before; a repetition changes times alone. */
export function isFoundOtherwise(before: KnownFields, { fields, number }: Pick<Known, "fields" | "number">): boolean {
  const [then, now] = [valuesOf(before), valuesOf(fields)];
  const names = new Set([...Object.keys(then), ...Object.keys(now)]) as Set<keyof typeof now>;
  return number !== undefined || [...names].some((name) => (then[name] ?? null) !== (now[name] ?? null));
}

/** Keeps what is known of persons, and keeps them findable by it. @throws PERSON_CHANGED as `keepPersons` */
export async function keepKnown(tx: Tx, matching: PersonMatching, persons: readonly Known[]): Promise<void> {
  await keepPersons(tx, persons);
  await matching.keep(tx, persons.map(findableOf));
}

/**
 * Tells matching of everybody whom it does not know yet: of an installation that is older than its matching. Several nodes
 * may do so at once, and an interrupted run goes on where it stood.
 * @returns how many
 */
export async function makeFindable(db: Db, matching: PersonMatching, stopping: AbortSignal): Promise<number> {
  let made = 0;
  for (let count = BATCH; count === BATCH && !stopping.aborted; made += count)
    count = await db.transaction(async (tx) => {
      const persons = await unfindable(tx, BATCH);
      if (persons.length === 0) return 0;
      await matching.keep(tx, persons.map(findableOf));
      await markFindable(
        tx,
        persons.map(({ id }) => id),
      );
      return persons.length;
    });
  return made;
}
