// Names that are plainly two: told by the letters they have, before anything is compared.

import { formalNames } from "#canonical/rules";
import type { NameSeen } from "../score.ts";
import { leastTold } from "../similarity.ts";
import type { NameForm } from "../types.ts";

/** A name with what tells it apart at a glance. `letters`: a bit for each of A to Z; -1 where it has others. */
export type PackedName = NameForm & { readonly letters: number; readonly hasFormals: boolean };
/** The names of a record. */
export type PackedNames = {
  readonly given: PackedName | undefined;
  readonly middle: PackedName | undefined;
  readonly family: PackedName | undefined;
};

export function packedName(form: NameForm): PackedName {
  const { key, parts } = form;
  let letters = 0;
  for (let index = 0; index < key.length; index += 1) {
    const place = key.charCodeAt(index) - 65;
    if (place < 0 || place > 25) return { ...form, letters: -1, hasFormals: formalNames(parts[0]!).length > 0 };
    letters |= 1 << place;
  }
  return { ...form, letters, hasFormals: formalNames(parts[0]!).length > 0 };
}

/** What is seen of two given names; `differs` only where comparing them would say so. */
export function seenOfGiven(a: PackedNames, b: PackedNames): NameSeen {
  const [one, other] = [a.given, b.given];
  if (!one || !other) return "open";
  if (one === other || one.key === other.key) return "same";
  const mayBeShort = (one.hasFormals && other.hasFormals) || a.middle !== undefined || b.middle !== undefined;
  return mayBeShort || maySwap(a, b) || !arePlainlyTwo(one, other) ? "open" : "differs";
}

/** As `seenOfGiven`, of family names. */
export function seenOfFamily(a: PackedNames, b: PackedNames): NameSeen {
  const [one, other] = [a.family, b.family];
  if (!one || !other) return "open";
  if (one === other || one.key === other.key) return "same";
  return maySwap(a, b) || !arePlainlyTwo(one, other) ? "open" : "differs";
}

/** Given and family name may have changed places: one of the two is the same across. */
const maySwap = (a: PackedNames, b: PackedNames): boolean =>
  (a.given !== undefined && a.given.key === b.family?.key) || (a.family !== undefined && a.family.key === b.given?.key);

/** Words that are less alike than is told of any, whatever order their letters stand in. */
function arePlainlyTwo(a: PackedName, b: PackedName): boolean {
  const [length, otherLength] = [a.key.length, b.key.length];
  if (a.letters < 0 || b.letters < 0 || a.parts.length > 1 || b.parts.length > 1) return false;
  if (length < 2 || otherLength < 2) return false;
  // A letter that the other lacks is in common nowhere it stands.
  const common = Math.min(length - bitsOf(a.letters & ~b.letters), otherLength - bitsOf(b.letters & ~a.letters));
  const most = (common / length + common / otherLength + 1) / 3;
  let prefix = 0;
  while (prefix < 5 && prefix < length && a.key.charCodeAt(prefix) === b.key.charCodeAt(prefix)) prefix += 1;
  return most + prefix * 0.1 * (1 - most) < leastTold;
}

function bitsOf(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
