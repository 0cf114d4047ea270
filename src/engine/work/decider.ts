// Who decides.

import type { Actor } from "#kernel/authority";

/** A person as the decision records one. */
export type Decider = Actor;
