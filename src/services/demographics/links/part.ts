// What each of two persons is known as once they part: what was said under its own identifiers is its own. Pure.

import type { PersonField } from "#canonical/model";
import { fieldsWhere } from "../person.ts";
import { restored } from "../restore.ts";
import type { KnownFields, Said } from "../said.ts";
import type { Spoken } from "../spoken/store.ts";
import { survivingFields } from "../survivorship.ts";
import type { Before } from "./store.ts";

/** Two persons as one, and what has been said of them since they were joined. */
export type Joined = {
  readonly before: Before;
  /** What is known of the one that lives on, and what was known of the other when it was joined. */
  readonly held: KnownFields;
  readonly otherHeld: KnownFields;
  readonly spoken: readonly Spoken[];
  /** What later links that still stand brought. */
  readonly brought: readonly KnownFields[];
};

/** The two again. */
export type Parted = {
  readonly fields: KnownFields;
  readonly otherFields: KnownFields;
  /** Identifiers that the other goes by: those it came with, and those first named beside them. */
  readonly keys: readonly string[];
  /** Ids of the statements that were about the other. */
  readonly gone: readonly string[];
};

/**
 * Parts two persons. A field is as it was before they were joined, unless something was said of it since: that stays with
 * whom it was said of, told by the first identifier of the statement.
 */
export function part({ before, held, otherHeld, spoken, brought }: Joined): Parted {
  const theirs = new Set(before.keys);
  const going = spoken.filter(({ keys }) => {
    const [first] = keys;
    if (first === undefined || !theirs.has(first)) return false;
    for (const key of keys) if (!before.ownKeys.includes(key)) theirs.add(key);
    return true;
  });
  const staying = spoken.filter((one) => !going.includes(one));
  const back = restored(held, before.applied, before.fields);
  const isTheirs = (field: PersonField): boolean => going.some(({ fields }) => isSame(fields[field], back[field]));
  const left = survivingFields([before.fields, ...brought, ...staying.map(({ fields }) => fields)]);
  return {
    fields: { ...fieldsWhere(back, (field) => !isTheirs(field)), ...fieldsWhere(left, isTheirs) },
    otherFields: {
      ...missing(otherHeld, going),
      ...survivingFields([otherHeld, ...going.map(({ fields }) => fields)]),
    },
    keys: [...theirs],
    gone: going.map(({ id }) => id),
  };
}

/**
 * Of whom nothing was known before, the values that were declined of the joined person are the first word: it was another they
 * did not fit. Never a number: no service has told whose it is.
 */
function missing(otherHeld: KnownFields, going: readonly Spoken[]): KnownFields {
  if (Object.keys(otherHeld).length > 0) return {};
  const { nhsNumber: _, nhsNumberStatus: __, ...fields } = survivingFields(going.map(({ declined = {} }) => declined));
  return fields;
}

const isSame = (one: Said | undefined, other: Said | undefined): boolean =>
  one !== undefined && one.value === other?.value && one.at === other.at && one.source === other.source;
