// The match weight: evidence for one person against strangers and against relatives, in bits.

import { type LevelWeights, weighLevels } from "./level-weights.ts";
import { type ComparisonName, comparisons, householdCells } from "./levels.ts";
import type { LevelTable, Model } from "./model.ts";
import type { ExtraColumn, Levels } from "./types.ts";

/** What one comparison gives, in bits; negative speaks against. */
export type Contribution = { readonly comparison: string; readonly level: string; readonly weight: number };

/**
 * The weight of a pair: log2 of the odds that it is one person. It is the sum of `prior`, all contributions and `kinship`.
 * Holds no value of a person.
 */
export type Weight = {
  readonly total: number;
  /** Before anything is compared: how rare a match is in a population of this size. */
  readonly prior: number;
  /** Against strangers, in the order of the comparisons; missing ones are left out. */
  readonly contributions: readonly Contribution[];
  /** Never positive: what is lost because a relative of the household would show much of the same. */
  readonly kinship: number;
  /** Only of a model that was calibrated. */
  readonly probability?: number;
};

/** `population`: how many records or persons one record is compared with. */
export type ScoreOptions = { readonly population: number; readonly extra?: readonly ExtraColumn[] };

/** Weighs pairs under one model and one population. */
export type Scorer = {
  /** The total alone. `without`: as if that comparison had not been made. */
  total(levels: Levels, without?: ComparisonName): number;
  explain(levels: Levels): Weight;
  /** No less than the total of any pair without NHS numbers that shows this, whatever its names are. */
  atMost(seen: SeenBesidesNames): number;
};

/** What takes little to tell of two names: that they are equal, or plainly two; `open`: that they have to be compared. */
export type NameSeen = "same" | "differs" | "open";

/** Levels that take little to find, and what is seen of names; extra columns are none. */
export type SeenBesidesNames = Pick<Levels, "birthDate" | "gender" | "household" | "email"> & {
  readonly given: NameSeen;
  readonly family: NameSeen;
  /** Of the names, where both are equal. */
  readonly shares: Pick<Levels["shares"], "given" | "family">;
};

