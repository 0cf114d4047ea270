// Decisions as they were recorded, for trying other rules on them.

import type { Sagas } from "#engine/sagas";
import type { Decided } from "./types.ts";

/** One decision: under which pack, on what it was decided, and when. */
export type RecordedDecision = Pick<Decided, "decision" | "input"> & { readonly journeyId: string; readonly at: Date };

/** The decisions of `demographics.update` since an instant, oldest first. Their inputs are personal values. */
export async function* recordedDecisions(sagas: Pick<Sagas, "recorded">, since: Date): AsyncIterable<RecordedDecision> {
  for await (const { journeyId, at, result } of sagas.recorded("demographics.update", "decide", since)) {
    const { decision, input } = result as Decided;
    yield { journeyId, at, decision, input };
  }
}
