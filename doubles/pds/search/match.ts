// Who fits a search, and how well: each part of a search that is not met rules a person out, all else lowers the score.

import { type Address, type HumanName, isCurrentName, isRestricted } from "../patient.ts";
import type { Person } from "../register.ts";
import { type Pattern, soundexOf } from "./pattern.ts";
import type { DayRange, SearchQuery } from "./query.ts";

/** How much a weaker kind of hit is worth, see `pattern.ts` on why these figures. */
const worth = { past: 0.9, sound: 0.94, transposed: 0.9, mismatch: 0.93 };

/** How well a person fits, from 1 down to 0 for not at all; birth date apart, by which people are looked up. */
export function scoreOf({ patient, past }: Person, query: SearchQuery): number {
  if (query.gender !== undefined && patient.gender !== query.gender) return 0;
  const score = nameScore(patient.name, past.name, query) * addressScore(patient.address, past.address, query);
  if (score === 0) return 0;
  const lines = [...(patient.telecom ?? []), ...(query.withHistory ? past.telecom : [])];
  const hasLine = (isMail: boolean, asked: string | undefined): boolean =>
    asked === undefined ||
    lines.some(({ system, value }) => (system === "email") === isMail && value?.toLowerCase() === asked.toLowerCase());
  if (!hasLine(true, query.email) || !hasLine(false, query.phone)) return 0;
  const practice = patient.generalPractitioner?.[0]?.identifier?.value?.toUpperCase();
  const misses =
    Number(query.practice !== undefined && practice !== query.practice) +
    Number(query.death !== undefined && !isWithin(patient.deceasedDateTime?.slice(0, 10), query.death));
  if (misses > 0 && !query.isFuzzy) return 0;
  return round(score * worth.mismatch ** misses);
}

/** Whether a restricted person may not be found this way: who knows where, would learn who. */
export const isHidden = ({ patient }: Person, query: SearchQuery): boolean =>
  isRestricted(patient) && (query.postcode !== undefined || query.practice !== undefined);

const round = (score: number): number => Math.round(score * 10_000) / 10_000;

const isWithin = (day: string | undefined, { first, last }: DayRange): boolean =>
  day !== undefined && first <= day && day <= last;

function nameScore(current: HumanName[] = [], past: HumanName[], query: SearchQuery): number {
  const best = (names: HumanName[]): number =>
    names.reduce((highest, name) => Math.max(highest, oneNameScore(name, query)), 0);
  const now = best(current.filter(isCurrentName));
  if (now === 1 || !query.withHistory) return now;
  return Math.max(now, worth.past * best([...current.filter((name) => !isCurrentName(name)), ...past]));
}

function oneNameScore({ family = "", given = [] }: HumanName, query: SearchQuery): number {
  const straight = pairScore(family, given, query.family, query.given, query.isFuzzy);
  const [asked] = query.given;
  if (!query.isFuzzy || straight === 1 || !query.family || !asked) return straight;
  return Math.max(straight, worth.transposed * pairScore(family, given, asked, [query.family], true));
}

/** Family name with family name, first given name with first, every further one with any further one. */
function pairScore(
  family: string,
  given: string[],
  askedFamily: Pattern | undefined,
  asked: Pattern[],
  fuzzy: boolean,
) {
  const likeness = (pattern: Pattern, value: string): number => {
    const letters = pattern.fit(value);
    return letters === 0 && fuzzy && pattern.sound !== "" && pattern.sound === soundexOf(value) ? worth.sound : letters;
  };
  let score = askedFamily ? likeness(askedFamily, family) : 1;
  for (const [index, pattern] of asked.entries()) {
    if (score === 0) return 0;
    const values = index === 0 ? given.slice(0, 1) : given.slice(1);
    score *= values.reduce((highest, value) => Math.max(highest, likeness(pattern, value)), 0);
  }
  return score;
}

function addressScore(current: Address[] = [], past: Address[], { postcode, withHistory }: SearchQuery): number {
  if (!postcode) return 1;
  const best = (addresses: Address[]): number =>
    addresses.reduce((top, { postalCode = "" }) => Math.max(top, postcode.fit(postalCode.replaceAll(" ", ""))), 0);
  const now = best(current);
  return now === 1 || !withHistory ? now : Math.max(now, worth.past * best(past));
}
