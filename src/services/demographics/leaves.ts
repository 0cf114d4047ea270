// The milestones of demographics: leaves of one part, without a value of a person.

import { leafMakerOf } from "#engine/audit";

export const PART = "demographics";

/** Makes leaves of this part for a journey. */
export const leafMaker = leafMakerOf(PART);
