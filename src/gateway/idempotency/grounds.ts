// What a stored answer rests on: what the policies were asked for it, as whom it was shown, and through which masks.

import type { FastifyRequest } from "fastify";
import { LockgateError } from "#kernel/errors";
import type { Gate } from "../access.ts";
import { passageOf, type Touched, touched, type Weighed } from "../accesses/passage.ts";
import type { Access } from "../policy/types.ts";

/** The grounds of an answer, as they are stored with it. */
export type Grounds = {
  readonly questions: readonly Question[];
  /** Tells the masks from any others. */
  readonly masks: string;
  readonly touched: Touched;
};

/** A question as it was decided. `seenAs` absent: it was asked only whether it would be allowed. */
type Question = Pick<Weighed, "action" | "resource" | "journeyId"> & {
  readonly allowed: boolean;
  readonly seenAs?: string;
};

/** All that the serialiser goes by, in one order. */
const seenAs = ({ action, roles, scopes, purpose }: Access): string =>
  JSON.stringify([action, roles.toSorted(), scopes.toSorted(), purpose]);

/** What the answer to a request rests on. */
export function groundsOf(request: FastifyRequest, masks: string): Grounds {
  const passage = passageOf(request);
  const questions = passage.weighed.map(({ action, resource, journeyId, decision, isAsked }) => ({
    action,
    resource,
    ...(journeyId === undefined ? {} : { journeyId }),
    allowed: decision.allowed,
    ...(isAsked && decision.allowed ? { seenAs: seenAs(decision.access) } : {}),
  }));
  return { questions, masks, touched: passage.touched };
}

/**
 * Puts every question again, to the policies that hold now and about who asks now, of what the answer was about then: a deed
 * that was done does not stand against itself. What is shown is on record as it was the first time.
 * @throws as `Gate.allow`; IDEMPOTENCY_ANSWER_WITHHELD where whoever asks would see something else by now
 */
export async function stillGrounded(
  request: FastifyRequest,
  gate: Gate,
  grounds: Grounds | undefined,
  masks: string,
): Promise<void> {
  if (!grounds) throw new LockgateError("IDEMPOTENCY_ANSWER_WITHHELD");
  let isSame = grounds.masks === masks;
  for (const { action, resource, journeyId, allowed, seenAs: before } of grounds.questions) {
    if (before === undefined) isSame &&= gate.may(request, action, resource) === allowed;
    else {
      const access = await gate.allow(request, action, resource, journeyId === undefined ? {} : { journeyId });
      isSame &&= seenAs(access) === before;
    }
  }
  if (!isSame) throw new LockgateError("IDEMPOTENCY_ANSWER_WITHHELD");
  touched(request, grounds.touched);
}
