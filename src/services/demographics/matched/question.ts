// What a steward is asked when matching is in doubt: the candidates side by side, and how each of them was weighed.

import { identifierKey, type PersonChanges } from "#canonical/model";
import type { Effects } from "#engine/backbone";
import type { NewItem } from "#engine/work";
import { leafMaker } from "../leaves.ts";
import { type Person, withoutWhereabouts } from "../person.ts";
import type { DemographicsOptions, Identified, UpdateContext } from "../types.ts";
import { livingPerson, visibleOf } from "./match.ts";
import { keepQuestion } from "./store.ts";
import type { Review } from "./types.ts";

const DUE_MS = 4 * 3_600_000;
/** As many as a verdict names at most. */
const MOST_CANDIDATES = 10;

/** It is none of those shown, and never will be. */
const NEW = "new";
const linkTo = (place: number): string => `link:${place}`;

/** Every answer leads back to where it is looked at whether it still holds. */
export const matchWays = (step: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [NEW, ...Array.from({ length: MOST_CANDIDATES }, (_, index) => linkTo(index + 1))].map((action) => [action, step]),
  );

/** Asks whether it is one of the candidates. Messages that name the same identifiers wait meanwhile. */
export const askMatch =
  ({ db, clock }: Pick<DemographicsOptions, "db" | "clock">) =>
  async ({
    input,
    results,
    instance,
  }: UpdateContext<{ readonly identify: Identified }>): Promise<
    Effects & { readonly item: Omit<NewItem, "reply" | "journeyId"> }
  > => {
    const review = results.identify.review!;
    const { verdict, shown } = review;
    const persons = await Promise.all(shown.map(({ personId }) => livingPerson(db, personId)));
    const actions = shown.flatMap(({ canLink }, index) => (canLink ? [linkTo(index + 1)] : []));
    return {
      leaves: [leafMaker(clock, instance)("asked", "waiting", { code: verdict.code })],
      apply: (tx) => keepQuestion(tx, input.identifiers.map(identifierKey), instance.id),
      item: {
        queue: "match-steward",
        domain: "demographics",
        reason: verdict.code,
        criticality: "high",
        title: "It is not certain whom a statement is about",
        content: contentOf(review, input.fields, persons, input.identifiers),
        tried: ["local identifiers, NHS number with birth date, and the ERP: nobody for certain"],
        actions: [...actions, NEW].map((name) => ({ name, quorum: 1, roles: ["steward"] })),
        excluded: [input.source],
        dueAt: new Date(clock.now() + DUE_MS),
      },
    };
  };

/** What exactly is decided on. Where one of the candidates lives is withheld, the statement may not tell it either. */
function contentOf(
  { verdict, shown, isWithheld, wentStale }: Review,
  said: PersonChanges,
  persons: readonly Person[],
  identifiers: readonly unknown[],
): unknown {
  const weighed = new Map(verdict.candidates.map((one) => [one.personId, one]));
  const { code, thresholds, margin, runnerUp, model, rules, asAt } = verdict;
  return {
    code,
    said: verdict.said,
    restricted: isWithheld,
    statement: { identifiers, fields: isWithheld ? withoutWhereabouts(said) : said },
    candidates: persons.map((person, index) => ({
      place: index + 1,
      canLink: shown[index]!.canLink,
      restricted: person.restricted,
      fields: visibleOf(person),
      ...weighed.get(person.id),
    })),
    thresholds,
    margin,
    runnerUp,
    model,
    rules,
    asAt,
    ...(wentStale ? { wentStale: true } : {}),
  };
}
