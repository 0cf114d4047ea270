// Who it is where nothing is certain: a person whom matching links to, nobody we know, or what a steward said.

import { createHash } from "node:crypto";
import type { MatchVerdict } from "#canonical/contracts";
import { type PersonChanges, personFields } from "#canonical/model";
import type { Asked } from "#engine/sagas";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import type { Doubtful } from "../find.ts";
import { type Person, valuesOf, withoutWhereabouts } from "../person.ts";
import { readPerson } from "../store.ts";
import type { DemographicsOptions, Identified, UpdateContext } from "../types.ts";
import { isAskedElsewhere } from "./store.ts";
import type { Review, ShownCandidate } from "./types.ts";

type Results = {
  /** Of the round before. */
  readonly identify?: Identified | undefined;
  readonly match?: Asked | undefined;
};
type Context = UpdateContext<Results>;

/** Whom matching found, or a steward. `chosen` is what a steward decided, where it took one. */
export type Matched = {
  readonly newKeys: readonly string[];
  readonly by: string;
  readonly verdict: MatchVerdict;
  /** Those it may be, as far as they are known. */
  readonly candidates: readonly Person[];
  readonly chosen?: Asked;
} & (
  | { readonly person: Person }
  /** Somebody new, under an id of its own; never the same as those of `apart`. */
  | { readonly newId: string; readonly apart: readonly string[]; readonly notOwn?: string }
  | { readonly newId: string; readonly review: Review }
);

/** How long a message waits before it looks again whether a steward has said whose its identifier is. */
const ASKED_MS = 1_000;

/** What `link:<place>` says of a candidate's place, from 1. */
const LINK = /^link:([0-9]+)$/;

/**
 * Matches, or does what a steward decided if everything is still as it was shown.
 * @throws PERSON_PENDING when somebody it may be is on the way, PERSON_UNDECIDED while a steward is asked whose the identifier
 *   is, PERSON_AMBIGUOUS as `looked` has it where no candidate could settle that
 */
export async function matchPerson(
  { db, matching }: Pick<DemographicsOptions, "db" | "matching">,
  { input, instance, results }: Context,
  looked: Doubtful | { readonly newKeys: readonly string[] },
): Promise<Matched> {
  const { newKeys } = looked;
  const prior = reservedBy(results.identify);
  const [verdict, isAsked] = await Promise.all([
    matching.match(input.fields, prior === undefined ? undefined : { personId: prior }),
    isAskedElsewhere(db, newKeys, instance.id),
  ]);
  if (isAsked) throw new LockgateError("PERSON_UNDECIDED", { at: "PID-3", retryAfterMs: ASKED_MS });
  const doubtful = "doubt" in looked ? looked : undefined;
  const answer = answerOf(results);
  const freshId = prior ?? newId();
  const candidates = await candidatesOf(db, verdict);
  const found = { newKeys, by: verdict.code, verdict, candidates };
  if (!answer && verdict.link !== null && (!doubtful || isSafe(verdict, doubtful)))
    return { ...found, person: candidates.find(({ id }) => id === verdict.link)! };
  if (!answer && verdict.decision !== "review" && !doubtful) return { ...found, newId: freshId, apart: [] };

  const shown = candidates.map((person) => shownAs(person, doubtful));
  if (doubtful && !shown.some(({ canLink }) => canLink)) throw doubtful.doubt;
  const review = results.identify?.review;
  // Asked again where somebody has come to those who were shown, or was changed since.
  if (!answer || !review || !isAsShown(review.shown, shown, answer))
    return { ...found, newId: freshId, review: reviewOf(verdict, candidates, shown, answer) };
  const chosen = chosenOf(review.shown, answer);
  if (chosen) {
    const { code: by } = verdict.candidates.find(({ personId }) => personId === chosen.personId)!;
    return { ...found, by, chosen: answer, person: candidates.find(({ id }) => id === chosen.personId)! };
  }
  const notOwn = doubtful && input.fields.nhsNumber;
  const apart = candidates.map(({ id }) => id);
  return { ...found, chosen: answer, newId: freshId, apart, ...(notOwn ? { notOwn } : {}) };
}

const reviewOf = (
  verdict: MatchVerdict,
  candidates: readonly Person[],
  shown: readonly ShownCandidate[],
  answer: Asked | undefined,
): Review => ({
  verdict,
  shown,
  isWithheld: candidates.some(({ restricted }) => restricted),
  wentStale: answer !== undefined,
});

/** The id that an earlier round has given to somebody new. */
const reservedBy = (prior: Identified | undefined): string | undefined =>
  prior?.found === "new" ? prior.personId : undefined;

/** What a steward decided and no round has used yet. */
const answerOf = ({ identify, match }: Results): Asked | undefined =>
  match && identify?.review && match.itemId !== identify.answered ? match : undefined;

/**
 * Somebody's number with a birth date that differs, or with another given name, is never enough, whatever else agrees. A
 * date that is only partly told speaks for the person.
 */
const isSafe = ({ link, code }: MatchVerdict, { holder, doubt }: Doubtful): boolean =>
  link === holder.id && code === "MT-101" && doubt.reason === "DQ-NHS-012";

/** @throws PERSON_PENDING when the person is reserved and not kept yet, PERSON_CHANGED when merged at this moment */
export async function livingPerson(db: Db, id: string): Promise<Person> {
  const person = await readPerson(db, id);
  if (!person) throw new LockgateError("PERSON_PENDING");
  if (person.mergedInto) throw new LockgateError("PERSON_CHANGED");
  return person;
}

/** Only those who may be the person are read and shown: the others are nobody's business. */
const candidatesOf = (db: Db, { candidates }: MatchVerdict): Promise<Person[]> =>
  Promise.all(
    candidates.filter(({ decision }) => decision !== "none").map(({ personId }) => livingPerson(db, personId)),
  );

const shownAs = (person: Person, doubtful: Doubtful | undefined): ShownCandidate => ({
  personId: person.id,
  seen: digestOf(person),
  canLink: !doubtful || person.id === doubtful.holder.id,
});

/** What a steward sees of a person. */
export function visibleOf({ fields, restricted }: Pick<Person, "fields" | "restricted">): PersonChanges {
  const { nhsNumberStatus: _, ...values } = valuesOf(fields);
  const told = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as PersonChanges;
  return restricted ? withoutWhereabouts(told) : told;
}

function digestOf(person: Person): string {
  const visible = visibleOf(person);
  const told = personFields.map((field) => visible[field] ?? null);
  return createHash("sha256")
    .update(JSON.stringify([person.restricted, told]))
    .digest("base64url");
}

/** Nobody has come to those who were shown, and whom it is about is as it was. */
function isAsShown(before: readonly ShownCandidate[], now: readonly ShownCandidate[], answer: Asked): boolean {
  const isSame = (one: ShownCandidate) =>
    before.some(({ personId, seen }) => personId === one.personId && seen === one.seen);
  const chosen = chosenOf(before, answer);
  return now.every(isSame) && (!chosen || now.some(({ personId, canLink }) => canLink && personId === chosen.personId));
}

const chosenOf = (shown: readonly ShownCandidate[], { action }: Asked): ShownCandidate | undefined =>
  shown[Number(LINK.exec(action)?.[1] ?? 0) - 1];
