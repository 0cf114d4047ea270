// Invents people whom nobody can take for real ones: made-up family names, numbers and places kept for examples.

import { type Draw, oneOf, whole } from "./draw.ts";

/** A patient of the hospital. */
export type Patient = {
  /** Local identifier of authority RXX. */
  readonly mrn: string;
  /** Of the range 999, which is kept for tests. */
  readonly nhsNumber: string;
  readonly familyName: string;
  readonly givenName: string;
  /** ISO date. */
  readonly birthDate: string;
  /** PID-8. */
  readonly gender: "F" | "M";
  readonly home: Home;
  /** Of 01632 960000 to 960999, which are kept for drama. */
  readonly phone: string;
};

/** Where somebody lives; area ZZ is nowhere. */
export type Home = { readonly line1: string; readonly town: string; readonly postcode: string };

const given = {
  F: "Adela Beatrix Clemency Delphine Eudora Flavia Griselda Hermione Isadora Jessamy Lavinia Marigold Nerissa Ottoline Perpetua Rosalba Seraphina Tamsin Ursula Venetia Winifred Zenobia",
  M: "Ambrose Barnaby Crispin Diggory Evander Florian Gulliver Horatio Ignatius Jocelyn Leander Mortimer Octavius Peregrine Quentin Roderick Septimus Thaddeus Ulysses Valentine Wystan Zebedee",
} as const;
const starts =
  "Amber Bramble Copper Dapple Ember Fennel Gable Hollow Ivory Juniper Kestrel Lantern Marble Nettle Otter Pebble Quill Saffron Thimble Umber Velvet Willow Yarrow";
const ends = "by croft dew fold gate mere nest reed thorn wick worth";
const streets = "Barge Coracle Ferry Heron Ledger Lock Mill Osier Sluice Towpath Wharf Windlass";
const kinds = "Row Lane Steps Court Yard Walk";
const towns = "Sampleton Exampleford Port Specimen Mockbridge Little Fiction".match(/(?:Port |Little )?\w+/g)!;
const letters = "ABDEFGHJLNPQRSTUWXYZ";

const wordOf = (draw: Draw, words: string): string => oneOf(draw, words.split(" "));

/** A family name that no directory holds. */
export const familyName = (draw: Draw): string => `${wordOf(draw, starts)}${wordOf(draw, ends)}`;

/** Another given name than that of `not`. */
export function givenName(draw: Draw, gender: Patient["gender"], not = ""): string {
  const names = given[gender].split(" ").filter((name) => name !== not);
  return oneOf(draw, names);
}

export const home = (draw: Draw): Home => ({
  line1: `${1 + whole(draw, 96)} ${wordOf(draw, streets)} ${wordOf(draw, kinds)}`,
  town: oneOf(draw, towns),
  postcode: `ZZ${1 + whole(draw, 89)} ${whole(draw, 10)}${oneOf(draw, [...letters])}${oneOf(draw, [...letters])}`,
});

export const phone = (draw: Draw): string => `01632960${String(whole(draw, 1_000)).padStart(3, "0")}`;

/** The person of a place, from 0; `seed` keeps the numbers of two stories apart. */
export function invent(draw: Draw, seed: number, place: number): Patient {
  const gender = oneOf(draw, ["F", "M"] as const);
  const born = Date.UTC(1932 + whole(draw, 88), 1 + whole(draw, 11), 2 + whole(draw, 26));
  return {
    mrn: mrnOf(seed, place),
    nhsNumber: numberOf(500_000 + spread(seed) + place * STEP),
    familyName: familyName(draw),
    givenName: givenName(draw, gender),
    birthDate: new Date(born).toISOString().slice(0, 10),
    gender,
    home: home(draw),
    phone: phone(draw),
  };
}

/** How many people one story may name. */
export const MOST_PEOPLE = 400;
/** One in eleven has no check digit and gives way to the next: places lie two apart. */
const STEP = 2;
const SEEDS = 500;
const spread = (seed: number): number => (seed % SEEDS) * MOST_PEOPLE * STEP;

export const mrnOf = (seed: number, place: number): string =>
  `RX${5_000_000 + (seed % SEEDS) * MOST_PEOPLE * STEP + place}`;

/** 999, six digits and a check digit by modulus 11 (NHS Data Dictionary). */
function numberOf(serial: number): string {
  const digits = `999${String(serial).padStart(6, "0")}`;
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (10 - index), 0);
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? numberOf(serial + 1) : `${digits}${check}`;
}
