// Compares two records: one level for each comparison, the same either way round.

import { compareBirthDates } from "./compare-dates.ts";
import { type NameComparison, nameComparer } from "./compare-names.ts";
import { comparePlaces } from "./compare-places.ts";
import {
  agreesInName,
  type EmailLevel,
  type GenderLevel,
  householdCells,
  type NhsNumberLevel,
  type PhoneLevel,
} from "./levels.ts";
import { isOneEditApart, rememberingSimilarity } from "./similarity.ts";
import type { ExtraColumn, ExtraKind, Levels, Prepared, Shares } from "./types.ts";

const nothingCounted: Shares = {
  given: () => undefined,
  family: () => undefined,
  town: () => undefined,
  extra: () => undefined,
};

/** A function that compares two records made ready under the same columns. It remembers how alike names are. */
export function comparer(extra: readonly ExtraColumn[] = [], shares: Shares = nothingCounted) {
  const similarity = rememberingSimilarity();
  const compareNames = nameComparer(similarity, shares);
  return (a: Prepared, b: Prepared): Levels => {
    const names: NameComparison = compareNames(a, b);
    const place = comparePlaces(a, b, similarity);
    const columns = extra.length === 0 ? noColumns : compareColumns(extra, a.extra, b.extra, similarity, shares);
    return {
      name: names.level,
      birthDate: compareBirthDates(a.birthDate?.number ?? 0, b.birthDate?.number ?? 0),
      gender: compareGenders(a, b),
      household: householdCells[place][comparePhones(a.phone, b.phone)],
      nhsNumber: compareNhsNumbers(a, b),
      email: emailBesideName(compareEmails(a.email, b.email, similarity), names.level),
      extra: columns.levels,
      shares: {
        given: names.givenShare,
        family: names.familyShare,
        town: place === "town" && a.town === b.town ? shares.town(a.town!) : undefined,
        extra: columns.shares,
      },
      sameIdentifier: columns.sameIdentifier,
      bothGivenKnown: names.bothGivenKnown,
    };
  };
}

/** Compares extra columns, one text of each record for each. */
export function compareColumns(
  extra: readonly ExtraColumn[],
  a: readonly string[],
  b: readonly string[],
  similarity: (a: string, b: string) => number,
  shares: Shares,
): Columns {
  const levels = extra.map(({ compare }, column) =>
    compareExtra(compare, a[column] ?? "", b[column] ?? "", similarity),
  );
  const isSame = (column: number, identifies: boolean) =>
    levels[column] === "same" && (extra[column]!.compare === "identifier") === identifies;
  return {
    levels,
    shares: levels.map((_, column) => (isSame(column, false) ? shares.extra(column, a[column]!) : undefined)),
    sameIdentifier: levels.some((_, column) => isSame(column, true)),
  };
}

type Numbered = Pick<Prepared, "nhsNumber" | "nearNhsNumber">;
type Columns = Pick<Levels, "sameIdentifier"> & {
  readonly levels: Levels["extra"];
  readonly shares: Levels["shares"]["extra"];
};
export const noColumns: Columns = { levels: [], shares: [], sameIdentifier: false };

function compareGenders(a: Prepared, b: Prepared): GenderLevel {
  if (!a.gender || !b.gender) return "missing";
  return a.gender === b.gender ? "same" : "differs";
}

export function comparePhones(a: string | undefined, b: string | undefined): PhoneLevel {
  if (!a || !b) return "missing";
  if (a === b) return "same";
  return isOneEditApart(a, b) ? "near" : "differs";
}

export function compareNhsNumbers(a: Numbered, b: Numbered): NhsNumberLevel {
  const [one, other] = [a.nhsNumber ?? a.nearNhsNumber, b.nhsNumber ?? b.nearNhsNumber];
  if (!one || !other) return "missing";
  if (a.nhsNumber && b.nhsNumber) return one === other ? "same" : "differs";
  // A number that fails its check says nothing but that it may be a slip of the other.
  return one === other || isOneEditApart(one, other) ? "near" : "missing";
}

export function compareEmails(
  a: string | undefined,
  b: string | undefined,
  similarity: (a: string, b: string) => number,
): EmailLevel {
  if (!a || !b) return "missing";
  if (a === b) return "same";
  const [mailbox, other] = [a.slice(0, a.lastIndexOf("@")), b.slice(0, b.lastIndexOf("@"))];
  if (mailbox === other) return "mailbox";
  return similarity(mailbox, other) >= 0.88 ? "close" : "differs";
}

/** Mailboxes are mostly made of names: where one of the names agrees, that two are alike says nothing more. */
export const emailBesideName = (email: EmailLevel, name: string): EmailLevel =>
  email === "close" && agreesInName(name) ? "missing" : email;

function compareExtra(kind: ExtraKind, a: string, b: string, similarity: (a: string, b: string) => number): string {
  if (!a || !b) return "missing";
  if (a === b) return "same";
  if (kind === "category") return "differs";
  if (kind === "identifier") return isOneEditApart(a, b) ? "near" : "differs";
  const alike = similarity(a, b);
  return alike >= 0.92 ? "close" : alike >= 0.82 ? "near" : "differs";
}
