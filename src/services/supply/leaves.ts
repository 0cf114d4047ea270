// The milestones of supply.

import { leafMakerOf } from "#engine/audit";

/** Makes leaves of this part for a journey. */
export const leafMaker = leafMakerOf("supply");
