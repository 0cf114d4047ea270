// What is done with one pair: vetoes first, then patterns that no weight may override, then the steps.

import type { Decision, MatchCode } from "./codes.ts";
import type { Model } from "./model.ts";
import type { MatchRules } from "./rules.ts";
import type { Scorer, SeenBesidesNames } from "./score.ts";
import type { Levels } from "./types.ts";

/** What is known of a pair besides its levels. */
export type PairFacts = {
  /** A steward said that the two are never the same. */
  readonly neverSame?: boolean;
  /** The numbers differ because one replaced the other. */
  readonly superseded?: boolean;
};

export type PairDecision = { readonly decision: Decision; readonly code: MatchCode; readonly total: number };

type Seen = ReturnType<typeof see>;

/** Whether a veto keeps the two apart, whatever they weigh. Patterns do not: some of those pairs are one person. */
export function isVetoed(levels: Levels): boolean {
  const seen = see(levels);
  return (
    levels.nhsNumber === "differs" || (seen.given === "differs" && seen.dateDisagrees) || isHouseholdOnly(levels, seen)
  );
}

/** Decides on a pair by itself, without regard to other candidates. */
export function decidePair(
  levels: Levels,
  facts: PairFacts,
  { model, rules, scorer }: { readonly model: Model; readonly rules: MatchRules; readonly scorer: Scorer },
): PairDecision {
  const seen = see(levels);
  const isReplaced = facts.superseded === true;
  const total = scorer.total(levels, isReplaced ? "nhsNumber" : undefined);
  const is = (decision: Decision, code: MatchCode): PairDecision => ({ decision, code, total });
  const { auto, review } = model.thresholds;

  if (facts.neverSame) return is("none", "MT-212");
  if (levels.nhsNumber === "differs" && !isReplaced) {
    // The number may be another's by mistake: where all else speaks for one person, a steward looks.
    return is(scorer.total(levels, "nhsNumber") >= review ? "review" : "none", "MT-210");
  }
  if (seen.given === "differs" && seen.dateDisagrees) {
    // A number of one's own on two such records is somebody's mistake.
    return is((seen.sameNumber || levels.sameIdentifier) && total >= review ? "review" : "none", "MT-211");
  }
  if (isHouseholdOnly(levels, seen)) return is("none", "MT-205");

  const pattern = patternOf(levels, seen, rules);
  if (pattern) return is(total >= review || seen.sameNumber ? "review" : "none", pattern);

  if (rules.steps.crossCheck && total >= review) {
    const code = crossCheck(levels, seen, isReplaced);
    if (code) return is("link", code);
  }
  if (!rules.steps.probabilistic || total < review) return is("none", "MT-301");
  // A mother and a daughter may share a given name, a home and a telephone: over birth dates that are two, no weight links.
  return total >= auto && seen.isIndividual && !seen.dateDisagrees ? is("link", "MT-130") : is("review", "MT-200");
}

/**
 * Whether a pair may be more than `none` for its weight alone, by what is seen at a glance: where it may not, it is `none`,
 * and nothing but different NHS numbers (MT-210) keeps it apart.
 */
export function mayMatter(
  seen: SeenBesidesNames & Pick<Levels, "nhsNumber">,
  leastWeight: number,
  scorer: Scorer,
): boolean {
  const { nhsNumber, birthDate, household, given, family } = seen;
  if (nhsNumber === "same" || nhsNumber === "near") return true;
  if (nhsNumber === "missing") {
    // Twins, and parents and children of one name, are told apart whatever they weigh.
    const dateAgrees = birthDate === "same" || birthDate === "default";
    if (family !== "differs" && (dateAgrees || given !== "differs")) {
      const [place, phone] = parts(household);
      if (dateAgrees || sharesHome(place, phone)) return true;
    } else if (dateAgrees) {
      const [place, phone] = parts(household);
      if (sharesHome(place, phone)) return true;
    }
  }
  return scorer.atMost(seen) >= leastWeight;
}

const sharesHome = (place: string, phone: string): boolean =>
  place === "same" || place === "postcode" || place === "address" || place === "near" || phone === "same";

// There are some hundred cells, and millions of pairs: each cell is taken apart once.
const partsOf = new Map<string, readonly [string, string]>([["swapped", ["same", "same"]]]);

function parts(cell: string): readonly [string, string] {
  const known = partsOf.get(cell);
  if (known) return known;
  const [one = "", other = ""] = cell.split("/");
  partsOf.set(cell, [one, other]);
  return [one, other];
}

function see({ name, birthDate, household, nhsNumber, email }: Levels) {
  const [given, family] = parts(name);
  const [place, phone] = parts(household);
  const sameNumber = nhsNumber === "same";
  const dateAgrees = birthDate === "same" || birthDate === "default";
  return {
    given,
    family,
    place,
    phone,
    sameNumber,
    dateAgrees,
    dateDisagrees: birthDate === "differs" || birthDate === "year" || birthDate === "generation",
    sharesHome: sharesHome(place, phone),
    /** Something that is a person's own agrees, besides the name. */
    isIndividual: sameNumber || email === "same" || birthDate !== "missing",
  };
}

const isHouseholdOnly = ({ birthDate, nhsNumber, email, extra }: Levels, seen: Seen): boolean =>
  seen.sharesHome &&
  (seen.given === "differs" || seen.given === "missing") &&
  (birthDate === "missing" || seen.dateDisagrees) &&
  nhsNumber !== "same" &&
  email !== "same" &&
  !extra.includes("same");

function patternOf(levels: Levels, seen: Seen, { patterns }: MatchRules): MatchCode | undefined {
  if (patterns.twins && looksLikeTwins(levels, seen)) return "MT-203";
  if (patterns.sameName && looksLikeParentAndChild(levels, seen)) return "MT-204";
  return undefined;
}

/**
 * One birth date, one family or home, and given names that are two names. One number does not make two plainly different
 * names one: it may be the twin's.
 */
function looksLikeTwins(levels: Levels, { given, family, dateAgrees, sharesHome, sameNumber }: Seen): boolean {
  if (!dateAgrees) return false;
  // Without a given name, or with a letter of it, twins of one home cannot be told apart.
  if (sharesHome && !sameNumber && (given === "missing" || given === "initial")) return true;
  const isFamily = family === "same" || family === "part" || family === "close" || sharesHome;
  const isSlip = given === "close" || given === "near";
  const areTwoNames = given === "differs" || (isSlip && !sameNumber && (given === "near" || levels.bothGivenKnown));
  return isFamily && areTwoNames;
}

/** One name, one home, and a birth date that is a generation off, more than a slip apart, or not told. */
function looksLikeParentAndChild(
  { birthDate }: Levels,
  { given, family, sameNumber, sharesHome, dateDisagrees }: Seen,
): boolean {
  const isOneName = given !== "differs" && given !== "missing" && family !== "differs" && family !== "missing";
  return isOneName && sharesHome && !sameNumber && (dateDisagrees || birthDate === "parts" || birthDate === "missing");
}

function crossCheck(levels: Levels, seen: Seen, isReplaced: boolean): MatchCode | undefined {
  if (!seen.sameNumber && !isReplaced) return undefined;
  const namesAgree = seen.given !== "differs";
  if (levels.birthDate === "same" && namesAgree) return isReplaced ? "MT-102" : "MT-100";
  const outward = ["same", "postcode", "sector", "outcode"].includes(seen.place);
  const isNamed = namesAgree && seen.given !== "missing" && seen.family === "same";
  if (levels.birthDate === "partial" && !isReplaced && (isNamed || (namesAgree && outward))) return "MT-101";
  return undefined;
}
