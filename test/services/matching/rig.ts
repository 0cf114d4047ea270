// Records for the tests of matching, and the shipped models and rules.

import { readFileSync } from "node:fs";
import {
  blockingKeys,
  type Candidate,
  comparer,
  decidePair,
  type ExtraColumn,
  judging,
  type Levels,
  type MatchRecord,
  type PairFacts,
  type Prepared,
  preparer,
  readMatchRules,
  readModel,
  scorer,
} from "#services/matching";

const resource = (name: string): string => readFileSync(`resources/matching/${name}`, "utf8");
export const uk = readModel(resource("uk.json"));
export const generic = readModel(resource("generic.json"));
export const rules = readMatchRules(resource("rules.yaml"));

/** Columns that the tests compare besides the canonical fields. */
export const extra: readonly ExtraColumn[] = [
  { column: "passport", compare: "identifier" },
  { column: "suburb", compare: "text" },
  { column: "state", compare: "category" },
];
const prepareRecord = preparer({ environment: "test", extra });
const compareRecords = comparer(extra);

type Fields = MatchRecord["fields"];

/** Somebody of whom everything is known. */
export const jane: Fields = {
  nhsNumber: "9000001870",
  givenName: "Jane",
  familyName: "Threlfall",
  birthDate: "1980-05-23",
  gender: "female",
  addressLine1: "12 Mill Lane",
  postcode: "TA3 7LD",
  town: "Taunton",
  phone: "01632 960123",
  email: "jane@threlfall.example",
};

/** Without the fields that tell her apart at once. */
export const { nhsNumber: _number, email: _email, ...janeUnnumbered } = jane;

export const prepared = (fields: Fields, said: Readonly<Record<string, string>> = {}): Prepared =>
  prepareRecord({ fields, extra: said });
export const keysOf = (fields: Fields): string[] => blockingKeys(prepared(fields), extra);
export const levelsOf = (a: Fields, b: Fields): Levels => compareRecords(prepared(a), prepared(b));

export const population = 100_000;
const weigh = scorer(uk, { population, extra });

/** What the shipped model and rules decide on two records. */
export const decided = (a: Fields, b: Fields, facts: PairFacts = {}, pack = rules) =>
  decidePair(levelsOf(a, b), facts, { model: uk, rules: pack, scorer: weigh });

/** Judges a record against others, which go by `0`, `1` and so on. */
export function judged(subject: Fields, others: readonly Fields[], facts: readonly PairFacts[] = [], pack = rules) {
  const judge = judging({ model: uk, rules: pack, population, extra });
  const candidates = others.map(
    (other, index): Candidate => ({ id: String(index), levels: levelsOf(subject, other), ...facts[index] }),
  );
  return judge(prepared(subject), candidates, "2026-11-21T09:00:00Z");
}
