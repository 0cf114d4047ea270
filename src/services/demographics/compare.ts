// Third step: the ERP's record as it is now, what is proposed for it, and whether the two still go together.

import type { CallContext, PatientValues } from "#canonical/contracts";
import { type PersonField, whereabouts } from "#canonical/model";
import type { StepEnd } from "#engine/sagas";
import type { Values, Writeback, WriteSettled } from "#engine/writeback";
import type { Queryable } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { spanOf } from "#kernel/trace";
import { personAsIdentified, personOf } from "./identify.ts";
import { fieldsWhere, type KnownFields, newest, type Person, type Said, saidOf, withoutWhereabouts } from "./person.ts";
import { judgeStatement, newSubject, type Subject } from "./statement.ts";
import { heldByOthers, readPerson } from "./store.ts";
import type { Compared, Decided, DemographicsOptions, ErpNow, Identified, Traced, UpdateContext } from "./types.ts";

type Results = {
  readonly identify: Identified;
  readonly trace: Traced;
  /** Of the round before. */
  readonly compare?: Compared | undefined;
  readonly decide?: Decided | undefined;
  readonly written?: WriteSettled | undefined;
};
type Context = UpdateContext<Results>;

/** The person as each comparison of this moment read it. */
const subjects = new WeakMap<Compared, Subject>();

/** The person as compared, where this very object was made on this node a moment ago: its commit holds to the version anyway. */
export const subjectAsCompared = (compared: Compared): Subject | undefined => subjects.get(compared);

/** Reads both sides. Outcome `superseded`: a later statement has taken over all that this one had left to do. */
export const compare =
  (options: DemographicsOptions) =>
  async (context: Context): Promise<StepEnd<Compared>> => {
    const { results, instance, signal } = context;
    const { subject, held, seen } = await bothSides(options, results, { traceparent: spanOf(instance), signal });
    const { proposal } = subject;
    const own = proposal?.instanceId === instance.id ? proposal : undefined;
    const wasRefused = isRefused(results);
    if (results.decide?.ask && !own && !wasRefused)
      return { result: results.compare ?? nothingLeft(subject), outcome: "superseded" };

    const restricted = isRestricted(results, subject);
    const { changed, renewed } = judgeStatement(subject, context.input);
    const proposed = results.compare ? leftToDo(subject, results, own?.fields) : changed;
    const takesOver = !own && Object.keys(proposed).length > 0 ? proposal : null;
    const all = takesOver ? newest(renewed ?? takesOver.fields, proposed) : proposed;
    const moved = movedSoFar(results, all);
    const national = results.trace.record?.nhsNumber;
    const isOther = national !== undefined && subject.fields.nhsNumber?.value !== national;
    const result: Compared = {
      personId: subject.id,
      ...(subject.version === undefined ? {} : { personVersion: subject.version }),
      proposed: restricted ? withoutWhereabouts(all) : all,
      ...(held ? { erp: restricted ? withoutItsWhereabouts(held) : held } : {}),
      moved,
      doubtful:
        held !== undefined &&
        isDoubtful(
          context,
          subject,
          held,
          seen,
          fieldsWhere(all, (field) => !moved.includes(field)),
        ),
      restricted,
      duplicate: isOther && (await heldByOthers(options.db, national, subject.id)),
      ...(takesOver
        ? { takesOver: { instanceId: takesOver.instanceId, journeyId: takesOver.journeyId, state: takesOver.state } }
        : {}),
      ...(own ? { own: own.state } : {}),
    };
    subjects.set(result, subject);
    return { result };
  };

/** The national word is the newest in the first round; by a later one, a later statement may have learned otherwise. */
function isRestricted({ trace, compare: earlier }: Results, subject: Subject): boolean {
  const told = trace.record?.restricted;
  return earlier ? subject.restricted || told === true : (told ?? subject.restricted);
}

/** Whether the write of the round before was refused. */
const isRefused = ({ decide, written }: Results): boolean =>
  decide !== undefined && Object.keys(decide.values).length > 0 && written?.state === "refused";

/** What write-back has refused to overwrite, in this round or before, and is still proposed. */
function movedSoFar(results: Results, proposed: KnownFields): PersonField[] {
  const { written, compare: earlier } = results;
  const found = isRefused(results) && written?.code === "WRITEBACK_CONFLICT" ? (written.fields ?? []) : [];
  return [...new Set([...(earlier?.moved ?? []), ...(found as PersonField[])])].filter((field) => field in proposed);
}

