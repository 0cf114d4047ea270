// Names compared as one: given and family name together, in either order.

import { areNicknames } from "#canonical/rules";
import { type FamilyLevel, type GivenLevel, nameCells } from "./levels.ts";
import { isOneEditApart } from "./similarity.ts";
import type { NameForm, Prepared, Shares } from "./types.ts";

/** The names of a record. */
export type Named = Pick<Prepared, "given" | "middle" | "family">;
type Similarity = (a: string, b: string) => number;

/** The cell of the name comparison, and how common what agrees is. */
export type NameComparison = {
  readonly level: string;
  readonly givenShare: number | undefined;
  readonly familyShare: number | undefined;
  readonly bothGivenKnown: boolean;
};

const closeFrom = 0.92;
const nearFrom = 0.85;
/** A given name that so many of all records have is a name, not a slip for another. */
const knownShare = 0.001;

/** A function that compares the names of two records. */
export function nameComparer(similarity: Similarity, shares: Shares): (a: Named, b: Named) => NameComparison {
  return (a, b) => {
    const given = compareGiven(a, b, similarity);
    const family = compareFamily(a.family, b.family, similarity);
    if ((given === "differs" || family === "differs") && isSwapped(a, b, similarity))
      return { level: "swapped", givenShare: undefined, familyShare: undefined, bothGivenKnown: false };
    const isKnown = (form: NameForm) => (shares.given(form.parts[0]!) ?? 0) >= knownShare;
    return {
      level: nameCells[given][family],
      givenShare: given === "same" ? shares.given(a.given!.parts[0]!) : undefined,
      familyShare: family === "same" ? shares.family(a.family!.key) : undefined,
      bothGivenKnown: (given === "close" || given === "near") && isKnown(a.given!) && isKnown(b.given!),
    };
  };
}

function compareGiven(a: Named, b: Named, similarity: Similarity): GivenLevel {
  const [one, other] = [a.given, b.given];
  if (!one || !other) return "missing";
  if (one.key === other.key) return one.key.length === 1 ? "initial" : "same";
  if (one.key.length === 1 || other.key.length === 1) return one.key[0] === other.key[0] ? "initial" : "differs";
  const [first, second] = [one.parts[0]!, other.parts[0]!];
  if (first === second && first.length > 1) return "part";
  if (isAnyShared(one, other) || goesByMiddle(one, b.middle) || goesByMiddle(other, a.middle)) return "part";
  if (areNicknames(first, second)) return "nickname";
  const areWords = one.parts.length === 1 && other.parts.length === 1;
  const alike = areWords
    ? similarity(first, second)
    : Math.max(similarity(first, second), similarity(one.key, other.key));
  if (alike >= closeFrom || (Math.min(first.length, second.length) >= 4 && isOneEditApart(first, second)))
    return "close";
  return alike >= nearFrom ? "near" : "differs";
}

/** Whether somebody is called by what is a middle name elsewhere. */
const goesByMiddle = (given: NameForm, middle: NameForm | undefined): boolean =>
  middle !== undefined && isAnyShared(given, middle);

const isAnyShared = (a: NameForm, b: NameForm): boolean =>
  (a.parts.length > 1 || b.parts.length > 1 || a.key === b.key) &&
  a.parts.some((part) => part.length > 1 && b.parts.includes(part));

function compareFamily(a: NameForm | undefined, b: NameForm | undefined, similarity: Similarity): FamilyLevel {
  if (!a || !b) return "missing";
  if (a.key === b.key) return a.key.length === 1 ? "initial" : "same";
  if (a.key.length === 1 || b.key.length === 1) return a.key[0] === b.key[0] ? "initial" : "differs";
  if (isAnyShared(a, b)) return "part";
  const alike = similarity(a.key, b.key);
  if (alike >= closeFrom || (Math.min(a.key.length, b.key.length) >= 4 && isOneEditApart(a.key, b.key))) return "close";
  return alike >= nearFrom ? "near" : "differs";
}

/** Whether each one's given name is the other's family name; at most one of the two with a slip. */
function isSwapped(a: Named, b: Named, similarity: Similarity): boolean {
  if (!a.given || !a.family || !b.given || !b.family) return false;
  const across = [isAlike(a.given, b.family, similarity), isAlike(a.family, b.given, similarity)];
  return !across.includes("differs") && across.includes("same");
}

function isAlike(a: NameForm, b: NameForm, similarity: Similarity): "same" | "close" | "differs" {
  if (a.key.length < 2 || b.key.length < 2) return "differs";
  if (a.key === b.key) return "same";
  return similarity(a.key, b.key) >= closeFrom ? "close" : "differs";
}
