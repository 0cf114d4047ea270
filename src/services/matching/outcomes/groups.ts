// The coarse groups by which outcomes are compared: never kept of a person, only counted.

import type { PersonChanges } from "#canonical/model";

/** The dimensions of the bias report, in the order people read them, each with its groups. */
export const dimensions = {
  sex: ["female", "male", "other", "unknown"],
  ageBand: ["0-4", "5-17", "18-39", "40-64", "65-79", "80+", "unknown"],
  /**
   * The form of the family name: the nearest thing to a name's origin that can be told without guessing at people. It says
   * nothing about anybody's origin, and many names of every origin are `plain`; it does show names that software written for
   * short English names treats worse.
   */
  nameForm: ["several words", "beyond a to z", "short", "long", "vowel ending", "plain", "unknown"],
  addressStability: ["none", "one", "several", "unknown"],
} as const;

export type Dimension = keyof typeof dimensions;
export type Groups = { readonly [D in Dimension]: (typeof dimensions)[D][number] };

const SHORT_LETTERS = 3;
const LONG_LETTERS = 11;
/** The first year of life of each band. */
const bandStarts = [80, 65, 40, 18, 5, 0] as const;
const bands = ["80+", "65-79", "40-64", "18-39", "5-17", "0-4"] as const;

/**
 * The groups of a record.
 * @param at the instant of the match, from which the age is told by the years alone
 */
export function groupsOf(fields: PersonChanges, at: Date, addressChanges: number | undefined): Groups {
  return {
    sex: fields.gender ?? "unknown",
    ageBand: ageBandOf(fields.birthDate, at),
    nameForm: nameFormOf(fields.familyName),
    addressStability: stabilityOf(addressChanges),
  };
}

function ageBandOf(birthDate: string | null | undefined, at: Date): Groups["ageBand"] {
  const years = /^\d{4}/.test(birthDate ?? "") ? at.getUTCFullYear() - Number(birthDate!.slice(0, 4)) : -1;
  const band = years > 130 ? -1 : bandStarts.findIndex((start) => years >= start);
  return bands[band] ?? "unknown";
}

function nameFormOf(familyName: string | null | undefined): Groups["nameForm"] {
  const name = (familyName ?? "").trim().toLowerCase().normalize("NFC");
  const letters = [...name].filter((letter) => /\p{L}/u.test(letter));
  if (letters.length === 0) return "unknown";
  if (/[\s-]/.test(name)) return "several words";
  if (letters.some((letter) => letter < "a" || letter > "z") || /['\u2019]/.test(name)) return "beyond a to z";
  if (letters.length <= SHORT_LETTERS) return "short";
  if (letters.length >= LONG_LETTERS) return "long";
  return /[aiou]$/.test(name) ? "vowel ending" : "plain";
}

const stabilityOf = (changes: number | undefined): Groups["addressStability"] =>
  changes === undefined ? "unknown" : changes <= 0 ? "none" : changes === 1 ? "one" : "several";
