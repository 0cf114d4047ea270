// What is recorded of a match that was not certain.

import type { MatchVerdict } from "#canonical/contracts";

/** Somebody whom a steward is shown. */
export type ShownCandidate = {
  readonly personId: string;
  /** Digest of what is shown of the person: a decision holds while it is that. */
  readonly seen: string;
  /** Not where the NHS number said is another's: it cannot be two persons'. */
  readonly canLink: boolean;
};

/** What a steward is asked: which of these it is, if any. */
export type Review = {
  readonly verdict: MatchVerdict;
  readonly shown: readonly ShownCandidate[];
  /** One of them is restricted: where the statement says that its person is, is not kept or shown either. */
  readonly isWithheld: boolean;
  /** It was decided before, and what was decided on has changed since. */
  readonly wentStale: boolean;
};
