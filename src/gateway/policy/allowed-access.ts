// A decision as a way in, or as the error that the wire answers with.

import { LockgateError } from "#kernel/errors";
import type { Access, Decision } from "./types.ts";

/**
 * What was allowed. Which policies stand against it is for those who may ask for an explanation, not for whoever is refused.
 * @throws PURPOSE_REQUIRED, SECOND_FACTOR_REQUIRED, ACCESS_REFUSED
 */
export function allowedAccess(decision: Decision): Access {
  if (!decision.allowed) throw new LockgateError(decision.refusal);
  return decision.access;
}
