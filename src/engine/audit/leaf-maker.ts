// Leaves of one part of the platform about journeys.

import type { Clock } from "#kernel/clock";
import type { Leaf } from "./types.ts";

/** Makes the maker of a part's leaves: at the clock's time, for one journey. */
export const leafMakerOf =
  (part: string) =>
  (clock: Clock, { journeyId }: { readonly journeyId: string }) =>
  (name: string, outcome: string, more: Partial<Leaf> = {}): Leaf => ({
    at: new Date(clock.now()),
    part,
    name,
    outcome,
    journeyId,
    ...more,
  });
