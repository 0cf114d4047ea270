// The step that has values written to the ERP, and the way back.

import type { PatientValues, PersonMatching } from "#canonical/contracts";
import type { Effects } from "#engine/backbone";
import type { StepEnd } from "#engine/sagas";
import type { Basis, Values, WriteSettled } from "#engine/writeback";
import type { Tx } from "#kernel/db";
import { keepKnown } from "./findable.ts";
import { leafMaker } from "./leaves.ts";
import type { KnownFields } from "./person.ts";
import { forgotten } from "./restore.ts";
import { unsay } from "./spoken/store.ts";
import { readPerson } from "./store.ts";
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
  ({ writeback, clock, matching }: DemographicsOptions) =>
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
      apply: (tx) => restorePerson(tx, matching, instance, personId, { applied, before }),
    };
  };

/** Puts back what was known before of those fields that nobody has said anything else of since. */
export async function restorePerson(
  tx: Tx,
  matching: PersonMatching,
  { journeyId }: { readonly journeyId: string },
  id: string,
  { applied, before }: Pick<Decided, "applied" | "before">,
): Promise<void> {
  const person = await readPerson(tx, id);
  if (!person) return;
  await keepKnown(tx, matching, [{ ...person, fields: forgotten(person.fields, applied, before), newKeys: [] }]);
  if (person.joined) await unsay(tx, id, journeyId, Object.keys(applied));
}
