// Keeping persons findable, such that two who arrive at one moment do not become two persons if they may be one.

import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { type Form, writeForm } from "./form.ts";
import { type IndexKey, indexKeys, lockNumbers } from "./index-keys.ts";
import type { Judgement, Known } from "./judgement.ts";
import { keepLines, lockKeys, lockWhole, readHolders } from "./store.ts";

/** A person to be kept. `since`: new, on the strength of what was found in that state. */
export type Kept = { readonly personId: string; readonly form: Form; readonly since?: string | undefined };

/** What is needed to judge those who were kept meanwhile. */
export type Judging = { readonly readForm: (line: string) => Form; readonly judge: () => Promise<Judgement> };

type Row = Kept & { readonly line: string; readonly keys: readonly IndexKey[] };

// Of one transaction: the server's table has room for some thousands, and others want theirs.
const mostLocks = 200;

/**
 * Keeps persons; those of a transaction at once.
 * @throws PERSON_CHANGED when a new one may be somebody who was kept since, or another of the new ones
 */
export async function keepAll(tx: Tx, persons: readonly Kept[], judging: Judging): Promise<void> {
  const rows = persons
    .map((person): Row => ({ ...person, line: writeForm(person.form), keys: indexKeys(person.form) }))
    .toSorted((a, b) => (a.personId < b.personId ? -1 : 1)); // two that keep the same persons do not wait for each other
  const fresh = rows.filter(({ since }) => since !== undefined);
  const [, found] = await Promise.all([
    fresh.length > 0 && lockOthersOut(tx, fresh),
    // A statement of its own, after the locks: it sees what those have kept whom it waited for.
    fresh.length > 0 ? readHolders(tx, fresh) : [],
    keepLines(tx, rows),
  ]);
  for (const [index, row] of fresh.entries()) {
    const holders = found[index]!.holders.map(
      ({ line, ...holder }): Known => ({ ...holder, form: judging.readForm(line) }),
    );
    const around = [...holders, ...fresh.slice(0, index).filter(sharesKeyWith(row)).map(unparted)];
    if (around.length > 0) await refuseIfAnybody(row, around, judging);
  }
}

/** Whoever keeps a new person who shares a key with one of these waits until this transaction has ended. */
function lockOthersOut(tx: Tx, fresh: readonly Row[]): Promise<unknown> {
  const numbers = lockNumbers(fresh.map(({ form }) => form));
  return numbers.length > mostLocks ? lockWhole(tx) : lockKeys(tx, numbers);
}

async function refuseIfAnybody(row: Row, around: readonly Known[], { judge }: Judging): Promise<void> {
  const verdict = (await judge())(row.form, around, { asAt: "", mark: "" });
  if (verdict.decision !== "none") throw new LockgateError("PERSON_CHANGED");
}

const sharesKeyWith = (one: Row) => {
  const keys = new Set(one.keys.map(({ key }) => key));
  return (other: Row): boolean => other.keys.some(({ key }) => keys.has(key));
};

const unparted = ({ personId, form }: Row): Known => ({ personId, form, isApart: false });
