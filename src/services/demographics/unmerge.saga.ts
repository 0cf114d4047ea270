// The saga that takes a link back: two stewards agree, both persons part, and the ERP's records follow.
//
//   look ─▶ approval ─▶ takeBack ─▶ write ─▶ written ─▶ writeOther ─▶ writtenOther ─▶ close
//     │ no such link        the person store, then the record of the one that lived on, then the other's
//     └─▶ end

import type { Asked } from "#engine/sagas";
import { defineSaga, END, type SagaDefinition } from "#engine/sagas";
import type { WriteSettled } from "#engine/writeback";
import { toStewards } from "./failures.ts";
import { leafMaker } from "./leaves.ts";
import { pendingTill } from "./pending.ts";
import { writeSettled, writtenOutcome } from "./settled.ts";
import type { DemographicsOptions } from "./types.ts";
import { askToUnlink, look } from "./unmerge/look.ts";
import { closeUnmerge, takeBack } from "./unmerge/take-back.ts";
import type { TakenBack, UnlinkRequest } from "./unmerge/types.ts";
import { askToRepair, sideOf, writeSide } from "./unmerge/write.ts";

const NAME = "demographics.unmerge";

type SoFar = { readonly results: { readonly takeBack?: TakenBack | undefined } };
const writes =
  (which: keyof TakenBack) =>
  ({ results }: SoFar): boolean =>
    Object.keys(sideOf(results, which)?.values ?? {}).length > 0;
const writesPerson = writes("person");
const writesOther = writes("other");
const isRefused = (settled: WriteSettled | undefined): boolean => settled?.state === "refused";

/** The definition of `demographics.unmerge`. */
export function unmergeSaga(options: DemographicsOptions): SagaDefinition {
  const { clock, writeback } = options;
  return defineSaga<UnlinkRequest>({
    name: NAME,
    version: 1,
    topic: "unlink.requested",
    read: (message) => JSON.parse(message.body.toString()) as UnlinkRequest,
    settle: (thrown) => writeback.holdWhileDown(thrown) ?? pendingTill(clock, thrown),
    failures: toStewards,
    onEnd: ({ results, instance, ended }) => ({
      leaves: [leafMaker(clock, instance)("completed", endingOf(results, ended), { detail: { ends: true } })],
    }),
  })
    .step("look", { reads: true, run: look(options), ways: { unchanged: END } })
    .ask("approval", { ask: askToUnlink(options), ways: { leave: END, withdrawn: END } })
    .step("takeBack", {
      reads: true,
      when: ({ results }) => results.approval.action === "unlink",
      run: takeBack(options),
      ways: { unchanged: END },
    })
    .step("write", { reads: true, when: writesPerson, run: writeSide(options, "person") })
    .wait("written", { when: writesPerson, event: writeSettled(NAME), outcome: writtenOutcome })
    .ask("repair", {
      when: (context) => writesPerson(context) && isRefused(context.results.written),
      ask: ({ results, ...context }) =>
        askToRepair(options, "person")({ ...context, results: { ...results, settled: results.written } }),
      ways: { retry: "write" },
    })
    .step("writeOther", { reads: true, when: writesOther, run: writeSide(options, "other") })
    .wait("writtenOther", { when: writesOther, event: writeSettled(NAME), outcome: writtenOutcome })
    .ask("repairOther", {
      when: (context) => writesOther(context) && isRefused(context.results.writtenOther),
      ask: ({ results, ...context }) =>
        askToRepair(options, "other")({ ...context, results: { ...results, settled: results.writtenOther } }),
      ways: { retry: "writeOther" },
    })
    .step("close", { reads: true, run: closeUnmerge() })
    .end();
}

function endingOf(
  { look: looked, approval, takeBack: taken }: { look?: unknown; approval?: Asked; takeBack?: TakenBack },
  ended: string,
): string {
  if (ended !== "completed") return ended;
  if (taken) return "applied";
  if (!looked || approval?.action === "unlink") return "unchanged";
  return approval?.action === "withdrawn" ? "superseded" : "refused";
}
