// The milestones of demographics: leaves of one part, without a value of a person.

import type { Leaf } from "#engine/audit";
import type { Clock } from "#kernel/clock";

export const PART = "demographics";

/** Makes a leaf of this part for a journey. */
export const leafMaker =
  (clock: Clock, { journeyId }: { readonly journeyId: string }) =>
  (name: string, outcome: string, more: Partial<Leaf> = {}): Leaf => ({
    at: new Date(clock.now()),
    part: PART,
    name,
    outcome,
    journeyId,
    ...more,
  });
