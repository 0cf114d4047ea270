// The step that has values written to the ERP, and the way back.

import type { PatientValues } from "#canonical/contracts";
import type { Effects } from "#engine/backbone";
import type { StepEnd } from "#engine/sagas";
import type { Basis, Values, WriteSettled } from "#engine/writeback";
import type { Tx } from "#kernel/db";
import { leafMaker } from "./leaves.ts";
import { type KnownFields, type Said, saidOf } from "./person.ts";
import { keepPersons, readPerson } from "./store.ts";
import type { Compared, Decided, DemographicsOptions, ErpNow, Identified, UpdateContext } from "./types.ts";

/** What it takes to undo a write. */
export type Written = {
  readonly idempotencyKey: string;
  readonly personId: string;
  /** What the ERP held before of the fields written; absent where the record was created. */
  readonly restores?: PatientValues;
  /** What the person store took in, and what it held before. */
  readonly applied: KnownFields;
  readonly before: KnownFields;
};

type Before = { readonly identify: Identified; readonly compare: Compared; readonly decide: Decided };

/** Hands the decided values to write-back: in this very commit, so the step only reads elsewhere. */
export const write =
  ({ writeback }: DemographicsOptions) =>
  async (context: UpdateContext<Before>): Promise<StepEnd<Written>> => {
    const { compare, decide } = context.results;
    const { values, strict } = decide;
    const { erp, personId } = compare;
    const effects = writeback.request(
      {
        subject: personId,
        idempotencyKey: context.key,
        values: values as Values,
        eventAt: Date.parse(context.input.eventAt),
        ...(erp ? { basis: basisOf(erp, compare.doubtful && !strict, strict) } : {}),
      },
      context.instance,
    );
    const restores =
      erp &&
      Object.fromEntries(Object.keys(values).map((field) => [field, erp.values[field as keyof PatientValues] ?? null]));
    return {
      result: {
        idempotencyKey: context.key,
        personId,
        ...(restores ? { restores } : {}),
        applied: decide.applied,
        before: decide.before,
      },
      ...effects,
    };
  };

/** A basis of no version and no values makes write-back compare the record with what we saw of it last. */
const basisOf = ({ version, values }: ErpNow, isDoubtful: boolean, strict: boolean): Basis =>
  isDoubtful ? { version: "", values: {}, strict: false } : { version, values: values as Values, strict };

/** Restores what the ERP and the person store held before, unless somebody has changed it since. A record made stays. */
export const unwrite =
  ({ writeback, clock }: DemographicsOptions) =>
  async (
    context: UpdateContext<{ readonly compare: Compared; readonly written?: WriteSettled | undefined }> & {
      readonly result: Written;
    },
  ): Promise<Effects> => {
    const { result, instance, key, results } = context;
    const { personId, restores, applied, before } = result;
    const version = results.written?.idempotencyKey === result.idempotencyKey ? results.written.version : undefined;
    const request =
      restores &&
      writeback.request(
        {
          subject: personId,
          idempotencyKey: key,
          values: restores as Values,
          eventAt: clock.now(),
          ...(version ? { basis: { version, values: {}, strict: true } } : {}),
        },
        instance,
      );
    return {
      leaves: [leafMaker(clock, instance)("undone", restores ? "ok" : "kept")],
      ...request,
      apply: (tx) => restorePerson(tx, personId, applied, before),
    };
  };

/** Puts back what was known before of those fields that nobody has said anything else of since. */
export async function restorePerson(tx: Tx, id: string, applied: KnownFields, before: KnownFields): Promise<void> {
  const person = await readPerson(tx, id);
  if (!person) return;
  await keepPersons(tx, [{ ...person, fields: forgotten(person.fields, applied, before), newKeys: [] }]);
}

/** `known` with `before` in place of what is still as `applied`. */
export const restored = (known: KnownFields, applied: KnownFields, before: KnownFields): KnownFields =>
  putBack(known, applied, before, (now, then) => now.at === then.at && now.source === then.source);

/**
 * `known` with `before` in place of what still has the value of `applied`, which is not in the ERP. Who said it again since
 * was told that nothing is new: said once more, it has to be.
 */
export const forgotten = (known: KnownFields, applied: KnownFields, before: KnownFields): KnownFields =>
  putBack(known, applied, before, (now, then) => now.at >= then.at);

function putBack(
  known: KnownFields,
  applied: KnownFields,
  before: KnownFields,
  isStill: (now: Said, then: Said) => boolean,
): KnownFields {
  const fields: Record<string, Said> = { ...known };
  for (const [field, said] of saidOf(applied)) {
    const now = fields[field];
    if (now?.value !== said.value || !isStill(now, said)) continue;
    const earlier = before[field];
    if (earlier) fields[field] = earlier;
    else delete fields[field];
  }
  return fields;
}
