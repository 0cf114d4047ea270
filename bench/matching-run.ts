// Matches a data set as it stands, and holds what comes out against the truth.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  candidatePairs,
  clusters,
  comparePairs,
  countShares,
  decidePair,
  type Model,
  type Pair,
  type PairDecision,
  type Prepared,
  preparer,
  randomPairs,
  readMatchRules,
  readModel,
  scorer,
  train,
} from "#services/matching";
import { type LinkageSet, readSet } from "./matching-sets.ts";

const resource = (name: string): string =>
  readFileSync(join(import.meta.dirname, "../resources/matching", name), "utf8");
const rules = readMatchRules(resource("rules.yaml"));
const randomSample = 100_000;

type Decided = Pair & PairDecision;

/** Precision, recall and their harmonic mean. */
export type Quality = { readonly precision: number; readonly recall: number; readonly f1: number };

/** What a set came to. */
export type Outcome = {
  readonly model: Pick<Model, "name" | "thresholds">;
  readonly records: number;
  readonly pairs: number;
  /** Share of the true pairs that share a blocking key. */
  readonly blockingRecall: number;
  /** Pairs that are linked or possible; those that are linked without a person; clusters of the former. */
  readonly possible: Quality;
  readonly linked: Quality;
  readonly clustered: Quality;
  /** Linked without a person, though of one family and birth date, or of one name and home, and yet two persons. */
  readonly twinsLinked: number;
  readonly sameNamesLinked: number;
  readonly cpuMicrosPerPair: number;
};

/** Runs a set. */
export function runSet(set: LinkageSet): Outcome {
  const { extra } = set;
  const { records, persons } = readSet(set);
  const prepare = preparer({ environment: "test", extra });
  const prepared = records.map(prepare);
  const shares = countShares(prepared, extra);
  const compared = () => comparePairs(prepared, candidatePairs(prepared, extra), { extra, shares });
  const shipped = readModel(resource(`${set.model}.json`));
  const model =
    set.model === "uk"
      ? shipped
      : train(shipped, {
          random: levelsOf(comparePairs(prepared, randomPairs(prepared.length, randomSample), { extra, shares })),
          blocked: levelsOf(compared()),
          records: prepared.length,
          extra,
          shares,
        });
  const weigh = scorer(model, { population: prepared.length, extra });
  const isTrue = ({ a, b }: Pair) => persons[a] === persons[b];
  const kept: Decided[] = [];
  const tally = { pairs: 0, truePairs: 0 };
  const startedAt = process.cpuUsage();
  for (const { a, b, levels } of compared()) {
    const decided = decidePair(levels, {}, { model, rules, scorer: weigh });
    tally.pairs += 1;
    if (isTrue({ a, b })) tally.truePairs += 1;
    if (decided.decision !== "none" || keepsApart.has(decided.code)) kept.push({ a, b, ...decided });
  }
  const spent = process.cpuUsage(startedAt);
  const truth = pairsWithin(persons);
  const possible = kept.filter(({ decision }) => decision !== "none");
  const linked = kept.filter(({ decision }) => decision === "link");
  const apart = kept.filter(({ decision }) => decision === "none");
  const wrong = linked.filter((pair) => !isTrue(pair));
  return {
    model,
    records: prepared.length,
    pairs: tally.pairs,
    blockingRecall: tally.truePairs / truth,
    possible: qualityOf(possible.filter(isTrue).length, possible.length, truth),
    linked: qualityOf(linked.filter(isTrue).length, linked.length, truth),
    clustered: clusterQuality(clusters({ records: prepared.length, links: possible, apart }), persons, truth),
    twinsLinked: wrong.filter((pair) => looksLike(prepared, pair, "birthDate")).length,
    sameNamesLinked: wrong.filter((pair) => looksLike(prepared, pair, "given")).length,
    cpuMicrosPerPair: (spent.user + spent.system) / tally.pairs,
  };
}

const keepsApart: ReadonlySet<string> = new Set(["MT-203", "MT-204", "MT-210", "MT-212"]);

function* levelsOf<T>(pairs: Iterable<{ readonly levels: T }>): Generator<T> {
  for (const { levels } of pairs) yield levels;
}

/** Two persons of one family at one address, with one birth date (twins) or one given name (parent and child). */
function looksLike(prepared: readonly Prepared[], { a, b }: Pair, same: "birthDate" | "given"): boolean {
  const [one, other] = [prepared[a]!, prepared[b]!];
  const isFamily = one.family?.key === other.family?.key && one.address?.key === other.address?.key;
  const datesAgree = one.birthDate?.text === other.birthDate?.text;
  return isFamily && (same === "birthDate" ? datesAgree : !datesAgree && one.given?.key === other.given?.key);
}

const pairsOf = (count: number): number => (count * (count - 1)) / 2;

/** How many pairs have both of one group. */
export const pairsWithin = (groups: Iterable<string | number>): number =>
  [...Map.groupBy(groups, (group) => group).values()].reduce((sum, members) => sum + pairsOf(members.length), 0);

export function qualityOf(right: number, found: number, truth: number): Quality {
  const [precision, recall] = [found === 0 ? 1 : right / found, right / truth];
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

function clusterQuality(found: Int32Array, persons: readonly string[], truth: number): Quality {
  const both = persons.map((person, index) => `${person} ${found[index]}`);
  return qualityOf(pairsWithin(both), pairsWithin(found), truth);
}