/** A field that differs from what we last saw, from what we know, and from what is proposed, in a record younger than the event. */
function isDoubtful(
  { input }: Context,
  { fields }: Subject,
  { values, modifiedAt }: ErpNow,
  seen: Values | undefined,
  proposed: KnownFields,
): boolean {
  if (!seen || modifiedAt <= Date.parse(input.eventAt)) return false;
  const differs = (field: PersonField, from: unknown) => (values[field] ?? null) !== (from ?? null);
  return saidOf(proposed).some(
    ([field, said]) =>
      differs(field, said.value) && differs(field, seen[field]) && differs(field, fields[field]?.value),
  );
}

const nothingLeft = ({ id, restricted }: Subject): Compared => ({
  personId: id,
  proposed: {},
  moved: [],
  doubtful: false,
  restricted,
  duplicate: false,
});

/** What is proposed in a later round: what waits for a decision and, where the write was refused, what was to be written. */
function leftToDo(subject: Subject, results: Results, own: KnownFields = {}): KnownFields {
  const waits = new Set([
    ...(results.decide?.ask?.rows.map(({ field }) => field) ?? []),
    ...(results.decide?.declined ?? []),
  ]);
  const unwritten = isRefused(results)
    ? fieldsWhere(results.compare?.proposed ?? {}, (field) => !waits.has(field))
    : {};
  const left = newest(saidSince(unwritten, subject), own);
  return fieldsWhere(left, (field) => (subject.fields[field]?.at ?? 0) <= (left[field]?.at ?? 0));
}

/** A value that was said again while its write was under way is as new as that: whoever said it again asked for no write. */
const saidSince = (unwritten: KnownFields, { fields }: Subject): KnownFields =>
  Object.fromEntries(
    saidOf(unwritten).map(([field, said]): [PersonField, Said] => {
      const now = fields[field];
      return [field, now && now.value === said.value && now.at > said.at ? now : said];
    }),
  );

type Sides = {
  readonly subject: Subject;
  readonly held: ErpNow | undefined;
  /** The ERP's record as last seen by us. */
  readonly seen: Values | undefined;
};

/** The person and the ERP's record of the person, both as of now, or the person as this very walk has found it. */
async function bothSides(
  { db, erp, writeback }: DemographicsOptions,
  { identify, compare: earlier }: Results,
  call: CallContext,
): Promise<Sides> {
  const read = async (externalId: string | undefined) =>
    externalId === undefined ? undefined : readErp(writeback, externalId, call);
  const recordOf = async (personId: string) => {
    const reference = await writeback.reference(personId);
    return { held: await read(reference?.externalId), seen: reference?.held };
  };
  if (!earlier && identify.found !== "known") {
    const held = await read(identify.externalId);
    return {
      subject: newSubject(identify.personId, held ? personOf(held.values) : {}, erp.name, identify.notOwn),
      held,
      seen: undefined,
    };
  }
  const found = earlier ? undefined : personAsIdentified(identify);
  const [person, record] = await Promise.all([found ?? readPerson(db, identify.personId), recordOf(identify.personId)]);
  const subject = await livesOnAs(db, person);
  return { subject, ...(subject.id === identify.personId ? record : await recordOf(subject.id)) };
}

/** Who a person lives on as after merges. */
async function livesOnAs(db: Queryable, person: Person | undefined): Promise<Person> {
  const seen = new Set<string>();
  let living = person;
  while (living?.mergedInto && !seen.has(living.id)) {
    seen.add(living.id);
    living = await readPerson(db, living.mergedInto);
  }
  if (!living) throw new LockgateError("PERSON_CHANGED");
  return living;
}

/** The ERP's record as of now, under the limits that all calls to it share. */
export async function readErp(
  writeback: Writeback,
  externalId: string,
  call: CallContext,
): Promise<ErpNow | undefined> {
  const held = await writeback.read(externalId, call);
  return (
    held && { externalId, version: held.version, modifiedAt: held.modifiedAt, values: held.values as PatientValues }
  );
}

const withoutItsWhereabouts = (record: ErpNow): ErpNow => ({
  ...record,
  values: Object.fromEntries(Object.entries(record.values).filter(([field]) => !whereabouts.has(field as PersonField))),
});
