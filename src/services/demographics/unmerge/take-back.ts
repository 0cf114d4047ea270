// The link is taken back in the person store: each goes by what is its own again, and the two are never joined by themselves.

import type { PatientValues } from "#canonical/contracts";
import { patientRecordFromPerson, patientValuesFromPerson } from "#canonical/maps";
import { type PersonChanges, type PersonField, whereabouts } from "#canonical/model";
import type { NewMessage } from "#engine/backbone";
import type { Asked, StepEnd } from "#engine/sagas";
import { LockgateError } from "#kernel/errors";
import { spanOf } from "#kernel/trace";
import { personChanged } from "../close.ts";
import { readErp } from "../compare.ts";
import { leafMaker } from "../leaves.ts";
import { keepApart } from "../links/apart.ts";
import { personUnlinked } from "../links/told.ts";
import { standingUnlinking, type Unlinking, unlink } from "../links/unlink.ts";
import { type KnownFields, valuesOf } from "../person.ts";
import type { DemographicsOptions, ErpNow } from "../types.ts";
import { differing } from "./look.ts";
import { identifierOf, type TakenBack, type TakenSide, type UnmergeContext } from "./types.ts";

type Context = UnmergeContext<{ readonly approval?: Asked | undefined }>;

/**
 * Takes the link back in this very commit. Outcome `unchanged`: it was taken back meanwhile.
 * @throws PERSON_UNDECIDED while a change of the person waits for a decision: it may be about either of the two
 */
export const takeBack =
  (options: DemographicsOptions) =>
  async (context: Context): Promise<StepEnd<TakenBack | undefined>> => {
    const { db, clock, matching } = options;
    const { input, instance, results } = context;
    const { journeyId } = instance;
    const by = results.approval?.by.map(({ name }) => name) ?? [];
    const unlinking = await standingUnlinking(db, input.linkId);
    if (!unlinking) return { result: undefined, outcome: "unchanged" };
    const { link, person, other } = unlinking;
    if (person.proposal) throw new LockgateError("PERSON_UNDECIDED");
    const taken = await takenOf(options, context, unlinking);
    return {
      result: taken,
      leaves: [leafMaker(clock, instance)("unlinked", "ok", { code: "MG-501" })],
      publish: [
        personUnlinked(instance, { ...link, otherId: other?.id ?? null }, { by, code: "MG-501", at: clock.now() }),
      ],
      apply: async (tx) => {
        await unlink(tx, matching, unlinking, { by, journeyId });
        if (other)
          await keepApart(tx, matching, { oneId: person.id, otherId: other.id, by, journeyId, code: "MG-501" });
      },
    };
  };

async function takenOf(
  { writeback }: DemographicsOptions,
  { instance, signal }: Context,
  { link, person, fields, other }: Unlinking,
): Promise<TakenBack> {
  const recordOf = async (personId: string): Promise<ErpNow | undefined> => {
    const externalId = await writeback.externalIdOf(personId);
    return externalId === undefined
      ? undefined
      : readErp(writeback, externalId, { traceparent: spanOf(instance), signal });
  };
  const [erp, otherErp] = await Promise.all([recordOf(person.id), other?.person && recordOf(other.id)]);
  const changed = differing(person.fields, fields);
  const written = [...new Set([...changed, ...(Object.keys(link.before.applied) as PersonField[])])];
  return {
    person: {
      personId: person.id,
      changed,
      values: erp ? patientValuesFromPerson(namedOf(fields, written, person.restricted)) : {},
      ...(erp ? { erp } : {}),
    },
    ...(other ? { other: sideOf(other, otherErp, person.restricted) } : {}),
  };
}

/** The other points to nobody any more. A record of its own is made where there is none. */
function sideOf(
  { id, held, parted }: NonNullable<Unlinking["other"]>,
  erp: ErpNow | undefined,
  restricted: boolean,
): TakenSide {
  const { otherFields, keys } = parted;
  const changed = differing(held, otherFields);
  const values: PatientValues = erp
    ? { mergedIntoId: null, ...patientValuesFromPerson(namedOf(otherFields, changed, restricted)) }
    : patientRecordFromPerson(valuesOf(otherFields), keys.map(identifierOf));
  return { personId: id, changed, values, ...(erp ? { erp } : {}) };
}

/** The values of some fields, those that are not known any more as blanks. */
const namedOf = (fields: KnownFields, names: readonly PersonField[], restricted: boolean): PersonChanges =>
  Object.fromEntries(
    names.flatMap((field) => (restricted && whereabouts.has(field) ? [] : [[field, fields[field]?.value ?? null]])),
  );

/** Tells others that both are known differently now. */
export const closeUnmerge =
  () =>
  async ({
    results,
    instance,
  }: UnmergeContext<{ readonly takeBack?: TakenBack | undefined }>): Promise<
    StepEnd<{ readonly unlinked: boolean }>
  > => {
    const { person, other } = results.takeBack ?? {};
    const publish: NewMessage[] = [];
    if (person) publish.push(personChanged(instance, person.personId, person.changed, undefined));
    if (other) publish.push(personChanged(instance, other.personId, ["mergedIntoId", ...other.changed], undefined));
    return { result: { unlinked: person !== undefined }, publish };
  };
