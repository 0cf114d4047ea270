// The merge in the person store: one of the two lives on, and what the other went by leads there.

import type { PatientValues } from "#canonical/contracts";
import { patientNumber, patientRecordFromPerson, patientValuesFromPerson } from "#canonical/maps";
import type { PersonField } from "#canonical/model";
import type { Effects } from "#engine/backbone";
import type { Asked, StepEnd } from "#engine/sagas";
import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { type Known, keepKnown } from "../findable.ts";
import { personOf } from "../identify.ts";
import { leafMaker } from "../leaves.ts";
import { insertLink, type Link, moveIdentifiers, readHoldings, setMergedInto, takeNumbers } from "../links/store.ts";
import { personLinked, personUnlinked } from "../links/told.ts";
import { readUnmerging, unlink } from "../links/unlink.ts";
import { newest, valuesOf, withoutWhereabouts } from "../person.ts";
import { moveToSurvivor, renewProposal } from "../proposals/store.ts";
import { takenOver } from "../proposals/take-over.ts";
import { newSubject, type Subject } from "../statement.ts";
import { keepPersons, readPerson } from "../store.ts";
import type { DemographicsOptions } from "../types.ts";
import { restorePerson } from "../write.ts";
import type { MergeCompared, MergeContext, Merged, MergeIdentified, Named, Side } from "./types.ts";

type Results = {
  readonly identify: MergeIdentified;
  readonly compare: MergeCompared;
  readonly approval?: Asked | undefined;
};
type Context = MergeContext<Results>;

const OUTCOMES = { merge: "ok", rename: "renamed", record: "recorded" } as const;

/** Makes the merge in the person store, in this very commit. */
export const mergePersons =
  (options: DemographicsOptions) =>
  async (context: Context): Promise<StepEnd<Merged>> => {
    const { results, instance } = context;
    const { compare, identify } = results;
    const survivor = await asCompared(options, identify.survivor, compare.survivor);
    const retired =
      identify.retired && compare.retired && (await asCompared(options, identify.retired, compare.retired));
    const taking =
      retired?.proposal && survivor.proposal
        ? await takenOver(options.work, "demographics.update", retired.proposal)
        : undefined;
    const link = retired && linkOf(context, survivor, retired);
    return {
      result: {
        changed: Object.keys(compare.changed) as PersonField[],
        values: survivorValues(context),
      },
      leaves: [leafMaker(options.clock, instance)("merged", OUTCOMES[identify.kind])],
      publish: [...(taking?.publish ?? []), ...(link ? [personLinked(instance, link, options.clock.now())] : [])],
      apply: async (tx) => {
        if (compare.survivor.erp && survivor.version === undefined)
          await options.writeback.adopt(tx, survivor.id, compare.survivor.erp);
        if (retired && link) await retire(tx, options, context, survivor, retired, link);
        await keepKnown(tx, options.matching, [survivorKept(context, survivor, retired)]);
        await taking?.apply?.(tx);
        if (retired?.proposal) await moveProposals(tx, survivor, retired);
      },
    };
  };

/** @throws PERSON_CHANGED when somebody was quicker */
async function asCompared({ db, erp }: DemographicsOptions, { personId }: Named, side: Side): Promise<Subject> {
  if (side.personVersion === undefined)
    return newSubject(personId, side.erp ? personOf(side.erp.values) : {}, erp.name);
  const person = await readPerson(db, personId);
  if (person?.version !== side.personVersion || person.mergedInto) throw new LockgateError("PERSON_CHANGED");
  return person;
}

function survivorKept({ results }: Context, survivor: Subject, retired: Subject | undefined): Known {
  const { compare, identify } = results;
  const number = compare.changed.nhsNumber?.value;
  const numbers = [...survivor.numbers, ...(retired?.numbers ?? [])];
  const status = numbers.find((held) => held.number === number)?.status ?? "02";
  const restricted = survivor.restricted || retired?.restricted === true;
  const fields = { ...survivor.fields, ...compare.changed };
  return {
    ...survivor,
    fields: restricted ? withoutWhereabouts(fields) : fields,
    restricted,
    newKeys: identify.survivor.newKeys,
    numbers,
    ...(typeof number === "string" ? { number: { value: number, status } } : {}),
  };
}

