// The step that asks a person, and the one before it that looks whether there is still something to ask.

import type { Effects } from "#engine/backbone";
import type { StepEnd } from "#engine/sagas";
import type { NewItem } from "#engine/work";
import type { WriteSettled } from "#engine/writeback";
import { leafMaker } from "./leaves.ts";
import { moveProposal } from "./proposals/store.ts";
import { APPROVAL_TITLE } from "./proposals/take-over.ts";
import { repairItem } from "./repair.ts";
import { readPerson } from "./store.ts";
import type { Compared, Decided, DemographicsOptions, UpdateContext } from "./types.ts";

type Results = {
  readonly compare: Compared;
  readonly decide: Decided;
  readonly written?: WriteSettled | undefined;
};
type Context = UpdateContext<Results>;

/** The version of the ERP's record that a question was shown at: the one our own write beside it has left. */
export const shownVersion = (decided: Decided, written: WriteSettled | undefined): string | undefined =>
  (Object.keys(decided.values).length > 0 ? written?.version : undefined) ?? decided.ask?.erpVersion;

/** While the write was under way a later statement may have taken the proposal over. */
export const stands =
  ({ db }: DemographicsOptions) =>
  async ({ results, instance }: Context): Promise<StepEnd<{ readonly stands: boolean }>> => {
    const person = await readPerson(db, results.compare.personId);
    const isOurs = person?.proposal?.instanceId === instance.id || person?.mergedInto !== null;
    return { result: { stands: isOurs } };
  };

type Item = Omit<NewItem, "reply" | "journeyId">;

/** Asks for a decision on exactly what is shown. */
export const approval =
  ({ clock }: DemographicsOptions) =>
  async ({ results, instance, input }: Context): Promise<Effects & { readonly item: Item }> => {
    const { compare, decide } = results;
    const ask = decide.ask!;
    const now = clock.now();
    const { name, version } = decide.decision.pack;
    return {
      leaves: [leafMaker(clock, instance)("asked", "waiting", { code: ask.reason })],
      apply: (tx) => moveProposal(tx, instance.id, "open", "asked"),
      item: {
        queue: ask.queue,
        domain: ask.domain,
        reason: ask.reason,
        criticality: ask.criticality,
        subject: compare.personId,
        title: APPROVAL_TITLE,
        content: {
          restricted: compare.restricted,
          rows: ask.rows,
          erpVersion: shownVersion(decide, results.written) ?? null,
          pack: { name, version },
          reasons: ask.reasons,
          ...(ask.erpChangedAt === undefined ? {} : { erpChangedAt: ask.erpChangedAt }),
          ...(ask.wentStale ? { wentStale: true } : {}),
          ...(input.comment === undefined ? {} : { comment: input.comment }),
        },
        tried: ask.reasons,
        actions: ask.actions,
        excluded: ask.sources,
        dueAt: new Date(now + ask.dueMs),
        ...(ask.expiresMs === undefined ? {} : { expiresAt: new Date(now + ask.expiresMs) }),
      },
    };
  };

/** Asks a steward about a write that the ERP refused: to try it again from the comparison on, or to leave it. */
export const repair =
  ({ clock }: DemographicsOptions) =>
  async ({ results, instance }: Context): Promise<Effects & { readonly item: Item }> => {
    const item = repairItem(clock, results.written, {
      subject: results.compare.personId,
      title: "The ERP refused a change of a person's demographics",
      content: { fields: Object.keys(results.decide.values) },
    });
    return { leaves: [leafMaker(clock, instance)("asked", "waiting", { code: item.reason })], item };
  };
