// The two writes of a merge: the survivor's values, then the retired record's pointer to the survivor.

import type { PatientValues } from "#canonical/contracts";
import type { Effects } from "#engine/backbone";
import type { Asked, StepEnd } from "#engine/sagas";
import type { Values } from "#engine/writeback";
import { spanOf } from "#kernel/trace";
import { readErp } from "../compare.ts";
import type { DemographicsOptions, ErpNow } from "../types.ts";
import type { MergeCompared, MergeContext, Merged, MergeIdentified, MergeWritten } from "./types.ts";

type Results = {
  readonly identify: MergeIdentified;
  readonly compare: MergeCompared;
  readonly merge?: Merged | undefined;
  /** Set where a person has the write tried again. */
  readonly repair?: Asked | undefined;
  readonly repairRetired?: Asked | undefined;
};
type Context = MergeContext<Results>;

/** Has the survivor's values written at the version that was approved, or at the one a person has it tried again at. */
export const writeSurvivor = (options: DemographicsOptions) => async (context: Context) => {
  const { identify, compare, merge, repair } = context.results;
  const now = repair ? await readNow(options, compare.survivor.erp, context) : compare.survivor.erp;
  return requested(options, context, identify.survivor.personId, merge?.values ?? {}, now);
};

/** Points the retired record to the survivor's. */
export const writeRetired = (options: DemographicsOptions) => async (context: Context) => {
  const { identify, compare, repairRetired } = context.results;
  const now = repairRetired ? await readNow(options, compare.retired?.erp, context) : compare.retired?.erp;
  const values = { mergedIntoId: compare.survivor.erp?.externalId ?? null };
  return requested(options, context, identify.retired?.personId ?? "", values, now);
};

/** Restores what the record held before. */
export const unwriteOne =
  ({ writeback, clock }: DemographicsOptions) =>
  async ({ result, key, instance }: Context & { readonly result: MergeWritten }): Promise<Effects> => {
    const { subject, restores } = result;
    if (!restores) return {};
    const values = restores as Values;
    return writeback.request({ subject, idempotencyKey: key, values, eventAt: clock.now() }, instance);
  };

async function readNow(
  { writeback }: DemographicsOptions,
  record: ErpNow | undefined,
  { instance, signal }: Context,
): Promise<ErpNow | undefined> {
  if (!record) return undefined;
  return readErp(writeback, record.externalId, { traceparent: spanOf(instance), signal });
}

function requested(
  { writeback }: DemographicsOptions,
  { key, input, instance }: Context,
  subject: string,
  values: PatientValues,
  now: ErpNow | undefined,
): StepEnd<MergeWritten> {
  const effects = writeback.request(
    {
      subject,
      idempotencyKey: key,
      values: values as Values,
      eventAt: Date.parse(input.eventAt),
      ...(now ? { basis: { version: now.version, values: now.values as Values, strict: true } } : {}),
    },
    instance,
  );
  const held: PatientValues = now?.values ?? {};
  const restores = Object.fromEntries(
    Object.keys(values).map((field) => [field, held[field as keyof PatientValues] ?? null]),
  );
  return {
    result: { subject, idempotencyKey: key, ...(now ? { restores } : {}) },
    ...effects,
  };
}
