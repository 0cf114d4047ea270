// Demographics: what the clinical side says of a person becomes a change in the ERP, if it is certain and if it is newer.

import type { CallContext, ErpPatient, ErpPatients, PatientValues } from "#canonical/contracts";
import { patientNumber, patientRecordFromPerson, patientValuesFromPerson } from "#canonical/maps";
import {
  identifierKey,
  type LocalIdentifier,
  type PersonKey,
  type PersonMerge,
  type PersonUpdate,
  personFields,
} from "#canonical/model";
import type { Leaf } from "#engine/audit";
import type { Backbone, Delivery, Envelope, Handler, Settlement } from "#engine/backbone";
import type { Writeback } from "#engine/writeback";
import type { Clock } from "#kernel/clock";
import type { Db, Tx } from "#kernel/db";
import { newId } from "#kernel/ids";
import { spanOf } from "#kernel/trace";
import { type Found, findPerson } from "./find.ts";
import { applyLater, applyStatement, type KnownFields, type Person, valuesOf } from "./person.ts";
import { addIdentifiers, claimNhsNumber, insertPerson, mergePersons, updatePerson } from "./store.ts";

const PART = "demographics";

export type DemographicsOptions = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly clock: Clock;
  readonly erp: ErpPatients;
  readonly writeback: Writeback;
};

/** Subscribes to what is said of persons. */
export function openDemographics(given: DemographicsOptions): void {
  const { backbone, erp, writeback } = given;
  const ask: Pick<ErpPatients, "findByIdentifier" | "findByNhsNumber"> = {
    findByIdentifier: (...call) => writeback.ask(() => erp.findByIdentifier(...call)),
    findByNhsNumber: (...call) => writeback.ask(() => erp.findByNhsNumber(...call)),
  };
  const options = { ...given, erp: { ...erp, ...ask } };
  backbone.subscribe({
    name: `${PART}.update`,
    topic: "person.updated",
    concurrency: 64,
    handler: held(writeback, (message, delivery) =>
      onPersonUpdated(options, JSON.parse(message.body.toString()) as PersonUpdate, message, delivery),
    ),
  });
  backbone.subscribe({
    name: `${PART}.merge`,
    topic: "person.merged",
    handler: held(writeback, (message, delivery) =>
      onPersonMerged(options, JSON.parse(message.body.toString()) as PersonMerge, message, delivery),
    ),
  });
}

/** While the ERP is in trouble messages wait for it, however long, and no attempt is counted. */
const held =
  (writeback: Writeback, handler: Handler): Handler =>
  async (message, delivery) => {
    try {
      return await handler(message, delivery);
    } catch (thrown) {
      return writeback.holdWhileDown(thrown) ?? Promise.reject(thrown);
    }
  };

const contextOf = (message: Envelope, signal: AbortSignal): CallContext => ({
  traceparent: spanOf(message),
  signal,
});

/** Makes a leaf of this part for a message. */
function leafMaker(clock: Clock, { journeyId }: Envelope) {
  return (name: string, outcome: string, more: Partial<Leaf> = {}): Leaf => ({
    at: new Date(clock.now()),
    part: PART,
    name,
    outcome,
    journeyId,
    ...more,
  });
}

const ENDS = { detail: { ends: true } } as const;

/** A person that the ERP holds and we do not know yet: what it holds counts as older than anything said. */
function knownFrom(erp: ErpPatients, patient: ErpPatient | undefined): KnownFields {
  const fields = Object.entries(patient?.values ?? {}).filter(([field]) =>
    (personFields as readonly string[]).includes(field),
  );
  return Object.fromEntries(fields.map(([field, value]) => [field, { value, at: 0, source: erp.name }])) as KnownFields;
}

/** Whom a statement is about: a person we know, one to take over from the ERP, or a new one. */
type Subject = {
  readonly id: string;
  readonly known: Person | undefined;
  readonly adopted: ErpPatient | undefined;
  readonly fields: KnownFields;
};

function subjectOf(erp: ErpPatients, found: Found | undefined): Subject {
  const known = found && "person" in found ? found.person : undefined;
  const adopted = found && "inErp" in found ? found.inErp : undefined;
  return { id: known?.id ?? newId(), known, adopted, fields: known?.fields ?? knownFrom(erp, adopted) };
}

const isNew = ({ known, adopted }: Subject): boolean => !known && !adopted;

/** Writes down what is known of a subject now, and the numbers it goes by. */
async function keep(
  tx: Tx,
  writeback: Writeback,
  { id, known, adopted }: Subject,
  fields: KnownFields,
  identifiers: readonly LocalIdentifier[],
  nhsNumber?: string | null,
): Promise<void> {
  await Promise.all([
    known ? updatePerson(tx, known, fields) : insertPerson(tx, id, fields),
    known || !nhsNumber ? undefined : claimNhsNumber(tx, id, nhsNumber),
    adopted && writeback.adopt(tx, id, adopted),
    addIdentifiers(tx, id, identifiers.map(identifierKey)),
  ]);
}

