// Decisions as they were recorded, for trying other rules on them.

import type { Sagas } from "#engine/sagas";
import type { Decided } from "./types.ts";

const SAGA = "demographics.update";
const STEP = "decide";

/** One decision: under which pack, on what it was decided, and when. */
export type RecordedDecision = Pick<Decided, "decision" | "input"> & { readonly journeyId: string; readonly at: Date };

/** The decisions of `demographics.update` since an instant, oldest first. Their inputs are personal values. */
export async function* recordedDecisions(sagas: Pick<Sagas, "recorded">, since: Date): AsyncIterable<RecordedDecision> {
  for await (const { journeyId, at, result } of sagas.recorded(SAGA, STEP, since)) {
    const { decision, input } = result as Decided;
    yield { journeyId, at, decision, input };
  }
}

/** What was decided last in a journey; undefined: nothing was. */
export async function recordedDecisionOf(
  sagas: Pick<Sagas, "ofJourney" | "instance">,
  journeyId: string,
): Promise<Pick<Decided, "decision" | "input"> | undefined> {
  const instances = await sagas.ofJourney(journeyId);
  const mine = instances.find(({ saga }) => saga === SAGA);
  const { journal } = mine ? await sagas.instance(mine.id) : { journal: [] };
  return journal.findLast(({ step, kind }) => step === STEP && kind === "ran")?.result as Decided | undefined;
}
