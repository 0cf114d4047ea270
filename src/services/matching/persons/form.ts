// A prepared record as one line of text, as the index keeps it, and read back.

import { addressOfKey, dateOfText, nameOfParts, postcodeOfFull, remembering } from "../prepare.ts";
import type { Prepared } from "../types.ts";

/** A person as the index holds it. `former`: NHS numbers that others have replaced. */
export type Form = { readonly prepared: Prepared; readonly former: readonly string[] };

const separator = "\t";
const genders = { male: "m", female: "f" } as const;
/** Places in the line, counted from 1, of what is counted in the database. */
export const formPlaces = { given: 1, family: 3, town: 8 } as const;

/** The line. No part of it holds a tab: all were normalised to words, digits or a mailbox. */
export function writeForm({ prepared, former }: Form): string {
  const { given, middle, family, birthDate, gender, postcode, address } = prepared;
  return [
    given?.text,
    middle?.text,
    family?.text,
    birthDate?.text,
    gender && genders[gender],
    postcode?.full,
    address?.key,
    prepared.town,
    prepared.phone,
    prepared.email,
    prepared.nhsNumber,
    prepared.nearNhsNumber,
    former.join(" "),
  ].join(separator);
}

/** A function that reads lines. Equal names, dates and postcodes are one object in memory. */
export function formReader(): (line: string) => Form {
  const nameOf = remembering((text) => nameOfParts(text.split(" ")));
  const dateOf = remembering(dateOfText);
  const postcodeOf = remembering(postcodeOfFull);
  return (line) => {
    const cells = line.split(separator);
    const [given, middle, family, birthDate, gender, postcode, address] = cells;
    // The same properties in the same order as those of a record made ready: comparing is faster so.
    const prepared: Prepared = {
      given: given ? nameOf(given) : undefined,
      middle: middle ? nameOf(middle) : undefined,
      family: family ? nameOf(family) : undefined,
      birthDate: birthDate ? dateOf(birthDate) : undefined,
      gender: gender ? (gender === genders.male ? "male" : "female") : undefined,
      postcode: postcode ? postcodeOf(postcode) : undefined,
      address: address ? addressOfKey(address) : undefined,
      town: cells[7] || undefined,
      phone: cells[8] || undefined,
      email: cells[9] || undefined,
      nhsNumber: cells[10] || undefined,
      nearNhsNumber: cells[11] || undefined,
      extra: nothing,
    };
    return { prepared, former: cells[12] ? cells[12].split(" ") : nothing };
  };
}

const nothing: readonly string[] = [];
