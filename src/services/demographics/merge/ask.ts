// What a merge asks people: whether the two are one, and what to do about a write that the ERP refused.

import type { Effects, NewMessage } from "#engine/backbone";
import type { Asked, Ended, StepEnd } from "#engine/sagas";
import type { NewItem } from "#engine/work";
import type { WriteSettled } from "#engine/writeback";
import { personChanged } from "../close.ts";
import { leafMaker } from "../leaves.ts";
import { repairItem } from "../repair.ts";
import type { DemographicsOptions } from "../types.ts";
import type { MergeCompared, MergeContext, Merged, MergeIdentified } from "./types.ts";

type Results = {
  readonly identify: MergeIdentified;
  readonly compare: MergeCompared;
  readonly merge?: Merged | undefined;
};
type Question = Effects & { readonly item: Omit<NewItem, "reply" | "journeyId"> };

/** Asks as many people as the rules want whether the two are one. */
export const askToMerge =
  ({ clock }: DemographicsOptions) =>
  async ({ input, results, instance }: MergeContext<Results>): Promise<Question> => {
    const { compare, identify } = results;
    const ask = compare.ask!;
    const now = clock.now();
    return {
      leaves: [leafMaker(clock, instance)("asked", "waiting", { code: ask.reason })],
      item: {
        queue: ask.queue,
        domain: ask.domain,
        reason: ask.reason,
        criticality: ask.criticality,
        subject: identify.survivor.personId,
        title: ask.apart ? "Merge of two persons who are never the same" : "Merge of two persons",
        content: {
          kind: identify.kind,
          restricted: ask.restricted,
          rows: ask.rows,
          survivor: { identifiers: input.survivor.identifiers, erpVersion: compare.survivor.erp?.version ?? null },
          retired: { identifiers: input.retired.identifiers, erpVersion: compare.retired?.erp?.version ?? null },
          reasons: ask.reasons,
          ...(ask.apart ? { neverTheSame: ask.apart } : {}),
          ...(ask.wentStale ? { wentStale: true } : {}),
        },
        tried: ask.reasons,
        actions: ask.actions,
        excluded: [input.source],
        dueAt: new Date(now + ask.dueMs),
        ...(ask.expiresMs === undefined ? {} : { expiresAt: new Date(now + ask.expiresMs) }),
      },
    };
  };

/** Asks a steward about a write of the merge that did not come through. */
export const askToRepair =
  ({ clock }: DemographicsOptions, of: "survivor" | "retired") =>
  async ({
    results,
    instance,
  }: MergeContext<Results & { readonly settled: WriteSettled | undefined }>): Promise<Question> => {
    const named = (of === "retired" ? results.identify.retired : undefined) ?? results.identify.survivor;
    const item = repairItem(clock, results.settled, {
      subject: named.personId,
      title: "The ERP refused a part of a merge of two persons",
      content: { record: of },
    });
    return { leaves: [leafMaker(clock, instance)("asked", "waiting", { code: item.reason })], item };
  };

/** Tells others which persons are known differently now. */
export const closeMerge =
  () =>
  async ({ results, instance }: MergeContext<Results>): Promise<StepEnd<{ readonly merged: boolean }>> => {
    const { identify, merge } = results;
    const publish: NewMessage[] = [];
    if (merge) publish.push(personChanged(instance, identify.survivor.personId, merge.changed, undefined));
    if (merge && identify.retired)
      publish.push(personChanged(instance, identify.retired.personId, ["mergedIntoId"], undefined));
    return { result: { merged: merge !== undefined }, publish };
  };

/** The word for the end of a merge. */
export function mergeEnding(
  results: Partial<Results> & { readonly approval?: Asked | undefined },
  ended: Ended,
): "applied" | "unchanged" | "refused" | "expired" | "superseded" | Ended {
  if (ended !== "completed") return ended;
  if (results.merge) return "applied";
  if (!results.compare?.ask) return "unchanged";
  const { action } = results.approval ?? {};
  return action === "expired" ? "expired" : action === "withdrawn" ? "superseded" : "refused";
}
