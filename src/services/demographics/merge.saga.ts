// The saga of one statement that two identifiers are one person: nobody is merged without people who say so.
//
//   identify ─▶ compare ─▶ approval ─▶ merge ─▶ write ─▶ written ─▶ retire ─▶ retired ─▶ close
//      nothing new └─▶ end    │ approved   the person store, then the survivor's record, then the retired one's
//                  ▲          │
//                  └──────────┘ looked at again: both as they were shown, or they are shown again

import type { PersonMerge } from "#canonical/model";
import { defineSaga, END, type SagaDefinition } from "#engine/sagas";
import type { WriteSettled } from "#engine/writeback";
import { toStewards } from "./failures.ts";
import { leafMaker } from "./leaves.ts";
import { mergePersons, unmerge } from "./merge/apply.ts";
import { askToMerge, askToRepair, closeMerge, mergeEnding } from "./merge/ask.ts";
import { compareBoth } from "./merge/compare.ts";
import { identifyBoth } from "./merge/identify.ts";
import type { MergeCompared, Merged, MergeIdentified } from "./merge/types.ts";
import { unwriteOne, writeRetired, writeSurvivor } from "./merge/write.ts";
import { pendingTill } from "./pending.ts";
import { writeSettled, writtenOutcome } from "./settled.ts";
import type { DemographicsOptions } from "./types.ts";

const NAME = "demographics.merge";

type SoFar = {
  readonly results: {
    readonly identify: MergeIdentified;
    readonly compare: MergeCompared;
    readonly merge?: Merged | undefined;
  };
};
const mayMerge = ({ results }: SoFar): boolean => results.compare.ask === undefined;
const writes = ({ results }: SoFar): boolean => Object.keys(results.merge?.values ?? {}).length > 0;
const retires = ({ results }: SoFar): boolean => results.merge !== undefined && results.identify.retired !== undefined;
const isRefused = (settled: WriteSettled | undefined): boolean => settled?.state === "refused";

/** The definition of `demographics.merge`. */
export function mergeSaga(options: DemographicsOptions): SagaDefinition {
  const { clock, writeback } = options;
  return defineSaga<PersonMerge>({
    name: NAME,
    version: 1,
    topic: "person.merged",
    read: (message) => JSON.parse(message.body.toString()) as PersonMerge,
    keep: (input) => ({ ...input, raw: {}, findings: [] }),
    settle: (thrown) => writeback.holdWhileDown(thrown) ?? pendingTill(clock, thrown),
    failures: toStewards,
    onEnd: ({ results, instance, ended }) => ({
      leaves: [leafMaker(clock, instance)("completed", mergeEnding(results, ended), { detail: { ends: true } })],
    }),
  })
    .step("identify", { reads: true, run: identifyBoth(options) })
    .step("compare", { reads: true, run: compareBoth(options), ways: { unchanged: END } })
    .ask("approval", {
      when: ({ results }) => results.compare.ask !== undefined,
      ask: askToMerge(options),
      ways: { approve: "compare" },
    })
    .step("merge", { reads: true, when: mayMerge, run: mergePersons(options), undo: unmerge(options) })
    .step("write", { reads: true, when: writes, run: writeSurvivor(options), undo: unwriteOne(options) })
    .wait("written", { when: writes, event: writeSettled(NAME), outcome: writtenOutcome })
    .ask("repair", {
      when: (context) => writes(context) && isRefused(context.results.written),
      ask: ({ results, ...context }) =>
        askToRepair(options, "survivor")({ ...context, results: { ...results, settled: results.written } }),
      ways: { retry: "write" },
    })
    .step("retire", { reads: true, when: retires, run: writeRetired(options), undo: unwriteOne(options) })
    .wait("retired", { when: retires, event: writeSettled(NAME), outcome: writtenOutcome })
    .ask("repairRetired", {
      when: (context) => retires(context) && isRefused(context.results.retired),
      ask: ({ results, ...context }) =>
        askToRepair(options, "retired")({ ...context, results: { ...results, settled: results.retired } }),
      ways: { retry: "retire" },
    })
    .step("close", { reads: true, run: closeMerge() })
    .end();
}
