// Where the time of a journey went: at work, waiting for a person, or waiting for the next attempt.

import type { Milestone } from "../../api/journeys.ts";

export type Kind = "work" | "person" | "attempt";

/** From one milestone to the next. */
export type Stretch = { readonly kind: Kind; readonly fromMs: number; readonly toMs: number };

const ENDS_ASKING = new Set([
  "work.decided",
  "work.expired",
  "work.withdrawn",
  "dead-letter.replayed",
  "dead-letter.dismissed",
  "dead-letter.resubmitted",
]);
const BEGINS_ASKING = new Set(["asked", "work.opened", "dead-letter.parked"]);

/** What is waited for after each milestone in turn, up to `untilMs` for what is not over. */
export function stretchesOf(milestones: readonly Milestone[], untilMs?: number): readonly Stretch[] {
  let isAsked = false;
  return milestones.flatMap(({ at = "", name = "", outcome }, index) => {
    const next = milestones[index + 1];
    const toMs = next ? Date.parse(next.at ?? "") : untilMs;
    if (BEGINS_ASKING.has(name) || outcome === "refused") isAsked = true;
    if (ENDS_ASKING.has(name)) isAsked = false;
    const fromMs = Date.parse(at);
    if (toMs === undefined || toMs <= fromMs) return [];
    const isRetry = outcome === "retry" || (next?.attempt ?? 1) > 1;
    return [{ kind: isAsked ? "person" : isRetry ? "attempt" : "work", fromMs, toMs } as const];
  });
}

/** How long each kind took together, in milliseconds. */
export const totalsOf = (stretches: readonly Stretch[]): Readonly<Record<Kind, number>> => {
  const totals = { work: 0, person: 0, attempt: 0 };
  for (const { kind, fromMs, toMs } of stretches) totals[kind] += toMs - fromMs;
  return totals;
};
