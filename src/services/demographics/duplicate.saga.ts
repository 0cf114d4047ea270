// The saga of a pair that may be one person: a steward says whether it is, and is never asked again where it is not.
//
//   match ─▶ ask ─▶ settle     same: a statement that the two are one, for `demographics.merge`; different: kept apart for ever
//     └─▶ end: the two are one, kept apart, or asked about already

import { type Asked, defineSaga, END, type SagaDefinition } from "#engine/sagas";
import { askAboutPair, matchPair, settlePair } from "./duplicates/steps.ts";
import { settleSuspicion } from "./duplicates/store.ts";
import type { Suspected } from "./duplicates/types.ts";
import { leafMaker } from "./leaves.ts";
import type { DemographicsOptions } from "./types.ts";

const FOUR_HOURS_MS = 4 * 3_600_000;

/** The definition of `demographics.duplicate`. */
export function duplicateSaga(options: DemographicsOptions): SagaDefinition {
  const { clock } = options;
  return defineSaga<Suspected>({
    name: "demographics.duplicate",
    version: 1,
    topic: "duplicate.suspected",
    read: (message) => JSON.parse(message.body.toString()) as Suspected,
    failures: {
      queue: "match-steward",
      domain: "demographics",
      criticality: "normal",
      dueMs: FOUR_HOURS_MS,
      roles: ["steward"],
    },
    onEnd: ({ results, instance, ended }) => ({
      leaves: [leafMaker(clock, instance)("completed", endingOf(results, ended), { detail: { ends: true } })],
      ...(ended === "completed" ? {} : { apply: (tx) => settleSuspicion(tx, instance.id, "dropped") }),
    }),
  })
    .step("match", { reads: true, run: matchPair(options), ways: { superseded: END } })
    .ask("ask", { ask: askAboutPair(options) })
    .step("settle", { reads: true, run: settlePair(options) })
    .end();
}

function endingOf({ ask, settle }: { ask?: Asked; settle?: { outcome: string } }, ended: string): string {
  if (ended !== "completed") return ended;
  return settle?.outcome ?? (ask ? "dropped" : "superseded");
}
