// W3C Trace Context (level 2): one trace id from the first byte to the ERP's posting.

import { drawn } from "./random-pool.ts";

/** `traceparent` of the W3C header form `00-<32 hex>-<16 hex>-<2 hex>`. */
export type TraceParent = string;

const FORM = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

const randomHex = (bytes: number): string => drawn(bytes).toString("hex");

/** The trace id of a valid `traceparent`, or undefined (all-zero ids are invalid, §3.2.2.3). */
export function traceId(parent: string | undefined): string | undefined {
  const id = parent && FORM.exec(parent)?.[1];
  return id && !/^0+$/.test(id) ? id : undefined;
}

/** A random trace id. */
export const newTraceId = (): string => randomHex(16);

/** A new span, sampled, of the trace with that id. */
export const spanIn = (id: string): TraceParent => `00-${id}-${randomHex(8)}-01`;

/** A new root: sampled, random trace and span id. */
export const newTrace = (): TraceParent => spanIn(newTraceId());

/** The root of a journey that came without a trace: the journey id, sixteen bytes, is the trace id. */
export const traceOfJourney = (journeyId: string): TraceParent =>
  `00-${journeyId.replaceAll("-", "")}-0000000000000001-01`;

/** A child span of `parent`: the same trace id, a new span id; a new root where `parent` is missing or invalid. */
export const childOf = (parent: string | undefined): TraceParent => spanIn(traceId(parent) ?? newTraceId());

/** What work on a message, or on what a message began, stands below: the span it came with, or the root of its journey. */
export const spanOf = (message: {
  readonly journeyId: string;
  readonly traceparent?: string | undefined;
}): TraceParent =>
  message.traceparent !== undefined && traceId(message.traceparent)
    ? message.traceparent
    : traceOfJourney(message.journeyId);
