// First step: whom a statement is about, and whether it says anything new of them.

import { patientNumber } from "#canonical/maps";
import { type PersonChanges, type PersonUpdate, personFields } from "#canonical/model";
import { judgeNhsNumber } from "#canonical/rules";
import type { Effects } from "#engine/backbone";
import type { Asked, StepEnd } from "#engine/sagas";
import { newId } from "#kernel/ids";
import { spanOf } from "#kernel/trace";
import { type ErpSearch, type Found, lookFor } from "./find.ts";
import { findableOf, keepFindable } from "./findable.ts";
import { matchedEffects, matchedLeaf, roundEffects } from "./matched/keep.ts";
import { type Matched, matchPerson } from "./matched/match.ts";
import { type KnownFields, newest, type Person, valuesOf } from "./person.ts";
import { renewProposal } from "./proposals/store.ts";
import { keepSpoken } from "./spoken/speak.ts";
import { type Judged, judgeStatement, newSubject, type Subject } from "./statement.ts";
import { keepPerson } from "./store.ts";
import type { Decided, DemographicsOptions, Identified, Question, UpdateContext } from "./types.ts";

/** Statuses of a number that somebody has been asked about already. */
const TRACED = new Set<unknown>(["01", "04", "05", "06"]);

/** The ERP's searches behind its guard. */
export const searchOf = ({ erp, writeback }: Pick<DemographicsOptions, "erp" | "writeback">): ErpSearch => ({
  findByIdentifier: (...call) => writeback.ask(() => erp.findByIdentifier(...call)),
  findByNhsNumber: (...call) => writeback.ask(() => erp.findByNhsNumber(...call)),
});

/** Those of an ERP's values that are a person's. */
export const personOf = (values: Readonly<Record<string, unknown>>): PersonChanges =>
  Object.fromEntries(
    personFields.flatMap((field) => (field in values ? [[field, values[field]]] : [])),
  ) as PersonChanges;

/** The known person as each look for one found it. */
const persons = new WeakMap<Identified, Person>();

/** The person as found, where this very object was made on this node a moment ago: whoever keeps it holds to its version anyway. */
export const personAsIdentified = (identified: Identified): Person | undefined => persons.get(identified);

type Results = {
  /** Of the round before. */
  readonly identify?: Identified | undefined;
  readonly match?: Asked | undefined;
  readonly decide?: Decided | undefined;
};
/** Found for certain, or matched. */
type Whom = Exclude<Found, { readonly by: "MT-300" }> | Matched;

/** Finds the person. Ends the saga where nothing is new and nothing is left to verify. */
export function identify(options: DemographicsOptions) {
  const search = searchOf(options);
  return async (context: UpdateContext<Results>): Promise<StepEnd<Identified>> => {
    const { input, instance, results, signal } = context;
    const looked = await lookFor(options.db, search, input, { traceparent: spanOf(instance), signal });
    const whom = "person" in looked || "inErp" in looked ? looked : await matchPerson(options, context, looked);
    const subject = subjectOf(options, whom);
    const judged = judgeStatement(subject, input);
    const question = questionOf(newest(subject.fields, judged.changed));
    const isNew = "newId" in whom;
    // Refused here rather than after the national service was asked: nobody can be written without a local number.
    if (isNew) for (const identifier of input.identifiers.slice(0, 1)) patientNumber(identifier);
    const goesOn =
      isNew || judged.news === "changed" || (question && !TRACED.has(subject.fields.nhsNumberStatus?.value));
    const effects = [
      roundEffects(options, context, { personId: subject.id, isAsked: "review" in whom }),
      ...("verdict" in whom ? [matchedEffects(options, context, whom)] : []),
      ...(goesOn ? [] : [keptAsSaidAgain(options, context, subject, whom, judged)]),
    ];
    const result: Identified = {
      personId: subject.id,
      found: isNew ? "new" : "person" in whom ? "known" : "adopted",
      by: whom.by,
      ...("inErp" in whom ? { externalId: whom.inErp.externalId } : {}),
      newKeys: whom.newKeys,
      news: isNew ? "changed" : judged.news,
      ...(question ? { question } : {}),
      ...("verdict" in whom && !("review" in whom) ? { verdict: whom.verdict } : {}),
      ...("review" in whom ? { review: whom.review } : {}),
      ...(results.match ? { answered: results.match.itemId } : {}),
      ...("notOwn" in whom ? { notOwn: whom.notOwn } : {}),
      ...("apart" in whom && whom.apart.length > 0 ? { apart: whom.apart } : {}),
    };
    if ("person" in whom) persons.set(result, whom.person);
    return {
      result,
      leaves: [matchedLeaf(options, context, whom)],
      gather: effects.flatMap(({ gather }) => gather ?? []),
      publish: effects.flatMap(({ publish }) => publish ?? []),
      apply: async (tx) => {
        for (const { apply } of effects) await apply?.(tx);
      },
      ...(goesOn ? {} : { outcome: judged.news }),
    };
  };
}

function subjectOf({ erp }: DemographicsOptions, whom: Whom): Subject {
  if ("person" in whom) return whom.person;
  if ("inErp" in whom) return newSubject(newId(), personOf(whom.inErp.values), erp.name);
  return newSubject(whom.newId, {}, erp.name, "notOwn" in whom ? whom.notOwn : undefined);
}

/** Nothing is new: the times of what was said again are kept, and a record that is taken over. */
function keptAsSaidAgain(
  { writeback, matching }: DemographicsOptions,
  context: UpdateContext<Results>,
  subject: Subject,
  whom: Whom,
  judged: Judged,
): Effects {
  const { id, version, refused, restricted, numbers, proposal } = subject;
  const { restated, renewed } = judged;
  const known = { id, version, fields: restated, refused, restricted, newKeys: whom.newKeys, numbers };
  return {
    gather: [
      keepPerson({ ...known, ...numberOf(subject) }),
      ...(version === undefined ? [keepFindable(matching, findableOf(known))] : []),
    ],
    apply: async (tx) => {
      if ("inErp" in whom) await writeback.adopt(tx, id, whom.inErp);
      if (proposal && renewed) await renewProposal(tx, proposal.instanceId, renewed);
      await keepSpoken(tx, context, { subject, isLinked: "verdict" in whom && "person" in whom, kept: restated });
    },
  };
}

/** The number of a record that is taken over as it is. */
function numberOf({ version, fields }: Subject) {
  const value = fields.nhsNumber?.value;
  return version === undefined && typeof value === "string" ? { number: { value, status: "02" as const } } : {};
}

/** By what the national service can be asked: the number, else name, birth date and postcode. */
function questionOf(fields: KnownFields): Question | undefined {
  const { nhsNumber, familyName, givenName, birthDate, postcode, gender } = valuesOf(fields);
  if (nhsNumber) return isTraceable(nhsNumber) ? { nhsNumber } : undefined;
  if (!familyName || !postcode || birthDate?.length !== 10) return undefined;
  return { familyName, birthDate, postcode, ...(givenName ? { givenName } : {}), ...(gender ? { gender } : {}) };
}

/** Scotland and Northern Ireland number their patients elsewhere. */
function isTraceable(nhsNumber: string): boolean {
  const { codes } = judgeNhsNumber(nhsNumber, "test");
  return !codes.includes("DQ-NHS-007") && !codes.includes("DQ-NHS-008");
}

/** What a statement is kept as once nobody needs its sent texts any more. */
export const keptInput = (input: PersonUpdate, fields: PersonChanges): PersonUpdate => ({
  ...input,
  fields,
  raw: {},
  findings: [],
});
