// What is known of a pair that may be one person, and what the steps of `demographics.duplicate` record.

import type { MatchCandidate, MatchVerdict } from "#canonical/contracts";
import type { StepContext } from "#engine/sagas";
import type { Row } from "../types.ts";

/** Two persons may be one: what a message on `duplicate.suspected` says, as JSON. Ids and codes only. */
export type Suspected = {
  readonly personId: string;
  readonly otherId: string;
  /** Why: a code of matching. */
  readonly code: string;
  /** Of what matching looks at in both. */
  readonly digest: string;
};

/** A step of `demographics.duplicate`, with what it may look back on. */
export type DuplicateContext<Results> = StepContext<Suspected, Results>;

/** The pair as a steward is to see it. */
export type Paired = {
  readonly rows: readonly Row[];
  /** How the other was weighed; absent where it was not matching that told. */
  readonly candidate?: MatchCandidate;
  readonly by?: Pick<MatchVerdict, "thresholds" | "model" | "rules" | "asAt">;
  readonly restricted: boolean;
};
