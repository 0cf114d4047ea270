// Blocking keys: two records that share one are compared; texts short enough for an index.

import { formalNames } from "#canonical/rules";
import type { ExtraColumn, NameForm, Prepared } from "./types.ts";

/**
 * The keys of a record. Each begins with a letter for its kind, so that keys of different kinds never meet. Those of one
 * kind bring together what one slip or one change parts in the others: no field is needed by all.
 */
export function blockingKeys(record: Prepared, extra: readonly ExtraColumn[] = []): string[] {
  const keys = new Set<string>();
  const { nhsNumber, nearNhsNumber, phone, email } = record;
  if (nhsNumber) keys.add(`n${nhsNumber}`);
  if (nearNhsNumber) keys.add(`n${nearNhsNumber}`);
  if (phone) keys.add(`t${phone}`);
  if (email) keys.add(`e${email.slice(0, email.lastIndexOf("@"))}`);
  const given = givenSounds(record.given);
  const family = [...new Set(record.family?.sounds.filter(Boolean))];
  addDateKeys(keys, record, given, family);
  addPlaceKeys(keys, record, given, family);
  addExtraKeys(keys, record, extra, [...given, ...family]);
  for (const one of family) for (const other of given) keys.add(`w${[one, other].sort().join("")}`);
  for (const sound of [...family, ...given]) keys.add(`f${sound}`);
  return [...keys];
}

/** Phonetic keys of the given name, or of the formal names it may stand for. */
function givenSounds(given: NameForm | undefined): string[] {
  if (!given || given.key.length === 1) return [];
  const formals = formalNames(given.parts[0]!);
  // Two formal names are enough to meet; a third would mostly bring strangers.
  const names = formals.slice(0, 2).map((formal) => `=${formal}`);
  return [...new Set([given.sounds[0]!, ...names])].filter(Boolean);
}

function addDateKeys(keys: Set<string>, { birthDate, postcode, given }: Prepared, givens: string[], family: string[]) {
  if (!birthDate) return;
  const { text, year, month, day } = birthDate;
  const initial = given?.key[0] ?? "";
  // Family and given name under one letter: they may have changed places.
  if (day) for (const sound of [...family, ...givens]) keys.add(`d${text}${sound}`);
  if (day && postcode) keys.add(`o${text}${postcode.outcode}`);
  if (day) keys.add(`b${text}`);
  for (const sound of family) {
    for (const name of givens) keys.add(`y${year}${[sound, name].sort().join("")}`);
    if (givens.length === 0) keys.add(`y${year}${sound}${initial}`);
    if (day && initial) keys.add(`m${[month, day].sort().join("")}${sound}${initial}`);
  }
}

function addPlaceKeys(keys: Set<string>, { postcode, address, town }: Prepared, givens: string[], family: string[]) {
  if (postcode) keys.add(`q${postcode.full}`);
  if (address) keys.add(`r${address.key}`);
  for (const name of givens) {
    if (postcode) keys.add(`p${postcode.full}${name}`);
    if (address) keys.add(`a${address.key} ${name}`);
    if (town) keys.add(`c${town} ${name}`);
  }
  for (const sound of family) {
    if (postcode) keys.add(`s${postcode.outcode}${sound}${givens[0]?.[0] ?? ""}`);
    if (town) keys.add(`c${town} ${sound}`);
  }
}

function addExtraKeys(keys: Set<string>, record: Prepared, extra: readonly ExtraColumn[], sounds: string[]) {
  for (const [index, { compare }] of extra.entries()) {
    const value = record.extra[index];
    if (!value) continue;
    if (compare === "identifier") keys.add(`x${index} ${value}`);
    else for (const sound of sounds) keys.add(`x${index} ${value} ${sound}`);
  }
}
