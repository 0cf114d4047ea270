// Levels and codes in plain words for a steward; a value of a person is never among them.

import type { MatchCode } from "./codes.ts";
import type {
  BirthDateLevel,
  EmailLevel,
  FamilyLevel,
  GenderLevel,
  GivenLevel,
  NhsNumberLevel,
  PhoneLevel,
  PlaceLevel,
  textLevels,
} from "./levels.ts";

type Words<Level extends string> = Readonly<Record<Level, string>>;

const given: Words<GivenLevel> = {
  same: "given name agrees",
  part: "one of the given names agrees",
  nickname: "given name is a nickname of the other",
  close: "given name differs by a slip",
  initial: "given name is only an initial, which fits",
  near: "given name is similar",
  differs: "given name differs",
  missing: "given name is not known of both",
};

const family: Words<FamilyLevel> = {
  same: "family name agrees",
  part: "one half of a double family name agrees",
  close: "family name differs by a slip",
  initial: "family name is only an initial, which fits",
  near: "family name is similar",
  differs: "family name differs",
  missing: "family name is not known of both",
};

const birthDate: Words<BirthDateLevel> = {
  same: "birth date agrees",
  swapped: "birth date: day and month may be swapped",
  digit: "birth date: one digit is wrong, or two neighbours are swapped",
  parts: "birth date: two of day, month and year agree",
  partial: "birth date is known only in part, and that part agrees",
  default: "birth date agrees, but is a 1 January, which is often written when the day is not known",
  generation: "birth date is alike, but a generation apart",
  year: "birth date: only the year agrees",
  differs: "birth date differs",
  missing: "birth date is not known of both",
};

const place: Words<PlaceLevel> = {
  same: "postcode and address agree",
  postcode: "postcode agrees, the address does not or is not known",
  address: "address line agrees, the postcode does not or is not known",
  near: "postcode or address differs by a slip",
  sector: "postcode agrees in its sector",
  outcode: "postcode agrees in its first half",
  town: "only the town agrees",
  differs: "address differs",
  missing: "address is not known of both",
};

const phone: Words<PhoneLevel> = {
  same: "telephone number agrees",
  near: "telephone number differs by one digit",
  differs: "telephone number differs",
  missing: "telephone number is not known of both",
};

const gender: Words<GenderLevel> = {
  same: "gender agrees",
  differs: "gender differs",
  missing: "gender is not known of both",
};

const nhsNumber: Words<NhsNumberLevel> = {
  same: "NHS number agrees",
  near: "NHS number: one is not valid and may be a slip of the other",
  differs: "both have a valid NHS number, and they differ",
  missing: "NHS number is not known of both",
};

const email: Words<EmailLevel> = {
  same: "e-mail address agrees",
  mailbox: "e-mail address agrees before the at sign only",
  close: "e-mail address is similar before the at sign",
  differs: "e-mail address differs",
  missing: "e-mail address is not known of both",
};

const column: Words<(typeof textLevels)[number]> = {
  same: "agrees",
  close: "differs by a slip",
  near: "is similar",
  differs: "differs",
  missing: "is not known of both",
};

const single: Readonly<Record<string, Readonly<Record<string, string>>>> = { birthDate, gender, nhsNumber, email };
const joint: Readonly<Record<string, readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>]>> = {
  name: [given, family],
  household: [place, phone],
};

/**
 * What a level of a comparison means, as one clause that begins with a capital and has no full stop. Any comparison that is
 * not canonical is an extra column and goes by its name.
 */
export function wordsOf(comparison: string, level: string): string {
  return capital(clauseOf(comparison, level) ?? `${comparison} compares as ${level}`);
}

function clauseOf(comparison: string, level: string): string | undefined {
  if (comparison === "name" && level === "swapped") return "given name and family name may be swapped";
  const parts = joint[comparison];
  if (parts) {
    const [one = "", other = ""] = level.split("/");
    const [first, second] = [parts[0][one], parts[1][other]];
    return first && second && `${first}; ${second}`;
  }
  const known = single[comparison];
  if (known) return known[level];
  const said = (column as Readonly<Record<string, string>>)[level];
  return said && `${comparison} ${said}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const sentences: Readonly<Record<MatchCode, string>> = {
  "MT-100": "Linked because the NHS number and the whole birth date agree and the names do not speak against it.",
  "MT-101":
    "Linked because the NHS number agrees, the birth date agrees as far as it is known, and the name or the postcode supports it.",
  "MT-102": "Linked by an NHS number that has since been replaced by another, with the same birth date.",
  "MT-110": "Linked because everything both records tell agrees, and only one person fits like that.",
  "MT-130":
    "Linked because the agreements together weigh enough, nobody else comes close, and nothing speaks against it.",
  "MT-200":
    "It may be this person, but the agreements alone are not enough to be sure: look for something that only this person has.",
  "MT-201":
    "Several known persons fit about equally well: choose one only if something tells it from the others. They may also be one person held twice.",
  "MT-202":
    "One person fits well, but another fits nearly as well: make sure that it is not the other before you link them.",
  "MT-203":
    "These may be twins: birth date and family or home agree, but the given names look like those of two people. Do not link without another proof.",
  "MT-204":
    "These may be parent and child, or other relatives of one name at one address: the birth dates do not agree or are not known.",
  "MT-205": "Kept apart because only the home or the telephone agrees, which all of a household share.",
  "MT-210":
    "Both records hold a valid NHS number and the numbers differ. They are two people, or one of the numbers was written on the wrong record.",
  "MT-211":
    "Given name and birth date both disagree. They are two people, unless a number was written on the wrong record.",
  "MT-212": "Kept apart because a steward decided that these two are never the same.",
  "MT-300": "Nobody we know is like this: taken as a new person.",
  "MT-301": "Some persons are a little alike, but none enough to be the same: taken as a new person.",
  "MT-302":
    "Too little is known to look for anybody: a birth date is needed, and two of name, gender, postcode and NHS number.",
};

/** Why it is doubtful, or why it was linked or kept apart: one or two sentences for a steward. */
export const sentenceOf = (code: MatchCode): string => sentences[code];
