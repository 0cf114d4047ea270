// The milestones of supply.

import type { Leaf } from "#engine/audit";
import type { Clock } from "#kernel/clock";

export const PART = "supply";

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