/** A scorer. The prior falls as the population grows, so thresholds need not move. */
export function scorer(model: Model, { population, extra = [] }: ScoreOptions): Scorer {
  const weights = comparisons.map((name) => weighLevels(model.comparisons[name]));
  const extraTables = extra.map(({ column, compare }): LevelTable => model.columns[column] ?? model.extra[compare]);
  const extraWeights = extraTables.map(weighLevels);
  const prior = Math.log2(model.expectedMatches / Math.max(population, model.expectedMatches));
  const kinPrior = Math.log2(model.expectedMatches / model.kinPerPerson);
  const rarity = (average: number, share: number | undefined) =>
    share === undefined ? 0 : Math.log2(average / Math.max(share, model.leastShare));
  const { given, family, town } = model.averageShares;

  const walk = (levels: Levels, visit: (comparison: string, level: string, stranger: number, kin: number) => void) => {
    for (let index = 0; index < comparisons.length; index += 1) {
      const name = comparisons[index]!;
      const level = levels[name];
      const found = weights[index]![level];
      if (!found) continue;
      const { shares } = levels;
      let rare = 0;
      if (name === "name") rare = rarity(given, shares.given) + rarity(family, shares.family);
      else if (name === "household" && shares.town !== undefined) rare = rarity(town, shares.town);
      visit(name, level, adjusted(found, rare), found.kin);
    }
    for (let index = 0; index < levels.extra.length; index += 1) {
      const level = levels.extra[index]!;
      const found = extraWeights[index]?.[level];
      if (!found) continue;
      const share = levels.shares.extra[index];
      const rare = share === undefined ? 0 : rarity(extraTables[index]![level]!.u, share);
      visit(extra[index]!.column, level, adjusted(found, rare), found.kin);
    }
  };

  const total = (levels: Levels, without?: ComparisonName): number => {
    let [stranger, kin] = [prior, kinPrior];
    walk(levels, (name, _level, strangerWeight, kinWeight) => {
      if (name === without) return;
      stranger += strangerWeight;
      kin += kinWeight;
    });
    return againstBoth(stranger, kin);
  };

  const [nameWeights, birthDateWeights, genderWeights, householdWeights, , emailWeights] = weights;
  const rarest = (average: number) => Math.max(0, rarity(average, model.leastShare));
  const fits = (level: string | undefined, seen: NameSeen): boolean =>
    seen === "same" || (seen === "differs" ? level === "differs" : level !== "same");
  const mostOf = (givenSeen: NameSeen, familySeen: NameSeen): number => {
    const cells = Object.entries(nameWeights!).filter(([cell]) => {
      const [one, other] = cell.split("/");
      return fits(one, givenSeen) && fits(other, familySeen);
    });
    // Names that are missing weigh nothing.
    const least = givenSeen === "differs" && familySeen === "differs" ? Number.NEGATIVE_INFINITY : 0;
    const most = Math.max(least, ...cells.map(([, { stranger }]) => stranger));
    return most + (givenSeen === "same" ? rarest(given) : 0) + (familySeen === "same" ? rarest(family) : 0);
  };
  const mostBy = (givenSeen: NameSeen) => ({
    same: mostOf(givenSeen, "same"),
    differs: mostOf(givenSeen, "differs"),
    open: mostOf(givenSeen, "open"),
  });
  const nameMost = { same: mostBy("same"), differs: mostBy("differs"), open: mostBy("open") };
  // A mailbox that is only alike counts as not told where the names agree.
  const emailAtMost = (email: string): number => {
    const found = emailWeights![email]?.stranger ?? 0;
    return email === "close" ? Math.max(0, found) : found;
  };
  const placeMost = new Map(
    Object.values(householdCells).flatMap((cells) =>
      Object.values(cells).map((cell): [string, number] => [
        cell,
        (householdWeights![cell]?.stranger ?? 0) + (cell.startsWith("town/") ? rarest(town) : 0),
      ]),
    ),
  );
  const nameAtMost = (seen: SeenBesidesNames): number => {
    const both = seen.given === "same" && seen.family === "same" ? nameWeights!["same/same"] : undefined;
    if (!both) return nameMost[seen.given][seen.family];
    return adjusted(both, rarity(given, seen.shares.given) + rarity(family, seen.shares.family));
  };
  // Asked of millions of pairs: properties are read one by one, for to take the rest of them copies it.
  const atMost = (seen: SeenBesidesNames): number =>
    prior +
    nameAtMost(seen) +
    (birthDateWeights![seen.birthDate]?.stranger ?? 0) +
    (genderWeights![seen.gender]?.stranger ?? 0) +
    placeMost.get(seen.household)! +
    emailAtMost(seen.email);

  return {
    total,
    atMost,
    explain(levels) {
      const contributions: Contribution[] = [];
      walk(levels, (comparison, level, weight) => contributions.push({ comparison, level, weight }));
      const stranger = contributions.reduce((sum, { weight }) => sum + weight, prior);
      const weight = total(levels);
      return {
        total: weight,
        prior,
        contributions,
        kinship: weight - stranger,
        ...(model.calibrated ? { probability: 1 / (1 + 2 ** -weight) } : {}),
      };
    },
  };
}

/** A rare value weighs more, a common one less, but never less than the next lower level. */
const adjusted = ({ stranger, floor }: LevelWeights[string], rare: number): number =>
  rare >= 0 ? stranger + rare : Math.max(stranger + rare, floor);

/** Log2 odds against two rivals, of which either would do: the odds against them add up. */
const againstBoth = (stranger: number, kin: number): number => {
  const least = Math.min(stranger, kin);
  return least - Math.log2(1 + 2 ** -Math.abs(stranger - kin));
};
