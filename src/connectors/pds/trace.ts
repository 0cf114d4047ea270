// The unattended trace: what is asked of the search, and whether its one hit agrees with it.

import type { NationalQuery } from "#canonical/contracts";
import { compareFamilyName, compareName, normaliseName, readDate, readPostcode } from "#canonical/rules";
import { LockgateError } from "#kernel/errors";
import { type Json, listOf, objectOf, textOf, textsOf } from "./json.ts";
import { nameOf } from "./patient.ts";
import { type Received, received } from "./record.ts";

/** How much of a given name and of a postcode is searched for, as PDS recommends for a search nobody watches. */
const givenLength = 3;
const postcodeLength = 2;

const refuse = (at: keyof NationalQuery, reason: string): never => {
  throw new LockgateError("NATIONAL_REFUSED", { at, reason });
};

/**
 * The query string of the search for whoever it might be: family name and birth date whole; of the given name the first
 * three letters and of the postcode the first two characters, each with `*`; former names and addresses too; nothing
 * fuzzy; one result. A given name that begins with fewer than two letters is left out, because PDS takes no wildcard
 * there, and so is a postcode that stands for no place. Gender is not searched for: PDS advises against it. With a
 * postcode, PDS leaves restricted records out.
 * @throws NATIONAL_REFUSED at the field that cannot be searched for
 */
export function searchOf(query: NationalQuery): string {
  const { family, given, postcode } = partsOf(query);
  const letters = [.../^\p{L}*/u.exec(given)![0]].slice(0, givenLength);
  return [
    "_fuzzy-match=false&_exact-match=false&_history=true&_max-results=1",
    `family=${encodeURIComponent(family)}`,
    ...(letters.length < 2 ? [] : [`given=${encodeURIComponent(letters.join(""))}%2A`]),
    `birthdate=eq${query.birthDate}`,
    ...(postcode === undefined ? [] : [`address-postalcode=${postcode.slice(0, postcodeLength)}%2A`]),
  ].join("&");
}

/**
 * The query string that confirms a hit which the search above scored below 1, as PDS does for the wildcards alone: the
 * same values, all of them whole, held against the present record only, and nothing but an exact match.
 */
export function confirmationOf(query: NationalQuery): string {
  const { family, given, postcode } = partsOf(query);
  return [
    "_fuzzy-match=false&_exact-match=true&_history=false&_max-results=1",
    `family=${encodeURIComponent(family)}`,
    `given=${encodeURIComponent(given)}`,
    `birthdate=eq${query.birthDate}`,
    ...(postcode === undefined ? [] : [`address-postalcode=${encodeURIComponent(postcode)}`]),
  ].join("&");
}

function partsOf(query: NationalQuery): { family: string; given: string; postcode: string | undefined } {
  const { birthDate } = query;
  const family = normaliseName(query.familyName);
  const given = normaliseName(query.givenName ?? "");
  // The caller's asterisk would be a wildcard to the service.
  if (compareFamilyName(family) === "" || family.includes("*")) refuse("familyName", "PDS_NOT_SEARCHABLE");
  if (given.includes("*")) refuse("givenName", "PDS_NOT_SEARCHABLE");
  if (birthDate.length !== 10 || readDate(birthDate) !== birthDate) refuse("birthDate", "PDS_NOT_SEARCHABLE");
  const { kind, value } = readPostcode(query.postcode ?? "");
  return { family, given, postcode: kind === "valid" || kind === "repaired" ? value : undefined };
}

/**
 * Whether what a hit says now agrees with what was asked for. It does not if any of these fails:
 *
 * - the family name equals the one asked for, under the comparison key of family names;
 * - the birth date is the one asked for, whole;
 * - a given name was asked for, and the record's begins as it does, by up to three letters;
 * - neither gender contradicts the other: they are equal, or one of them is unknown or not told.
 *
 * So a hit by a former name does not agree. The postcode is not compared here: it is there to find who moved nearby.
 */
export function agrees(query: NationalQuery, patient: Json, today: string): boolean {
  const { family, given } = nameOf(patient, today)?.value ?? {};
  const askedGiven = compareName(query.givenName ?? "");
  const heldGiven = compareName(textsOf(given)[0] ?? "");
  const heldGender = textOf(patient.gender);
  const isTold = (gender: string | undefined): boolean => gender !== undefined && gender !== "unknown";
  return (
    compareFamilyName(textOf(family) ?? "") === compareFamilyName(query.familyName) &&
    patient.birthDate === query.birthDate &&
    askedGiven !== "" &&
    heldGiven.startsWith([...askedGiven].slice(0, givenLength).join("")) &&
    !(isTold(query.gender) && isTold(heldGender) && query.gender !== heldGender)
  );
}

/** What a search came to: nobody to speak of, or one hit and the service's score of it. */
export type Hit = { readonly outcome: "none" | "several" } | (Received & { readonly score: unknown });

/** The hit in a search result; undefined if it is no search result. */
export function hitIn({ resourceType, total, entry }: Json): Hit | undefined {
  const entries = listOf(entry);
  const [first] = entries;
  if (resourceType !== "Bundle") return undefined;
  if (!first) return total === 0 ? { outcome: "none" } : undefined;
  if (entries.length > 1 || (typeof total === "number" && total > 1)) return { outcome: "several" };
  const found = received(first.resource);
  return found && { ...found, score: objectOf(first.search).score };
}
