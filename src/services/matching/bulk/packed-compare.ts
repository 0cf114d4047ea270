// Compares packed records as `comparer` compares those made ready, but reads a text only where numbers leave a doubt.

import { compareColumns, compareEmails, compareNhsNumbers, emailBesideName, noColumns } from "../compare.ts";
import { compareBirthDates } from "../compare-dates.ts";
import { nameComparer } from "../compare-names.ts";
import { type Agreement, compareAddresses, compareTowns, placeLevel } from "../compare-places.ts";
import {
  type EmailLevel,
  type GenderLevel,
  householdCells,
  type NhsNumberLevel,
  type PhoneLevel,
  type PlaceLevel,
} from "../levels.ts";
import type { SeenBesidesNames } from "../score.ts";
import { areDigitsOneEditApart, rememberingSimilarity } from "../similarity.ts";
import type { ExtraColumn, Levels, Shares } from "../types.ts";
import { numberSlot, type PackedReader, slot } from "./packed.ts";
import { type PackedNames, seenOfFamily, seenOfGiven } from "./plain-names.ts";

/** Compares two records by number; quickest where the first stays the same for a while. */
export type PackedComparer = {
  /** What takes little to find out; the pair is the one that `levels` then tells of. */
  glance(a: number, b: number): Glance;
  /** All levels of the pair that was last glanced at. */
  levels(): Levels;
};

/** What two records show at a glance. */
export type Glance = SeenBesidesNames & { readonly nhsNumber: NhsNumberLevel; readonly hasExtra: boolean };

export function packedComparer(reader: PackedReader, extra: readonly ExtraColumn[], shares: Shares): PackedComparer {
  const similarity = rememberingSimilarity();
  const compareNames = nameComparer(similarity, shares);
  // What is read of the first record: some at once, the rest when first asked for.
  let one = -1;
  let whole: ReturnType<typeof firstOf>;
  // The names of the second record, one object for all pairs.
  const other: { -readonly [K in keyof PackedNames]: PackedNames[K] } = {
    given: undefined,
    middle: undefined,
    family: undefined,
  };

  const postcodesOf = (a: number, b: number): { level: Agreement; isSector: boolean; isOutcode: boolean } => {
    const [x, y] = [reader.number(a, numberSlot.postcode), reader.number(b, numberSlot.postcode)];
    if (x === 0 || y === 0) return noPostcodes;
    if (x === y) return samePostcodes;
    const isSector = Math.floor(x / 36 ** 2) === Math.floor(y / 36 ** 2);
    const isOutcode = isSector || Math.floor(x / 36 ** 3) === Math.floor(y / 36 ** 3);
    return { level: areDigitsOneEditApart(x, y, 36) ? "near" : "differs", isSector, isOutcode };
  };
  const addressesOf = (a: number, b: number): Agreement => {
    if (reader.int(a, slot.address) === 0 || reader.int(b, slot.address) === 0) return "missing";
    const isHashSame = reader.int(a, slot.addressHash) === reader.int(b, slot.addressHash);
    if (isHashSame && reader.isAddressSame(a, b)) return "same";
    if (!isHashSame && reader.int(a, slot.addressNumber) !== reader.int(b, slot.addressNumber)) return "differs";
    return compareAddresses(whole.address(), reader.addressOf(b), similarity);
  };
  const phonesOf = (a: number, b: number): PhoneLevel => {
    const [x, y] = [reader.number(a, numberSlot.phone), reader.number(b, numberSlot.phone)];
    if (x === 0 || y === 0) return "missing";
    if (x === y) return "same";
    return areDigitsOneEditApart(x, y, 10) ? "near" : "differs";
  };
  const nhsNumbersOf = (a: number, b: number): NhsNumberLevel => {
    const [x, y] = [reader.number(a, numberSlot.nhsNumber), reader.number(b, numberSlot.nhsNumber)];
    if (x === 0 || y === 0) return "missing";
    if (x > 0 && y > 0) return x === y ? "same" : "differs";
    return compareNhsNumbers(reader.numberOf(a), reader.numberOf(b));
  };
  const gendersOf = (a: number, b: number): GenderLevel => {
    const [x, y] = [reader.int(a, slot.gender), reader.int(b, slot.gender)];
    return x === 0 || y === 0 ? "missing" : x === y ? "same" : "differs";
  };

  const seen: { -readonly [K in keyof Glance]: Glance[K] } & {
    email: EmailLevel;
    place: PlaceLevel;
    second: number;
  } = {
    birthDate: "missing",
    gender: "missing",
    household: "missing/missing",
    email: "missing",
    nhsNumber: "missing",
    given: "open",
    family: "open",
    shares: noShares,
    place: "missing",
    second: -1,
    hasExtra: extra.length > 0,
  };

  return {
    glance(a, b) {
      if (a !== one) [one, whole] = [a, firstOf(reader, a)];
      other.given = reader.name(b, slot.given);
      other.middle = reader.name(b, slot.middle);
      other.family = reader.name(b, slot.family);
      const postcode = postcodesOf(a, b);
      seen.second = b;
      seen.place = placeLevel({
        postcode: postcode.level,
        address: addressesOf(a, b),
        isSameSector: postcode.isSector,
        isSameOutcode: postcode.isOutcode,
        town: whole.town === undefined ? "missing" : compareTowns(whole.town, reader.townOf(b), similarity),
      });
      seen.household = householdCells[seen.place][phonesOf(a, b)];
      seen.birthDate = compareBirthDates(whole.birthDate, reader.int(b, slot.birthDate));
      seen.gender = gendersOf(a, b);
      seen.nhsNumber = nhsNumbersOf(a, b);
      seen.email = whole.email === undefined ? "missing" : compareEmails(whole.email, reader.emailOf(b), similarity);
      seen.given = seenOfGiven(whole, other);
      seen.family = seenOfFamily(whole, other);
      seen.shares =
        seen.given === "same" && seen.family === "same"
          ? { given: shares.given(whole.given!.parts[0]!), family: shares.family(whole.family!.key) }
          : noShares;
      return seen;
    },
    levels() {
      const b = seen.second;
      const names = compareNames(whole, other);
      const columns =
        extra.length === 0
          ? noColumns
          : compareColumns(extra, reader.extraOf(one), reader.extraOf(b), similarity, shares);
      const isSameTown = seen.place === "town" && whole.town === reader.townOf(b);
      return {
        name: names.level,
        birthDate: seen.birthDate,
        gender: seen.gender,
        household: seen.household,
        nhsNumber: seen.nhsNumber,
        email: emailBesideName(seen.email, names.level),
        extra: columns.levels,
        shares: {
          given: names.givenShare,
          family: names.familyShare,
          town: isSameTown ? shares.town(whole.town!) : undefined,
          extra: columns.shares,
        },
        sameIdentifier: columns.sameIdentifier,
        bothGivenKnown: names.bothGivenKnown,
      };
    },
  };
}

/** One record's part in many pairs. */
function firstOf(reader: PackedReader, record: number) {
  return {
    given: reader.name(record, slot.given),
    middle: reader.name(record, slot.middle),
    family: reader.name(record, slot.family),
    town: reader.townOf(record),
    birthDate: reader.int(record, slot.birthDate),
    email: reader.emailOf(record),
    address: once(() => reader.addressOf(record)),
  };
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}

const noShares = { given: undefined, family: undefined };
const noPostcodes = { level: "missing", isSector: false, isOutcode: false } as const;
const samePostcodes = { level: "same", isSector: true, isOutcode: true } as const;
