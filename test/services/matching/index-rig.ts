// The index of persons over a test database, and people to fill it with.

import { readFileSync } from "node:fs";
import type { FindablePerson } from "#canonical/contracts";
import type { PersonChanges } from "#canonical/model";
import { manualClock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openPersonMatching, readMatchRules, readModel } from "#services/matching";

const resource = (name: string): string => readFileSync(`resources/matching/${name}`, "utf8");
export const model = readModel(resource("uk.json"));
export const rules = readMatchRules(resource("rules.yaml"));

export const openIndex = (db: Db) =>
  openPersonMatching({ db, clock: manualClock(), environment: "test", model, rules: { current: async () => rules } });

/** Keeps people under new ids, in one transaction. */
export async function keepPeople(db: Db, people: readonly PersonChanges[]): Promise<string[]> {
  const persons = people.map((fields): FindablePerson => ({ personId: newId(), fields }));
  await db.transaction((tx) => openIndex(db).keep(tx, persons));
  return persons.map(({ personId }) => personId);
}

const given =
  "Amelia Oliver Isla George Ava Noah Mia Arthur Ivy Harry Lily Muhammad Grace Leo Freya Jack Rosie Oscar".split(" ");
const family =
  "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Khan Walker White Threlfall Okafor Nowak".split(
    " ",
  );
const streets = "Mill Lane;High Street;Station Road;Church Lane;Park Road".split(";");

/** Whole numbers below a bound, always the same for the same seed (mulberry32). */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % below;
  };
}

/** Somebody synthetic. */
export function somebody(next: (below: number) => number): PersonChanges {
  const pick = (from: readonly string[]) => from[next(from.length)]!;
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    givenName: pick(given),
    familyName: next(10) === 0 ? `${pick(family)}-${pick(family)}` : pick(family),
    birthDate: `${1940 + next(80)}-${two(1 + next(12))}-${two(1 + next(28))}`,
    gender: next(2) === 0 ? "female" : "male",
    postcode: `TA${1 + next(9)} ${next(10)}${"ABDEFGHJ"[next(8)]}${"LNPQRSTU"[next(8)]}`,
    addressLine1: `${1 + next(80)} ${pick(streets)}`,
    phone: `07700 9${String(next(100_000)).padStart(5, "0")}`,
    nhsNumber: nhsNumber(next(9_000_000)),
  };
}

/** A number of the test range with its check digit (modulus 11). */
function nhsNumber(number: number): string {
  for (let nine = 999_000_000 + (number % 999_000); ; nine += 1) {
    const sum = [...String(nine)].reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) return `${nine}${check}`;
  }
}

/** The same person as another system may know them: moved, married, with a slip, or with less told. */
export function said(person: PersonChanges, next: (below: number) => number): PersonChanges {
  const other = somebody(next);
  const chance = (times: number) => next(times) === 0;
  return {
    ...person,
    ...(chance(3) ? { nhsNumber: null } : {}),
    ...(chance(3) ? { phone: null } : {}),
    ...(chance(4) ? { postcode: other.postcode!, addressLine1: other.addressLine1! } : {}),
    ...(chance(8) ? { familyName: other.familyName! } : {}),
    ...(chance(8) ? { givenName: `${person.givenName!}e` } : {}),
    ...(chance(8) ? { birthDate: `${person.birthDate!.slice(0, 8)}09` } : {}),
  };
}
