// When two values of a field say the same: to the letter, or as the pack folds them.

import {
  compareAddressLine,
  compareEmail,
  compareFamilyName,
  compareName,
  comparePhone,
  comparePostcode,
} from "#canonical/rules";
import type { PackField } from "./fields.ts";
import type { Pack, Stance } from "./pack-schema.ts";

/** A value of a field; `null`: blank. */
export type Value = string | boolean | null;

type Fold = { readonly group: keyof Pack["normalisation"]; readonly key: (text: string) => string | undefined };

const folds: Readonly<Partial<Record<PackField, Fold>>> = {
  title: { group: "names", key: compareName },
  familyName: { group: "names", key: compareFamilyName },
  givenName: { group: "names", key: compareName },
  middleNames: { group: "names", key: compareName },
  addressLine1: { group: "addresses", key: compareAddressLine },
  addressLine2: { group: "addresses", key: compareAddressLine },
  town: { group: "addresses", key: compareAddressLine },
  county: { group: "addresses", key: compareAddressLine },
  postcode: { group: "addresses", key: comparePostcode },
  phone: { group: "phones", key: comparePhone },
  email: { group: "phones", key: compareEmail },
};

const isDate = (field: PackField): boolean => field === "birthDate" || field === "deathDate";

/** A field's value with blank as `null`. */
export const heldValue = (value: Value | undefined): Value => (value === undefined || value === "" ? null : value);

/** Whether a record that holds the one would change by the other. No word on a death is the same as "not dead". */
export function isSame(field: PackField, held: Value, other: Value): boolean {
  if (field === "deceased") return (held ?? false) === (other ?? false);
  // A part of a date that is held whole says nothing new; the ERP takes no partial date.
  if (isDate(field) && typeof held === "string" && typeof other === "string" && other !== "")
    return held.startsWith(other);
  return held === other;
}

/** Whether the two are one value written in two ways, as the pack sees it. */
export function isRespelt(field: PackField, a: Value, b: Value, normalisation: Pack["normalisation"]): boolean {
  const keys = keysOf(field, a, b, normalisation);
  return keys !== undefined && keys[0] !== undefined && keys[0] === keys[1];
}

/**
 * What `national` says of `value`; `undefined`: nothing. A postcode that stands for no place never agrees, nor does a
 * date with a part of it.
 */
export function stanceOn(
  field: PackField,
  value: Value,
  national: Value | undefined,
  normalisation: Pack["normalisation"],
): Exclude<Stance, "unknown"> {
  if (national === undefined) return "silent";
  if (field === "deceased") return (value ?? false) === national ? "agrees" : "differs";
  if (value === null) return "differs";
  if (isDate(field) && value !== national)
    return `${national}`.startsWith(`${value}`) || `${value}`.startsWith(`${national}`) ? "silent" : "differs";
  if (field === "postcode" && value === national && comparePostcode(`${value}`) === undefined) return "silent";
  const [a, b] = keysOf(field, value, national, normalisation) ?? [value, national];
  if (a === undefined && b === undefined && value === national) return "silent";
  return a !== undefined && a === b ? "agrees" : "differs";
}

function keysOf(
  field: PackField,
  a: Value,
  b: Value,
  normalisation: Pack["normalisation"],
): [string | undefined, string | undefined] | undefined {
  const fold = folds[field];
  if (!fold || typeof a !== "string" || typeof b !== "string") return undefined;
  return normalisation[fold.group] === "folded" ? [fold.key(a) || undefined, fold.key(b) || undefined] : undefined;
}
