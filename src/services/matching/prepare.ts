// Makes a record ready: every field normalised once, so that a comparison only compares.

import type { PersonChanges } from "#canonical/model";
import {
  compareAddressLine,
  compareEmail,
  comparePhone,
  comparePostcode,
  type Environment,
  familyNameParts,
  judgeName,
  judgeNhsNumber,
  nameTokens,
  readDate,
  soundex,
} from "#canonical/rules";
import type { AddressForm, DateForm, ExtraColumn, MatchRecord, NameForm, PostcodeParts, Prepared } from "./types.ts";

/** `environment` says whether NHS numbers of the test range count; `extra` are the columns in their order. */
export type PrepareOptions = { readonly environment: Environment; readonly extra?: readonly ExtraColumn[] };

// Names, dates and postcodes come again and again; beyond this many the memory starts afresh.
const rememberedTexts = 200_000;

/** A function that makes records ready. It remembers texts it has seen, so that equal ones are one object in memory. */
export function preparer({ environment, extra = [] }: PrepareOptions): (record: MatchRecord) => Prepared {
  const givenForm = remembering((text) => nameForm(judgeName(text, "given").value, nameTokens));
  const middleForm = remembering((text) => nameForm(judgeName(text, "middle").value, nameTokens));
  const familyForm = remembering((text) => nameForm(judgeName(text, "family").value, familyNameParts));
  const dateOf = remembering(dateForm);
  const postcodeOf = remembering(postcodeParts);
  const townOf = remembering((text) => nameTokens(text).join(" ") || undefined);
  const numberOf = (text: string): Pick<Prepared, "nhsNumber" | "nearNhsNumber"> => {
    const { value, codes } = judgeNhsNumber(text, environment);
    if (value !== undefined && !codes.includes("DQ-NHS-005")) return { nhsNumber: value };
    const digits = text.replace(/[^0-9]/g, "");
    return digits.length === 10 && codes.includes("DQ-NHS-003") ? { nearNhsNumber: digits } : {};
  };
  return ({ fields, extra: said = {} }) => ({
    ...take("given", fields.givenName, givenForm),
    ...take("middle", fields.middleNames, middleForm),
    ...take("family", fields.familyName, familyForm),
    ...take("birthDate", fields.birthDate, dateOf),
    ...genderOf(fields.gender),
    ...take("postcode", fields.postcode, postcodeOf),
    ...take("address", fields.addressLine1, addressForm),
    ...take("town", fields.town, townOf),
    ...take("phone", fields.phone, comparePhone),
    ...take("email", fields.email, compareEmail),
    ...(fields.nhsNumber ? numberOf(fields.nhsNumber) : {}),
    extra: extra.map(({ column, compare }) => extraText(said[column] ?? "", compare)),
  });
}

function remembering<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= rememberedTexts) known.clear();
    const value = read(text);
    known.set(text, value);
    return value;
  };
}

const take = <K extends keyof Prepared, T>(
  name: K,
  text: string | null | undefined,
  read: (text: string) => T | undefined,
): { readonly [N in K]?: T } => {
  const value = text ? read(text) : undefined;
  return value === undefined ? {} : ({ [name]: value } as { [N in K]: T });
};

const genderOf = (gender: PersonChanges["gender"]): Pick<Prepared, "gender"> =>
  gender === "male" || gender === "female" ? { gender } : {};

function nameForm(name: string | undefined, split: (text: string) => string[]): NameForm | undefined {
  const parts = name === undefined ? [] : split(name);
  return parts.length === 0 ? undefined : { key: parts.join(""), parts, sounds: parts.map(soundex) };
}

function dateForm(text: string): DateForm | undefined {
  const date = readDate(text);
  if (date === undefined) return undefined;
  return { text: date, year: date.slice(0, 4), month: date.slice(5, 7), day: date.slice(8, 10) };
}

function postcodeParts(text: string): PostcodeParts | undefined {
  const full = comparePostcode(text);
  return full === undefined ? undefined : { full, sector: full.slice(0, -2), outcode: full.slice(0, -3) };
}

function addressForm(text: string): AddressForm | undefined {
  const key = compareAddressLine(text);
  return key === "" ? undefined : { key, number: /[0-9]+/.exec(key)?.[0] ?? "" };
}

const extraText = (text: string, compare: ExtraColumn["compare"]): string =>
  nameTokens(text).join(compare === "identifier" ? "" : " ");
