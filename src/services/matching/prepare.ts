// Makes a record ready: every field normalised once, so that a comparison only compares.

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

// Names, dates and postcodes come again and again. Each text has one place; another that has the same takes it over.
const rememberedTexts = 1 << 16;

/** A function that makes records ready. It remembers texts it has seen, so that equal ones are one object in memory. */
export function preparer({ environment, extra = [] }: PrepareOptions): (record: MatchRecord) => Prepared {
  const givenForm = remembering((text) => nameForm(judgeName(text, "given").value, nameTokens));
  const middleForm = remembering((text) => nameForm(judgeName(text, "middle").value, nameTokens));
  const familyForm = remembering((text) => nameForm(judgeName(text, "family").value, familyNameParts));
  const dateOf = remembering(dateForm);
  const postcodeOf = remembering(postcodeParts);
  const addressOf = remembering(addressForm);
  const townOf = remembering((text) => nameTokens(text).join(" ") || undefined);
  const numberOf = (text: string): Pick<Prepared, "nhsNumber" | "nearNhsNumber"> => {
    const { value, codes } = judgeNhsNumber(text, environment);
    if (value !== undefined && !codes.includes("DQ-NHS-005")) return { nhsNumber: value };
    const digits = text.replace(/[^0-9]/g, "");
    return digits.length === 10 && codes.includes("DQ-NHS-003") ? { nearNhsNumber: digits } : {};
  };
  // Always the same properties in the same order: comparing millions of records is several times faster so.
  return ({ fields, extra: said }) => {
    const number = fields.nhsNumber ? numberOf(fields.nhsNumber) : noNumber;
    return {
      given: fields.givenName ? givenForm(fields.givenName) : undefined,
      middle: fields.middleNames ? middleForm(fields.middleNames) : undefined,
      family: fields.familyName ? familyForm(fields.familyName) : undefined,
      birthDate: fields.birthDate ? dateOf(fields.birthDate) : undefined,
      gender: fields.gender === "male" || fields.gender === "female" ? fields.gender : undefined,
      postcode: fields.postcode ? postcodeOf(fields.postcode) : undefined,
      address: fields.addressLine1 ? addressOf(fields.addressLine1) : undefined,
      town: fields.town ? townOf(fields.town) : undefined,
      phone: fields.phone ? comparePhone(fields.phone) : undefined,
      email: fields.email ? compareEmail(fields.email) : undefined,
      nhsNumber: number.nhsNumber,
      nearNhsNumber: number.nearNhsNumber,
      extra:
        extra.length === 0 ? noExtra : extra.map(({ column, compare }) => extraText(said?.[column] ?? "", compare)),
    };
  };
}

const noNumber: Pick<Prepared, "nhsNumber" | "nearNhsNumber"> = {};
const noExtra: readonly string[] = [];

/** A function that reads the texts that come again and again once. */
export function remembering<T>(read: (text: string) => T): (text: string) => T {
  // Of full length from the start: an array that grows by gaps becomes a slow one.
  const texts = Array.from<string | undefined>({ length: rememberedTexts });
  const values = Array.from<T | undefined>({ length: rememberedTexts });
  return (text) => {
    let hash = text.length;
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    const place = (hash ^ (hash >>> 16)) & (rememberedTexts - 1);
    if (texts[place] === text) return values[place]!;
    const value = read(text);
    texts[place] = text;
    values[place] = value;
    return value;
  };
}

function nameForm(name: string | undefined, split: (text: string) => string[]): NameForm | undefined {
  const parts = name === undefined ? [] : split(name);
  return parts.length === 0 ? undefined : nameOfParts(parts);
}

/** The form of a name whose words are folded already. */
export const nameOfParts = (parts: readonly string[]): NameForm => ({
  key: parts.join(""),
  text: parts.join(" "),
  parts,
  sounds: parts.map(soundex),
});

function dateForm(text: string): DateForm | undefined {
  const date = readDate(text);
  return date === undefined ? undefined : dateOfText(date);
}

/** The form of an ISO date, whole or partial. */
export const dateOfText = (text: string): DateForm => ({
  text,
  year: text.slice(0, 4),
  month: text.slice(5, 7),
  day: text.slice(8, 10),
  number: Number(text.replaceAll("-", "").padEnd(8, "0")),
});

function postcodeParts(text: string): PostcodeParts | undefined {
  const full = comparePostcode(text);
  return full === undefined ? undefined : postcodeOfFull(full);
}

/** The form of a postcode without its space. */
export const postcodeOfFull = (full: string): PostcodeParts => ({
  full,
  sector: full.slice(0, -2),
  outcode: full.slice(0, -3),
});

function addressForm(text: string): AddressForm | undefined {
  const key = compareAddressLine(text);
  return key === "" ? undefined : addressOfKey(key);
}

/** The form of a line that is folded already. */
export const addressOfKey = (key: string): AddressForm => ({ key, number: /[0-9]+/.exec(key)?.[0] ?? "" });

const extraText = (text: string, compare: ExtraColumn["compare"]): string =>
  nameTokens(text).join(compare === "identifier" ? "" : " ");
