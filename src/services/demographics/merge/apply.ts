// The merge in the person store: one of the two lives on, and what the other went by leads there.

import type { PatientValues } from "#canonical/contracts";
import { patientNumber, patientRecordFromPerson, patientValuesFromPerson } from "#canonical/maps";
import type { PersonField } from "#canonical/model";
import type { Effects } from "#engine/backbone";
import type { Asked, StepEnd } from "#engine/sagas";
import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { personOf } from "../identify.ts";
import { leafMaker } from "../leaves.ts";
import { insertLink, moveIdentifiers, readHoldings, setMergedInto, takeNumbers } from "../links/store.ts";
import { unlink } from "../links/unlink.ts";
import { newest, valuesOf } from "../person.ts";
import { moveToSurvivor, renewProposal } from "../proposals/store.ts";
import { takenOver } from "../proposals/take-over.ts";
import { newSubject, type Subject } from "../statement.ts";
import { type Keeping, keepPersons, readPerson } from "../store.ts";
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
    return {
      result: {
        changed: Object.keys(compare.changed) as PersonField[],
        values: survivorValues(context),
      },
      leaves: [leafMaker(options.clock, instance)("merged", OUTCOMES[identify.kind])],
      ...(taking?.publish ? { publish: taking.publish } : {}),
      apply: async (tx) => {
        if (compare.survivor.erp && survivor.version === undefined)
          await options.writeback.adopt(tx, survivor.id, compare.survivor.erp);
        if (retired) await retire(tx, options, context, survivor, retired);
        await keepPersons(tx, [survivorKept(context, survivor)]);
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

function survivorKept({ results }: Context, survivor: Subject): Keeping {
  const { compare, identify } = results;
  const number = compare.changed.nhsNumber?.value;
  const status = survivor.numbers.find((held) => held.number === number)?.status ?? "02";
  return {
    ...survivor,
    fields: { ...survivor.fields, ...compare.changed },
    newKeys: identify.survivor.newKeys,
    ...(typeof number === "string" ? { number: { value: number, status } } : {}),
  };
}

/** Everything the retired one went by leads to the survivor; the link keeps what it takes to undo that. */
async function retire(
  tx: Tx,
  { writeback }: DemographicsOptions,
  { instance, results }: Context,
  survivor: Subject,
  retired: Subject,
): Promise<void> {
  const { compare, identify } = results;
  await keepPersons(tx, [{ ...retired, newKeys: identify.retired?.newKeys ?? [] }]);
  if (compare.retired?.erp && retired.version === undefined) await writeback.adopt(tx, retired.id, compare.retired.erp);
  if (survivor.version === undefined) await keepPersons(tx, [{ ...survivor, newKeys: [] }]);
  const [own, { keys, numbers }] = await Promise.all([readHoldings(tx, survivor.id), readHoldings(tx, retired.id)]);
  await takeNumbers(tx, retired.id, survivor.id);
  await moveIdentifiers(tx, keys, retired.id, survivor.id);
  await setMergedInto(tx, { id: retired.id, version: (retired.version ?? 0) + 1 }, survivor.id);
  await insertLink(tx, {
    id: newId(),
    kind: "merged",
    personId: survivor.id,
    otherId: retired.id,
    by: results.approval?.by.map(({ name }) => name) ?? [],
    journeyId: instance.journeyId,
    version: survivor.version ?? 0,
    before: {
      fields: compare.before,
      applied: compare.changed,
      keys,
      numbers,
      own: own.numbers.map(({ number }) => number),
    },
    undoes: null,
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
  ({ clock }: DemographicsOptions) =>
  async ({ results, instance }: Context): Promise<Effects> => {
    const { identify, compare } = results;
    const { personId } = identify.survivor;
    return {
      leaves: [leafMaker(clock, instance)("unmerged", "ok", { code: "MG-501" })],
      apply: async (tx) => {
        const { journeyId } = instance;
        if (identify.retired)
          await unlink(tx, { personId, otherId: identify.retired.personId, by: [instance.saga], journeyId });
        else await restorePerson(tx, personId, compare.changed, compare.before);
      },
    };
  };
