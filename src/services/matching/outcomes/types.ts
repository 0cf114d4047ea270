// The nouns of outcomes: a row as it is kept, and the message that asks for a second review.

import type { MatchVerdict, SettledMatch } from "#canonical/contracts";
import type { Decision } from "../codes.ts";
import type { Groups } from "./groups.ts";

/** Of whom the answer spoke: the best candidate, another one, or nobody that we know. */
export type Choice = "best" | "other" | "nobody";

/** One outcome as it is first written. */
export type OutcomeRow = Groups & {
  readonly id: string;
  readonly journeyId: string;
  readonly at: Date;
  /** ISO instant. */
  readonly matchedAt: string;
  readonly decision: Decision;
  readonly code: string;
  readonly weight: number | null;
  readonly runnerUp: number | null;
  readonly margin: number | null;
  readonly model: string;
  readonly rules: string;
  readonly settledBy: SettledMatch["settledBy"];
  readonly choice: Choice;
  readonly sampled: boolean;
};

/** How a blind second review came out. */
export type SecondReview = "agreed" | "differed" | "expired";

/** The topic on which outcomes are told that another steward is to decide again. */
export const MATCH_SAMPLED = "match.sampled";

/** What the message on `match.sampled` says, as JSON. Holds personal values. */
export type MatchSampled = Pick<SettledMatch, "journeyId" | "fields" | "candidates" | "settledBy" | "by" | "choice"> & {
  readonly outcomeId: string;
  /** What the first decider could see of each candidate, without what was decided. */
  readonly judged: readonly Pick<MatchVerdict["candidates"][number], "personId" | "weight" | "reasons">[];
};
