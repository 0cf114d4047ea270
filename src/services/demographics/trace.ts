// Second step: what the national service knows of the person.

import { v5 } from "uuid";
import type { NationalAnswer, NationalDemographics } from "#canonical/contracts";
import type { Settlement } from "#engine/backbone";
import type { StepEnd } from "#engine/sagas";
import type { Clock } from "#kernel/clock";
import { type ErrorCode, LockgateError } from "#kernel/errors";
import { spanOf } from "#kernel/trace";
import { leafMaker } from "./leaves.ts";
import { withoutWhereabouts } from "./person.ts";
import type { Identified, Question, Traced, UpdateContext } from "./types.ts";

/** Name space (RFC 9562 §6.6) of the request ids that the national service knows our questions by. */
const REQUESTS = "4f1c0d6e-8a8f-5d57-9d5e-0c7d5a3b6c21";

/** Errors that speak of the national service as a whole. */
const SERVICE_DOWN: ReadonlySet<ErrorCode> = new Set([
  "NATIONAL_UNAVAILABLE",
  "NATIONAL_THROTTLED",
  "NATIONAL_NO_ANSWER",
  "NATIONAL_UNAUTHORISED",
]);
const LEAST_HOLD_MS = 250;
const LONGEST_HOLD_MS = 15_000;

/** The national service as the steps ask it, and how long it is left alone while it is in trouble. */
export type NationalDesk = {
  ask(question: Question, key: string, context: { traceparent: string; signal: AbortSignal }): Promise<NationalAnswer>;
  /** How a message settles whose question could not be put: nothing is guessed meanwhile. */
  holdWhileDown(thrown: unknown): Settlement | undefined;
};

export function nationalDesk(clock: Clock, national: NationalDemographics): NationalDesk {
  let downSince: number | undefined;
  return {
    async ask(question, key, context) {
      // The same question after a crash goes by the same id: the service may have it already.
      const requestId = v5(key, REQUESTS);
      const answer = await ("nhsNumber" in question
        ? national.retrieve(question.nhsNumber, requestId, context)
        : national.trace(question, requestId, context));
      downSince = undefined;
      return answer;
    },
    holdWhileDown(thrown) {
      if (!(thrown instanceof LockgateError) || !SERVICE_DOWN.has(thrown.code)) return undefined;
      downSince ??= clock.now();
      const growing = Math.min(LONGEST_HOLD_MS, Math.max(LEAST_HOLD_MS, (clock.now() - downSince) / 4));
      return { settle: "hold", forMs: Math.max(thrown.retryAfterMs ?? 0, growing), error: thrown };
    },
  };
}

const CODES = {
  none: "MT-300",
  several: "MT-201",
  invalidated: "DQ-NHS-010",
  insufficient: "MT-302",
} as const satisfies Partial<Record<Traced["outcome"], string>>;

/** Asks the national service, where there is enough to ask by. Whether its record is the same person is decided later. */
export const trace =
  (clock: Clock, desk: NationalDesk) =>
  async (context: UpdateContext<{ readonly identify: Identified }>): Promise<StepEnd<Traced>> => {
    const { question } = context.results.identify;
    const { instance, signal, key } = context;
    const call = { traceparent: spanOf(instance), signal };
    const result = question
      ? tracedFrom(await desk.ask(question, key, call), "nhsNumber" in question ? "number" : "demographics")
      : ({ outcome: "insufficient", code: CODES.insufficient, by: "nothing" } as const);
    const verified = leafMaker(clock, instance)("verified", result.outcome, { code: result.code });
    return { result, leaves: [verified] };
  };

function tracedFrom(answer: NationalAnswer, by: Traced["by"]): Traced {
  if (answer.outcome !== "found") return { outcome: answer.outcome, code: CODES[answer.outcome], by };
  const { record, supersedes } = answer;
  const code = record.restricted ? "MT-310" : supersedes ? "MT-102" : by === "number" ? "MT-100" : "MT-110";
  return {
    outcome: "found",
    code,
    by,
    record: record.restricted ? { ...record, fields: withoutWhereabouts(record.fields) } : record,
    ...(supersedes ? { supersedes } : {}),
  };
}