async function onPersonUpdated(
  options: DemographicsOptions,
  update: PersonUpdate,
  message: Envelope,
  { signal }: Delivery,
): Promise<Settlement> {
  const { db, erp, clock, writeback } = options;
  const found = await findPerson(db, erp, update, contextOf(message, signal));
  const leaf = leafMaker(clock, message);
  const matched = leaf(
    "matched",
    found.by === "MT-300" ? "new" : "ok",
    found.by.startsWith("MT-") ? { code: found.by } : {},
  );
  const subject = subjectOf(erp, found);
  const eventAt = Date.parse(update.eventAt);
  const change = applyStatement(subject.fields, update.fields, eventAt, update.source);
  const keepIt = (tx: Tx) => keep(tx, writeback, subject, change.fields, update.identifiers, update.fields.nhsNumber);

  if (!isNew(subject) && Object.keys(change.changed).length === 0) {
    const outcome = change.outdated.length > 0 ? "superseded" : "unchanged";
    return { settle: "complete", leaves: [matched, leaf("completed", outcome, ENDS)], apply: keepIt };
  }
  const values = isNew(subject)
    ? patientRecordFromPerson(valuesOf(change.fields), update.identifiers)
    : patientValuesFromPerson(change.changed);
  const request = writeback.request(
    { subject: subject.id, idempotencyKey: `${message.journeyId}:${PART}`, values, eventAt },
    message,
  );
  const proposed = leaf("proposed", isNew(subject) ? "create" : "update");
  return {
    settle: "complete",
    leaves: [matched, proposed],
    publish: request.publish,
    apply: allOf(keepIt, request.apply),
  };
}

const allOf =
  (...steps: readonly ((tx: Tx) => Promise<void>)[]) =>
  async (tx: Tx): Promise<void> => {
    for (const step of steps) await step(tx);
  };

async function onPersonMerged(
  options: DemographicsOptions,
  merge: PersonMerge,
  message: Envelope,
  { signal }: Delivery,
): Promise<Settlement> {
  const { db, erp, clock, writeback } = options;
  const context = contextOf(message, signal);
  const leaf = leafMaker(clock, message);
  const find = (key: PersonKey) => findPerson(db, erp, { identifiers: key.identifiers, fields: {} }, context);
  const survivorFound = await find(merge.survivor);
  const retiredFound = await find(merge.retired);
  const survivor = subjectOf(erp, survivorFound);
  const retired = subjectOf(erp, retiredFound);
  const areTwo = !isNew(survivor) && !isNew(retired) && survivor.id !== retired.id;
  // A survivor nobody has met takes the place of the retired one.
  const renamed = isNew(survivor) && !isNew(retired);
  const subject = renamed ? retired : survivor;
  const survivorInErp = survivor.adopted?.externalId ?? (await writeback.externalIdOf(survivor.id));
  if (areTwo && survivorInErp === undefined) return { settle: "defer", till: new Date(clock.now() + 500) };

  const eventAt = Date.parse(merge.eventAt);
  const change = applyLater(
    applyStatement(subject.fields, merge.fields, eventAt, merge.source),
    areTwo ? retired.fields : {},
    eventAt,
  );
  const [number] = merge.survivor.identifiers;
  const values = isNew(subject)
    ? patientRecordFromPerson(valuesOf(change.fields), merge.survivor.identifiers)
    : { ...patientValuesFromPerson(change.changed), ...(renamed && number ? patientNumber(number) : {}) };
  const write = (of: Subject, what: string, to: PatientValues) =>
    writeback.request(
      {
        subject: of.id,
        idempotencyKey: `${message.journeyId}:${PART}:${what}`,
        values: to,
        eventAt,
      },
      message,
    );
  const requests = [
    ...(Object.keys(values).length > 0 ? [write(subject, "survivor", values)] : []),
    ...(areTwo ? [write(retired, "retired", { mergedIntoId: survivorInErp ?? null })] : []),
  ];
  const merged = leaf(
    "merged",
    areTwo ? "ok" : renamed ? "renamed" : "recorded",
    requests.length > 1 ? { detail: { opens: requests.length - 1 } } : {},
  );
  const steps = [
    ...(areTwo && retired.adopted
      ? [(tx: Tx) => keep(tx, writeback, retired, retired.fields, merge.retired.identifiers)]
      : []),
    ...(areTwo ? [(tx: Tx) => mergePersons(tx, retired.known ?? { id: retired.id, version: 1 }, survivor.id)] : []),
    (tx: Tx) =>
      keep(tx, writeback, subject, change.fields, [...merge.survivor.identifiers, ...merge.retired.identifiers]),
    ...requests.map((request) => request.apply),
  ];
  return {
    settle: "complete",
    leaves: requests.length > 0 ? [merged] : [merged, leaf("completed", "unchanged", ENDS)],
    publish: requests.flatMap((request) => request.publish),
    apply: allOf(...steps),
  };
}
