// Turns what became of a request into what is committed with it: rows, leaves, and the message that tells.

import type { Leaf } from "#engine/audit";
import type { Effects, Envelope, NewMessage } from "#engine/backbone";
import type { Outcome } from "./carry-out.ts";
import { wanted } from "./decide.ts";
import { type Reference, seenRow, settledRow } from "./store.ts";
import type { Held, Values, WriteRequest, WriteSettled } from "./types.ts";

const CONTENT_TYPE = "application/vnd.lockgate.write-settled+json";

/** A request that is settled, and on what occasion. */
export type Occasion = {
  /** The part of the platform that acts. */
  readonly part: string;
  readonly target: string;
  /** The topic to tell on. */
  readonly tells: string;
  readonly at: Date;
  readonly attempt: number;
  readonly message: Envelope;
  readonly request: WriteRequest;
  /** Where the subject stood before. */
  readonly reference: Reference | undefined;
};

/** All that is committed with the cursor when a request is settled: the one commit that says so. */
export function settlement(occasion: Occasion, outcome: Outcome): Effects {
  const { target, message, request, reference } = occasion;
  const { subject, idempotencyKey } = request;
  const { state, held } = outcome;
  return {
    leaves: leavesOf(occasion, outcome),
    publish: [settledMessage(occasion, outcome)],
    gather: [
      settledRow({ target, subject, idempotencyKey, journeyId: message.journeyId, state }),
      ...(held ? [seenRow({ target, subject, held: asSeen(request, reference, held, state) })] : []),
    ],
  };
}

function leavesOf({ at, part, attempt, message: { journeyId } }: Occasion, outcome: Outcome): Leaf[] {
  const leaf = (name: string, result: string, code?: string): Leaf => ({
    at,
    part,
    name,
    outcome: result,
    journeyId,
    ...(code ? { code } : {}),
    ...(attempt > 1 ? { attempt } : {}),
  });
  switch (outcome.state) {
    case "applied":
      return [leaf("written", outcome.foundAgain ? "found" : "ok"), leaf("read-back", "ok")];
    case "unchanged":
      return [leaf("compared", "unchanged")];
    case "refused":
      return [leaf("written", "refused", outcome.code)];
  }
}

function settledMessage({ part, target, tells, message, request, reference }: Occasion, outcome: Outcome): NewMessage {
  const { subject, idempotencyKey } = request;
  const { state, held } = outcome;
  const refusal = state === "refused" ? { code: outcome.code, fields: outcome.fields } : {};
  const externalId = held?.externalId ?? reference?.externalId;
  const told: WriteSettled = { target, subject, idempotencyKey, state, ...refusal, externalId, version: held?.version };
  return {
    topic: tells,
    session: subject,
    journeyId: message.journeyId,
    body: Buffer.from(JSON.stringify(told)),
    contentType: CONTENT_TYPE,
    source: part,
    causationId: String(message.position),
    traceparent: message.traceparent,
  };
}

/**
 * The record as it counts as seen by us: with what we asked for, and else as we saw it the last time. A field that
 * somebody else has changed since stays theirs until a later event speaks of it, whatever we wrote beside it.
 * Where the target made something else of it, whoever asked is told, and what it made is what we saw.
 */
function asSeen(
  { values }: WriteRequest,
  reference: Reference | undefined,
  held: Held,
  state: WriteSettled["state"],
): Held {
  const seen = wanted(values).map(([field, value]) => [
    field,
    state === "refused" ? (held.values[field] ?? null) : value,
  ]);
  return { ...held, values: { ...(reference?.held ?? held.values), ...(Object.fromEntries(seen) as Values) } };
}
