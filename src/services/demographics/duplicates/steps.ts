// The steps that ask a steward about a pair: is it still so, are the two one, and what follows from the answer.

import { type PersonMerge, personFields } from "#canonical/model";
import type { Effects, NewMessage } from "#engine/backbone";
import type { Asked, StepEnd } from "#engine/sagas";
import type { NewItem } from "#engine/work";
import { LockgateError } from "#kernel/errors";
import { findableOf } from "../findable.ts";
import { leafMaker, PART } from "../leaves.ts";
import { keepApart } from "../links/apart.ts";
import { keptApart, readKeys } from "../links/store.ts";
import { type Person, valuesOf, withoutWhereabouts } from "../person.ts";
import { readPerson } from "../store.ts";
import type { DemographicsOptions, Row } from "../types.ts";
import { identifierOf } from "../unmerge/types.ts";
import { ordered, pairDigest } from "./pair.ts";
import { claimSuspicion, readSuspicion, settleSuspicion } from "./store.ts";
import type { DuplicateContext, Paired } from "./types.ts";

const DUE_MS = 3 * 24 * 3_600_000;

type Looked = Paired | null;

/**
 * Looks whether there is still something to ask. Outcome `superseded`: the two are one, were said never to be, have changed
 * since, or somebody is asked about them already.
 */
export const matchPair =
  ({ db, matching }: DemographicsOptions) =>
  async ({ input, instance }: DuplicateContext<unknown>): Promise<StepEnd<Looked>> => {
    const { personId, otherId, digest } = input;
    const pair = ordered(personId, otherId);
    const [person, other, apart, asked] = await Promise.all([
      readPerson(db, personId),
      readPerson(db, otherId),
      keptApart(db, personId, otherId),
      readSuspicion(db, pair),
    ]);
    const isOver = !person || !other || person.mergedInto !== null || other.mergedInto !== null || apart;
    const isAsked = asked?.state === "asked" && asked.instanceId !== instance.id;
    if (isOver || isAsked || pairDigest(person, other) !== digest) return { result: null, outcome: "superseded" };
    const findable = findableOf({ ...person, newKeys: [] });
    const verdict = await matching.match(findable.fields, findable);
    const candidate = verdict.candidates.find((one) => one.personId === otherId);
    const { thresholds, model, rules, asAt } = verdict;
    const restricted = person.restricted || other.restricted;
    return {
      result: {
        rows: rowsOf(person, other, restricted),
        ...(candidate ? { candidate, by: { thresholds, model, rules, asAt } } : {}),
        restricted,
      },
      apply: (tx) => claimSuspicion(tx, pair, { instanceId: instance.id, journeyId: instance.journeyId, digest }),
    };
  };

/** Both side by side. Where one of them lives is withheld, neither's whereabouts are told. */
function rowsOf(person: Person, other: Person, restricted: boolean): Row[] {
  const [one, two] = [person, other].map(({ fields }) => valuesOf(restricted ? withoutWhereabouts(fields) : fields));
  return personFields.flatMap((field) => {
    const [current, proposed] = [one?.[field] ?? null, two?.[field] ?? null];
    const isTold = field !== "nhsNumberStatus" && (current !== null || proposed !== null);
    return isTold ? [{ field, current, proposed, code: current === proposed ? "same" : "differs", risk: "high" }] : [];
  });
}

