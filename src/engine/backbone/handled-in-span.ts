// Handling as telemetry sees it: a span below whoever published the message, and how long it took.

import { count, isTracing, measure, spanning } from "#kernel/telemetry";
import { spanOf } from "#kernel/trace";
import type { Envelope, Settlement } from "./types.ts";

/**
 * Handles a message. Where spans are wanted it goes on under the span's `traceparent`, so that what the handler publishes and
 * calls stands below it.
 */
export async function handledInSpan(
  subscription: string,
  message: Envelope,
  handle: (message: Envelope) => Promise<Settlement>,
): Promise<Settlement> {
  const beganAt = performance.now();
  const settlement = isTracing() ? await inSpan(subscription, message, handle) : await handle(message);
  const attributes = { "lockgate.subscription": subscription, "lockgate.outcome": settlement.settle };
  measure("lockgate.message.handling.duration", beganAt, attributes);
  if (settlement.settle === "abandon") count("lockgate.messages.failed", { "lockgate.subscription": subscription });
  return settlement;
}

const inSpan = (
  subscription: string,
  message: Envelope,
  handle: (message: Envelope) => Promise<Settlement>,
): Promise<Settlement> =>
  spanning(
    {
      name: `handle ${subscription}`,
      kind: "consumer",
      parent: spanOf(message),
      attributes: { "lockgate.subscription": subscription },
    },
    (traceparent) => handle({ ...message, traceparent }),
  );
