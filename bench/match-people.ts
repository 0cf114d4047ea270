// The people of the matching benches: as many as wanted, always the same, with names as common as they are in the UK set.

import type { PersonChanges } from "#canonical/model";
import { linkageSets, readSet } from "./matching-sets.ts";

const uk = linkageSets.find(({ name }) => name.startsWith("UK,"))!;
/** The set that names are drawn from. */
export const namesSet = { ...uk, heldOut: false };

const PER_POSTCODE = 37;
const PER_SECTOR = 20; // postcodes
const PER_OUTCODE = 600; // postcodes
const PER_HOUSEHOLD = 2.4;
const DAY_MS = 86_400_000;
const LAST_BIRTH = Date.UTC(2026, 0, 1);
const BIRTH_DAYS = 31_000;
const FIRST_NHS_NUMBER = 400_000_000; // without the check digit
const NHS_NUMBER_STEP = 4; // leaves room to pass over those without one
const INWARD = "ABDEFGHJLNPQRSTUWXYZ";

/** Fractions from 0 to 1, always the same for the same seed (mulberry32). */
export function fractions(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A maker of persons: the same number is always the same person. */
export function peopleOf(population: number): (number: number) => PersonChanges {
  const { records } = readSet(namesSet);
  const values = (field: "givenName" | "familyName") =>
    records.flatMap(({ fields }) => fields[field]?.match(/^[a-z' -]{2,}$/i)?.[0] ?? []);
  const [given, family] = [values("givenName"), values("familyName")];
  const streets = records.flatMap(({ fields }) => fields.addressLine1?.replace(/^[0-9]+ /, "") ?? []);
  const postcodes = Math.ceil(population / PER_POSTCODE);
  return (number) => {
    const own = fractions(number + 1);
    const home = fractions(Math.floor(number / PER_HOUSEHOLD) + 0x5000_0000);
    const pick = (from: readonly string[], fraction: number) => from[Math.floor(fraction * from.length)]!;
    const birth = birthDate(own(), own());
    const postcode = Math.floor(home() * postcodes);
    const shared = pick(family, home());
    const landline = `01632${String(Math.floor(home() * 1e6)).padStart(6, "0")}`;
    const name = { givenName: pick(given, own()), familyName: own() < 0.8 ? shared : pick(family, own()) };
    return {
      ...name,
      birthDate: birth,
      gender: own() < 0.5 ? "female" : "male",
      postcode: postcodeText(postcode),
      // The people of a postcode live in one street.
      addressLine1: `${1 + Math.floor(home() * 120)} ${pick(streets, fractions(postcode)())}`,
      ...(own() < 0.9 ? { nhsNumber: nhsNumberText(number) } : {}),
      ...(own() < 0.85
        ? { phone: own() < 0.7 ? `07${String(Math.floor(own() * 1e9)).padStart(9, "0")}` : landline }
        : {}),
      ...(own() < 0.5
        ? {
            email: `${name.givenName}.${name.familyName}${Math.floor(own() * 90)}@mail.example`.replace(
              /[^a-z0-9.@]/gi,
              "",
            ),
          }
        : {}),
    };
  };
}

/** Ten digits with their check digit (modulus 11), of the range that is issued; nobody shares one. */
function nhsNumberText(number: number): string {
  for (let nine = FIRST_NHS_NUMBER + number * NHS_NUMBER_STEP; ; nine += 1) {
    const sum = [...String(nine)].reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) return `${nine}${check}`;
  }
}

/** One in fifty was written as 1 January, for want of the day. */
function birthDate(when: number, isKnown: number): string {
  const date = new Date(LAST_BIRTH - Math.floor(when * BIRTH_DAYS) * DAY_MS).toISOString().slice(0, 10);
  return isKnown < 0.02 ? `${date.slice(0, 4)}-01-01` : date;
}

function postcodeText(number: number): string {
  const [outcode, sector] = [Math.floor(number / PER_OUTCODE), Math.floor(number / PER_SECTOR)];
  const letter = (value: number) => INWARD[value % INWARD.length]!;
  const area = ["LS", "BD", "HX", "HD", "WF", "YO", "HG", "DN", "S", "M"][Math.floor(outcode / 30) % 10]!;
  return `${area}${1 + (outcode % 30)} ${sector % 10}${letter(Math.floor(number / 20))}${letter(number)}`;
}

/** How a person comes in a message: moved, without a number, with a slip, or as sent. */
export function asSent(fields: PersonChanges, next: () => number, stranger: PersonChanges): PersonChanges {
  const moved = next() < 0.2;
  return {
    ...fields,
    ...(moved ? { postcode: stranger.postcode!, addressLine1: stranger.addressLine1! } : {}),
    ...(next() < 0.3 ? { nhsNumber: null } : {}),
    ...(next() < 0.4 ? { phone: null } : {}),
    ...(next() < 0.5 ? { email: null } : {}),
    ...(next() < 0.05 ? { givenName: slip(fields.givenName!, next) } : {}),
    ...(next() < 0.05 ? { familyName: slip(fields.familyName!, next) } : {}),
    ...(next() < 0.03
      ? { birthDate: `${fields.birthDate!.slice(0, 8)}${fields.birthDate!.endsWith("11") ? "12" : "11"}` }
      : {}),
  };
}

function slip(text: string, next: () => number): string {
  const at = Math.floor(next() * text.length);
  return text.slice(0, at) + text.slice(at + 1) || text;
}
