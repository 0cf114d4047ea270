// What is said of joined persons is remembered by identifier, so that each statement can follow whom it was about.

import { identifierKey, type PersonUpdate } from "#canonical/model";
import type { Tx } from "#kernel/db";
import { fieldsWhere } from "../person.ts";
import type { KnownFields } from "../said.ts";
import type { Subject } from "../statement.ts";
import type { Identified } from "../types.ts";
import { insertSpoken } from "./store.ts";

type Context = { readonly input: PersonUpdate; readonly instance: { readonly journeyId: string } };

/** Whether a statement's own identifiers were linked to its person by matching: from it on, what they say is kept apart. */
export const isLinkedByMatching = ({ found, verdict }: Pick<Identified, "found" | "verdict">): boolean =>
  found === "known" && verdict !== undefined;

/** Remembers what a statement has changed, or said again, of somebody from whom others may part. */
export async function keepSpoken(
  tx: Tx,
  { input, instance }: Context,
  { subject, isLinked, kept }: { readonly subject: Subject; readonly isLinked: boolean; readonly kept: KnownFields },
): Promise<void> {
  if (!subject.joined && !isLinked) return;
  const { nhsNumberStatus: _, ...all } = kept;
  const fields = fieldsWhere<KnownFields>(all, (field) => {
    const [now, before] = [kept[field], subject.fields[field]];
    return now?.value !== before?.value || now?.at !== before?.at || now?.source !== before?.source;
  });
  if (Object.keys(fields).length === 0) return;
  await insertSpoken(tx, subject.id, instance.journeyId, { keys: input.identifiers.map(identifierKey), fields });
}

/** Remembers what people refused of a statement about somebody from whom others may part: it may have been true of the other. */
export async function keepDeclined(
  tx: Tx,
  { input, instance }: Context,
  {
    subject,
    isLinked,
    declined,
  }: {
    readonly subject: Pick<Subject, "id" | "joined">;
    readonly isLinked: boolean;
    readonly declined: KnownFields;
  },
): Promise<void> {
  if ((!subject.joined && !isLinked) || Object.keys(declined).length === 0) return;
  await insertSpoken(tx, subject.id, instance.journeyId, {
    keys: input.identifiers.map(identifierKey),
    fields: {},
    declined,
  });
}