type NewLink = Omit<Link, "before">;

function linkOf({ instance, results }: Context, survivor: Subject, retired: Subject): NewLink {
  return {
    id: newId(),
    kind: "merged",
    personId: survivor.id,
    otherId: retired.id,
    by: results.approval?.by.map(({ name }) => name) ?? [],
    journeyId: instance.journeyId,
    code: "MG-500",
    version: survivor.version ?? 0,
    undoes: null,
  };
}

/** Everything the retired one went by leads to the survivor; the link keeps what it takes to undo that. */
async function retire(
  tx: Tx,
  { writeback, matching }: DemographicsOptions,
  { results }: Context,
  survivor: Subject,
  retired: Subject,
  link: NewLink,
): Promise<void> {
  const { compare, identify } = results;
  await keepPersons(tx, [{ ...retired, newKeys: identify.retired?.newKeys ?? [] }]);
  if (compare.retired?.erp && retired.version === undefined) await writeback.adopt(tx, retired.id, compare.retired.erp);
  if (survivor.version === undefined) await keepPersons(tx, [{ ...survivor, newKeys: [] }]);
  const [own, { keys, numbers }] = await Promise.all([readHoldings(tx, survivor.id), readHoldings(tx, retired.id)]);
  await takeNumbers(tx, retired.id, survivor.id);
  await moveIdentifiers(tx, keys, retired.id, survivor.id);
  await setMergedInto(tx, { id: retired.id, version: (retired.version ?? 0) + 1 }, survivor.id);
  await matching.drop(tx, [retired.id]);
  await insertLink(tx, {
    ...link,
    before: {
      fields: survivor.fields,
      applied: compare.changed,
      keys,
      numbers,
      own: own.numbers.map(({ number }) => number),
      ownKeys: own.keys,
    },
  });
}

/** What waited for a decision about the retired one waits about the survivor now. */
async function moveProposals(tx: Tx, survivor: Subject, retired: Subject): Promise<void> {
  const { proposal } = retired;
  if (!proposal) return;
  if (!survivor.proposal) return moveToSurvivor(tx, proposal.instanceId, survivor.id);
  await renewProposal(tx, survivor.proposal.instanceId, newest(proposal.fields, survivor.proposal.fields));
}

/** What the survivor's record is to hold. */
function survivorValues({ input, results }: Context): PatientValues {
  const { compare, identify } = results;
  const values = valuesOf(compare.changed);
  if (identify.survivor.found === "new") return patientRecordFromPerson(values, input.survivor.identifiers);
  const [number] = input.survivor.identifiers;
  const renamed = identify.kind === "rename" && number ? patientNumber(number) : {};
  return { ...patientValuesFromPerson(values), ...renamed };
}

/** Takes the merge back in the person store; a person that the merge made stays. */
export const unmerge =
  ({ db, clock, matching }: DemographicsOptions) =>
  async ({ results, instance }: Context): Promise<Effects> => {
    const { identify, compare } = results;
    const { personId } = identify.survivor;
    const { journeyId } = instance;
    const leaves = [leafMaker(clock, instance)("unmerged", "ok", { code: "MG-501" })];
    if (!identify.retired)
      return {
        leaves,
        apply: (tx) =>
          restorePerson(tx, matching, instance, personId, { applied: compare.changed, before: compare.before }),
      };
    const unlinking = await readUnmerging(db, personId, identify.retired.personId);
    const by = [instance.saga];
    return {
      leaves,
      publish: [personUnlinked(instance, unlinking.link, { by, code: "MG-501", at: clock.now() })],
      apply: async (tx) => void (await unlink(tx, matching, unlinking, { by, journeyId })),
    };
  };
