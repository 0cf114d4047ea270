// Settled matches for tests: two candidates, of whom the first leads.

import type { MatchVerdict, SettledMatch } from "#canonical/contracts";
import { newId } from "#kernel/ids";
import { jane } from "./rig.ts";

const candidate = (personId: string, weight: number) => ({
  personId,
  decision: "review" as const,
  code: "MT-200",
  weight,
  prior: -16,
  reasons: [{ comparison: "gender", level: "same", weight: 1, said: "Gender agrees" }],
  kinship: 0,
});

/** A verdict over the candidates `a` and `b`. */
export const verdictOf = (decision: MatchVerdict["decision"], link: string | null): MatchVerdict => ({
  decision,
  code: { link: "MT-130", review: "MT-200", none: "MT-301" }[decision],
  said: "Said.",
  link,
  candidates: [candidate("a", 3), candidate("b", 1)],
  runnerUp: 1,
  margin: 2,
  thresholds: { auto: 1, review: -2 },
  model: { name: "uk", version: "1" },
  rules: { name: "matching", version: "1" },
  asAt: "2026-11-14T09:00:00.000Z",
  mark: "0",
});

/** A link without a person, unless it is said otherwise. */
export const settled = (more: Partial<SettledMatch> = {}): SettledMatch => ({
  journeyId: newId(),
  verdict: more.settledBy === "steward" ? verdictOf("review", null) : verdictOf("link", "a"),
  fields: jane,
  candidates: ["a", "b"].map((personId) => ({ personId, fields: { ...jane, town: "Leeds" } })),
  settledBy: "auto",
  by: [],
  choice: "a",
  addressChanges: 1,
  ...more,
});
