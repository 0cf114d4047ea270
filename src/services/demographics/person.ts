// A known person, and how a statement about one changes it: field by field, by the time of the event.

import { type PersonChanges, type PersonField, personFields } from "#canonical/model";

/** One field as last said. */
export type Said = {
  readonly value: string | boolean | null;
  /** When it became true, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly source: string;
};

/** What is known of a person, by field. */
export type KnownFields = { readonly [F in PersonField]?: Said };

/** A person we know. */
export type Person = {
  readonly id: string;
  readonly version: number;
  readonly fields: KnownFields;
};

/** The effect of a statement on what is known. */
export type Change = {
  /** What is known afterwards. */
  readonly fields: KnownFields;
  /** Fields whose value differs from before. */
  readonly changed: PersonChanges;
  /** Fields on which something newer is known already. */
  readonly outdated: readonly PersonField[];
};

/** Applies a statement: each field counts if nothing newer was said of it. */
export function applyStatement(known: KnownFields, said: PersonChanges, at: number, source: string): Change {
  const fields: Record<string, Said> = { ...known };
  const changed: Record<string, Said["value"]> = {};
  const outdated: PersonField[] = [];
  for (const field of personFields) {
    const value = said[field];
    if (value === undefined) continue;
    const before = known[field];
    if (before && before.at > at) {
      if (before.value !== value) outdated.push(field);
      continue;
    }
    fields[field] = { value, at, source };
    if ((before?.value ?? null) !== value) changed[field] = value;
  }
  return { fields, changed: changed as PersonChanges, outdated };
}

/** Adds to `change` what was said of the same person under another name after `after`. */
export function applyLater(change: Change, elsewhere: KnownFields, after: number): Change {
  return Object.values(elsewhere).length === 0
    ? change
    : personFields.reduce((sum, field) => {
        const said = elsewhere[field];
        if (!said || said.at <= after) return sum;
        const step = applyStatement(sum.fields, { [field]: said.value }, said.at, said.source);
        return { ...step, changed: { ...sum.changed, ...step.changed } };
      }, change);
}

/** The plain values of what is known. */
export const valuesOf = (fields: KnownFields): PersonChanges =>
  Object.fromEntries(Object.entries(fields).map(([field, said]) => [field, said.value])) as PersonChanges;