/** Asks a steward whether the two are one. Nothing is merged by the answer: two others agree to a merge. */
export const askAboutPair =
  ({ clock }: Pick<DemographicsOptions, "clock">) =>
  async ({
    input,
    results,
    instance,
  }: DuplicateContext<{ readonly match: Looked }>): Promise<
    Effects & { readonly item: Omit<NewItem, "reply" | "journeyId"> }
  > => {
    const { rows, restricted, candidate, by } = results.match!;
    const { personId, otherId, code } = input;
    return {
      leaves: [leafMaker(clock, instance)("asked", "waiting", { code })],
      item: {
        queue: "match-steward",
        domain: "demographics",
        reason: code,
        criticality: "normal",
        subject: personId,
        title: "Possible duplicates: two persons may be one",
        content: { personId, otherId, restricted, rows, ...(candidate ? { candidate } : {}), ...by },
        tried: ["matched after what is known of one of them changed"],
        actions: [
          { name: "same", quorum: 1, roles: ["steward"] },
          { name: "different", quorum: 1, roles: ["steward"] },
        ],
        excluded: [],
        dueAt: new Date(clock.now() + DUE_MS),
      },
    };
  };

/** What a steward said is remembered for ever, or becomes a statement that the two are one. */
export const settlePair =
  ({ db, clock, matching }: DemographicsOptions) =>
  async ({
    input,
    results,
    instance,
  }: DuplicateContext<{ readonly ask: Asked }>): Promise<
    StepEnd<{ readonly outcome: "same" | "apart" | "dropped" }>
  > => {
    const { action, by } = results.ask;
    const { personId, otherId } = input;
    const { journeyId } = instance;
    const names = by.map(({ name }) => name);
    const answered = (outcome: string) => [leafMaker(clock, instance)("answered", outcome, { code: input.code })];
    if (action === "different")
      return {
        result: { outcome: "apart" },
        leaves: answered("different"),
        apply: async (tx) => {
          await keepApart(tx, matching, { oneId: personId, otherId, by: names, journeyId, code: "MT-212" });
          await settleSuspicion(tx, instance.id, "different");
        },
      };
    if (action !== "same")
      return { result: { outcome: "dropped" }, apply: (tx) => settleSuspicion(tx, instance.id, "dropped") };
    const persons = await Promise.all([readPerson(db, personId), readPerson(db, otherId)]);
    const living = persons.filter((one): one is Person => one !== undefined && one.mergedInto === null);
    const [survivor, retired] = living.toSorted(livesOnFirst);
    // Merged meanwhile, by a message of the hospital.
    if (!survivor || !retired)
      return { result: { outcome: "dropped" }, apply: (tx) => settleSuspicion(tx, instance.id, "dropped") };
    const keys = await Promise.all([readKeys(db, survivor.id), readKeys(db, retired.id)]);
    return {
      result: { outcome: "same" },
      leaves: answered("same"),
      publish: [saidToBeOne(instance, survivor.id, keys, names[0] ?? PART, clock.now())],
      apply: (tx) => settleSuspicion(tx, instance.id, "same"),
    };
  };

const isVerified = ({ numbers }: Person): boolean => numbers.some(({ current, status }) => current && status === "01");

/** Whoever has a verified NHS number lives on; else whoever was known first: ids are drawn in the order of time. */
const livesOnFirst = (one: Person, other: Person): number =>
  Number(isVerified(other)) - Number(isVerified(one)) || (one.id < other.id ? -1 : 1);

/** The statement of a steward that two are one; whoever made it does not approve the merge. */
function saidToBeOne(
  { journeyId, position, traceparent }: DuplicateContext<unknown>["instance"],
  session: string,
  [survivor, retired]: readonly [readonly string[], readonly string[]],
  source: string,
  at: number,
): NewMessage {
  if (survivor.length === 0 || retired.length === 0) throw new LockgateError("PERSON_NO_IDENTIFIER");
  const statement: PersonMerge = {
    event: "A40",
    eventAt: new Date(at).toISOString(),
    source,
    survivor: { identifiers: survivor.map(identifierOf) },
    retired: { identifiers: retired.map(identifierOf) },
    fields: {},
    raw: {},
    findings: [],
  };
  return {
    topic: "person.merged",
    session,
    journeyId,
    body: Buffer.from(JSON.stringify(statement)),
    contentType: "application/json",
    source: PART,
    causationId: String(position),
    traceparent,
  };
}
