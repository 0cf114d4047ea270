// Blocking keys: two records that share one are compared; texts short enough for an index.

import { formalNames } from "#canonical/rules";
import type { ExtraColumn, NameForm, Prepared } from "./types.ts";

/** Takes a key as it is made: a letter for its kind, and up to three texts that follow one another. */
export type TakeKey = (kind: string, one: string, two?: string, three?: string) => void;

/**
 * The keys of a record. Each begins with a letter for its kind, so that keys of different kinds never meet. Those of one
 * kind bring together what one slip or one change parts in the others: no field is needed by all.
 */
export function blockingKeys(record: Prepared, extra: readonly ExtraColumn[] = []): string[] {
  const keys = new Set<string>();
  eachKey(record, extra, (kind, one, two = "", three = "") => void keys.add(kind + one + two + three));
  return [...keys];
}

/** Hands out the keys of a record one by one, in parts, so that whoever only hashes them joins none; some come twice. */
export function eachKey(record: Prepared, extra: readonly ExtraColumn[], take: TakeKey): void {
  const { nhsNumber, nearNhsNumber, phone, email } = record;
  if (nhsNumber) take("n", nhsNumber);
  if (nearNhsNumber) take("n", nearNhsNumber);
  if (phone) take("t", phone);
  if (email) take("e", email.slice(0, email.lastIndexOf("@")));
  const given = givenSounds(record.given);
  const family = familySounds(record.family);
  takeDateKeys(take, record, given, family);
  takePlaceKeys(take, record, given, family);
  takeExtraKeys(take, record, extra, given, family);
  for (const one of family) for (const other of given) takeBoth(take, "w", "", one, other);
  for (const sound of family) take("f", sound);
  for (const sound of given) take("f", sound);
}

/** Two sounds in an order of their own: family and given name may have changed places. */
const takeBoth = (take: TakeKey, kind: string, before: string, one: string, other: string): void =>
  one < other ? take(kind, before, one, other) : take(kind, before, other, one);

const none: readonly string[] = [];
const soundsOfGiven = new WeakMap<NameForm, readonly string[]>();
const soundsOfFamily = new WeakMap<NameForm, readonly string[]>();

/** Phonetic keys of the given name, or of the formal names it may stand for. */
function givenSounds(given: NameForm | undefined): readonly string[] {
  if (!given || given.key.length === 1) return none;
  const known = soundsOfGiven.get(given);
  if (known) return known;
  const formals = formalNames(given.parts[0]!);
  // Two formal names are enough to meet; a third would mostly bring strangers.
  const names = formals.slice(0, 2).map((formal) => `=${formal}`);
  const sounds = [...new Set([given.sounds[0]!, ...names])].filter(Boolean);
  soundsOfGiven.set(given, sounds);
  return sounds;
}

function familySounds(family: NameForm | undefined): readonly string[] {
  if (!family) return none;
  const known = soundsOfFamily.get(family);
  if (known) return known;
  const sounds = [...new Set(family.sounds.filter(Boolean))];
  soundsOfFamily.set(family, sounds);
  return sounds;
}

type Sounds = readonly string[];

function takeDateKeys(take: TakeKey, { birthDate, postcode, given }: Prepared, givens: Sounds, family: Sounds) {
  if (!birthDate) return;
  const { text, year, month, day } = birthDate;
  const initial = given?.key[0] ?? "";
  if (day) {
    // Family and given name under one letter: they may have changed places.
    for (const sound of family) take("d", text, sound);
    for (const sound of givens) take("d", text, sound);
    if (postcode) take("o", text, postcode.outcode);
    take("b", text);
  }
  const monthAndDay = month < day ? month + day : day + month;
  for (const sound of family) {
    for (const name of givens) takeBoth(take, "y", year, sound, name);
    if (givens.length === 0) take("y", year, sound, initial);
    if (day && initial) take("m", monthAndDay, sound, initial);
  }
}

function takePlaceKeys(take: TakeKey, { postcode, address, town }: Prepared, givens: Sounds, family: Sounds) {
  if (postcode) take("q", postcode.full);
  if (address) take("r", address.key);
  for (const name of givens) {
    if (postcode) take("p", postcode.full, name);
    if (address) take("a", address.key, " ", name);
    if (town) take("c", town, " ", name);
  }
  for (const sound of family) {
    if (postcode) take("s", postcode.outcode, sound, givens[0]?.[0] ?? "");
    if (town) take("c", town, " ", sound);
  }
}

function takeExtraKeys(take: TakeKey, record: Prepared, extra: readonly ExtraColumn[], givens: Sounds, family: Sounds) {
  for (let index = 0; index < extra.length; index += 1) {
    const value = record.extra[index];
    if (!value) continue;
    const kind = `x${index} `;
    if (extra[index]!.compare === "identifier") take(kind, value);
    else {
      for (const sound of givens) take(kind, value, " ", sound);
      for (const sound of family) take(kind, value, " ", sound);
    }
  }
}
