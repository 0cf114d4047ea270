// A known person, and how a statement about one changes it: field by field, by the time of the event.

import {
  type NhsNumberStatus,
  type PersonChanges,
  type PersonField,
  type PersonUpdate,
  personFields,
  whereabouts,
} from "#canonical/model";
import type { KnownFields, Said } from "./said.ts";
import { supersedes, survivingFields } from "./survivorship.ts";

export type { KnownFields, Said } from "./said.ts";

/** An NHS number that a person goes by, or went by. */
export type HeldNumber = {
  readonly number: string;
  readonly status: NhsNumberStatus;
  readonly current: boolean;
  readonly supersededBy: string | null;
};

/** Values that wait for a person's decision. */
export type Proposal = {
  /** The saga instance that asks, and the journey it belongs to. */
  readonly instanceId: string;
  readonly journeyId: string;
  readonly state: "open" | "asked";
  readonly fields: KnownFields;
};

/** A person we know. */
export type Person = {
  readonly id: string;
  readonly version: number;
  readonly fields: KnownFields;
  /** Values that somebody refused, by field. */
  readonly refused: PersonChanges;
  /** The national service withholds where the person is. */
  readonly restricted: boolean;
  /** Who this person lives on as. */
  readonly mergedInto: string | null;
  readonly numbers: readonly HeldNumber[];
  readonly proposal: Proposal | null;
  /** Others live on as this person, or were taken for it: what is said is kept by identifier, so that they can part again. */
  readonly joined: boolean;
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

/** What a statement says of each field that it says anything of. */
export function saidIn(statement: Pick<PersonUpdate, "fields" | "raw" | "eventAt" | "source">): KnownFields {
  const { fields, raw, source } = statement;
  const at = Date.parse(statement.eventAt);
  return mapped<Said["value"], Said>(fields, (value, field) => {
    const text = raw[field];
    return text === undefined ? { value, at, source } : { value, raw: text, at, source };
  });
}

/** Applies a statement: each field counts if nothing newer was said of it. */
export function applyStatement(known: KnownFields, said: KnownFields): Change {
  const fields: Record<string, Said> = { ...known };
  const changed: Record<string, Said["value"]> = {};
  const outdated: PersonField[] = [];
  for (const field of personFields) {
    const next = said[field];
    if (!next) continue;
    const before = known[field];
    const isSame = before?.value === next.value;
    if (before && !supersedes(field, next, before)) {
      if (!isSame) outdated.push(field);
      continue;
    }
    fields[field] = isSame ? marked(next, before) : next;
    if ((before?.value ?? null) !== next.value) changed[field] = next.value;
  }
  return { fields, changed: changed as PersonChanges, outdated };
}

/** The same value said anew bears the marks that it bore. */
export const marked = (next: Said, { verified, moves }: Said): Said =>
  verified || moves !== undefined
    ? { ...next, ...(verified ? { verified } : {}), ...(moves === undefined ? {} : { moves }) }
    : next;

/** The later of what two say of each field; where both are of one time and one source, what `over` says. */
export const newest = (under: KnownFields, over: KnownFields): KnownFields =>
  Object.keys(over).length === 0 ? under : survivingFields([under, over]);

/** The plain values of what is known. */
export const valuesOf = (fields: KnownFields): PersonChanges => mapped(fields, ({ value }) => value) as PersonChanges;

/** What is known as pairs. */
export const saidOf = (fields: KnownFields): [PersonField, Said][] => Object.entries(fields) as [PersonField, Said][];

/** Each field's `of`. A loop: of all that a journey does in memory, it does this most often. */
export function mapped<Value, Result>(
  fields: { readonly [F in PersonField]?: Value },
  of: (value: Value, field: PersonField) => Result,
): { [F in PersonField]?: Result } {
  const results: { [F in PersonField]?: Result } = {};
  for (const field of Object.keys(fields) as PersonField[]) results[field] = of(fields[field]!, field);
  return results;
}

/** Those fields of `fields` for which `keeps` holds. */
export function fieldsWhere<Fields extends { readonly [F in PersonField]?: unknown }>(
  fields: Fields,
  keeps: (field: PersonField) => boolean,
): Fields {
  const kept: { [F in PersonField]?: unknown } = {};
  for (const field of Object.keys(fields) as PersonField[]) if (keeps(field)) kept[field] = fields[field];
  return kept as Fields;
}

/** `fields` without what tells where the person is. */
export const withoutWhereabouts = <Fields extends { readonly [F in PersonField]?: unknown }>(fields: Fields): Fields =>
  fieldsWhere(fields, (field) => !whereabouts.has(field));
