// Decisions that rules made, as measures count them: how many, and whether anybody was asked.

import type { RouteOptions } from "../route-options.ts";

/** Decisions counted: the oldest of the period, up to so many. */
export const MOST_DECISIONS = 5_000;

/** Of what rules decided since an instant, whatever changes something; the oldest first. */
export async function* decisionsOf(
  { recordedDecisions }: Pick<RouteOptions, "recordedDecisions">,
  since: Date,
): AsyncIterable<{ readonly journeyId: string; readonly at: Date; readonly isAutomatic: boolean }> {
  let counted = 0;
  for await (const { journeyId, at, decision } of recordedDecisions(since)) {
    if (decision.fields.every(({ verdict }) => verdict === "same")) continue;
    yield { journeyId, at, isAutomatic: decision.ask === null && decision.person.verdict === "proceed" };
    counted += 1;
    if (counted === MOST_DECISIONS) return;
  }
}
