// Telemetry as the platform's parts see it: spans and measures, which cost a look at one variable while nobody wants them.
//
// Attributes are few and never personal: names of routes, channels, steps and systems, codes, statuses. A test plants a person in
// every place of a request and looks for them in what leaves.

import { noteCall } from "./calls.ts";
import { asLockgateError } from "./errors.ts";
import type { CounterName, GaugeName, HistogramName } from "./telemetry-metrics.ts";
import { childOf, type TraceParent, traceId } from "./trace.ts";

/** What is said of a span or a measure. Low in number: no ids, no values, no URLs. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Which way the work went, as OpenTelemetry has it. */
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** A stretch of work under a trace. */
export type Span = {
  readonly name: string;
  readonly kind: SpanKind;
  readonly self: TraceParent;
  /** Absent: it is the first of its trace. */
  readonly parent: TraceParent | undefined;
  /** Milliseconds since the epoch. */
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** Error code where it failed. */
  readonly code?: string | undefined;
  readonly attributes: Attributes;
};

/** One reading of a gauge. */
export type Reading = { readonly value: number; readonly attributes?: Attributes };

/** Where telemetry goes. */
export type TelemetrySink = {
  readonly tracing: boolean;
  span(span: Span): void;
  add(name: CounterName, by: number, attributes: Attributes): void;
  record(name: HistogramName, value: number, attributes: Attributes): void;
};

/** There is one per process, as there is one event loop; absent: nobody wants any. */
let sink: TelemetrySink | undefined;
const gauges = new Map<GaugeName, Set<() => Promise<readonly Reading[]>>>();

/** Sends telemetry there from now on; undefined: nowhere. */
export function sendTelemetry(to: TelemetrySink | undefined): void {
  sink = to;
}

/** Whether anybody wants measures or spans. */
export const isTelling = (): boolean => sink !== undefined;

/** Whether anybody wants spans. */
export const isTracing = (): boolean => sink?.tracing === true;

/** Counts. */
export function count(name: CounterName, attributes: Attributes, by = 1): void {
  sink?.add(name, by, attributes);
}

/** Measures a duration that began at `beganAt` of `performance.now()`. */
export function measure(name: HistogramName, beganAt: number, attributes: Attributes): void {
  sink?.record(name, (performance.now() - beganAt) / 1_000, attributes);
}

/** Answers for a gauge whenever somebody looks. @returns what ends it */
export function answerFor(name: GaugeName, read: () => Promise<readonly Reading[]>): () => void {
  const readers = gauges.get(name) ?? new Set();
  gauges.set(name, readers.add(read));
  return () => void readers.delete(read);
}

/** What the gauges say now. One that cannot be read says nothing. */
export async function readGauge(name: GaugeName): Promise<readonly Reading[]> {
  const readings = await Promise.all([...(gauges.get(name) ?? [])].map((read) => read().catch(() => [])));
  return readings.flat();
}

/** Tells of a span that has ended. */
export function told(span: Span): void {
  if (sink?.tracing) sink.span(span);
}

/** The clock of spans: milliseconds since the epoch, in fractions. */
export const spanNowMs = (): number => performance.timeOrigin + performance.now();

/** A call to another system. */
export type Call<T> = {
  readonly system: string;
  /** A template, never a path. */
  readonly operation: string;
  readonly parent: string | undefined;
  /** Why an answer means that the system is in trouble; undefined: it does not. */
  readonly trouble?: (answer: T) => string | undefined;
};

/** One call to another system. @throws what `work` throws */
export async function calling<T>(
  { system, operation, parent, trouble }: Call<T>,
  work: (self: TraceParent) => Promise<T>,
): Promise<T> {
  const attributes = { "lockgate.system": system, "lockgate.operation": operation };
  const beganAt = performance.now();
  let outcome = "ok";
  let failure: string | undefined;
  try {
    const answer = await spanning({ name: `${system} ${operation}`, kind: "client", parent, attributes }, work);
    failure = trouble?.(answer);
    return answer;
  } catch (thrown) {
    failure = outcome = asLockgateError(thrown).code;
    throw thrown;
  } finally {
    noteCall(system, failure, performance.now() - beganAt, Date.now());
    measure("http.client.request.duration", beganAt, { ...attributes, outcome });
  }
}

/**
 * Does `work` in a span of its own below `parent`. It is given the span's `traceparent`, to send along.
 * Whether or not anybody wants spans, what goes out is the same.
 */
export async function spanning<T>(
  {
    name,
    kind,
    parent,
    attributes = {},
  }: Pick<Span, "name" | "kind" | "parent"> & { readonly attributes?: Attributes },
  work: (self: TraceParent) => Promise<T>,
): Promise<T> {
  const self = childOf(parent);
  if (!isTracing()) return work(self);
  const beganAtMs = spanNowMs();
  let code: string | undefined;
  try {
    return await work(self);
  } catch (thrown) {
    ({ code } = asLockgateError(thrown));
    throw thrown;
  } finally {
    told({
      name,
      kind,
      self,
      parent: traceId(parent) ? parent : undefined,
      beganAtMs,
      endedAtMs: spanNowMs(),
      code,
      attributes,
    });
  }
}
