// Telemetry by OpenTelemetry's SDK: spans and figures to a collector over OTLP/HTTP, figures as Prometheus text. Loaded only when asked for.

import {
  type Counter,
  type Histogram,
  type HrTime,
  type Meter,
  type Attributes as OtelAttributes,
  SpanKind as OtelSpanKind,
  SpanStatusCode,
  TraceFlags,
} from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  type IMetricReader,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Log } from "./log.ts";
import { readGauge, type Span, type SpanKind, type TelemetrySink } from "./telemetry.ts";
import { type GaugeName, type Metric, type MetricName, metrics } from "./telemetry-metrics.ts";
import type { TelemetrySettings } from "./telemetry-settings.ts";

const SCOPE = { name: "lockgate" } as const;
const PUSH_METRICS_EVERY_MS = 60_000;
const PUSH_SPANS_EVERY_MS = 1_000;
const PUSH_TIMEOUT_MS = 10_000;
const MOST_SPANS_WAITING = 8_192;
/** Bounds of durations, in seconds, as the semantic conventions advise for HTTP. */
const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export type TelemetryExportOptions = {
  readonly settings: TelemetrySettings;
  /** `service.name` and whatever else tells this process from others. */
  readonly resource: Readonly<Record<string, string>>;
  readonly log: Log;
};

/** Telemetry at work. */
export type TelemetryExport = {
  readonly sink: TelemetrySink;
  /** Everything that is measured, in Prometheus' text format 0.0.4. */
  prometheus(): Promise<string>;
  /** Pushes what waits, and ends. */
  close(): Promise<void>;
};

/** Reads when it is asked to. */
class PulledReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

export function openTelemetryExport({ settings, resource: attributes, log }: TelemetryExportOptions): TelemetryExport {
  const resource = resourceFromAttributes({ ...attributes });
  const reader = new PulledReader();
  const readers: IMetricReader[] = [reader];
  const { otlp } = settings;
  // Read anew for each push: a header may be a secret that is changed meanwhile.
  const push = otlp && { headers: async () => ({ ...otlp.headers }), timeoutMillis: PUSH_TIMEOUT_MS };
  if (otlp?.metrics)
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: watched(new OTLPMetricExporter({ ...push, url: under(otlp.url, "metrics") }), log),
        exportIntervalMillis: PUSH_METRICS_EVERY_MS,
        exportTimeoutMillis: PUSH_TIMEOUT_MS,
      }),
    );
  const provider = new MeterProvider({ resource, readers });
  const { counters, histograms } = instruments(provider.getMeter(SCOPE.name));
  const spans =
    otlp &&
    new BatchSpanProcessor({
      exporter: watched(new OTLPTraceExporter({ ...push, url: under(otlp.url, "traces") }), log),
      scheduledDelayMillis: PUSH_SPANS_EVERY_MS,
      exportTimeoutMillis: PUSH_TIMEOUT_MS,
      maxQueueSize: MOST_SPANS_WAITING,
    });
  const serialiser = new PrometheusSerializer();
  return {
    sink: {
      tracing: spans !== undefined && settings.sampling > 0,
      span(span) {
        if (isSampled(span.self, settings.sampling)) spans?.onEnd(readable(span, resource));
      },
      add: (name, by, said) => counters.get(name)?.add(by, said),
      record: (name, value, said) => histograms.get(name)?.record(value, said),
    },
    async prometheus() {
      const { resourceMetrics, errors } = await reader.collect();
      for (const error of errors) log.warn("a figure could not be read", { error });
      return serialiser.serialize(resourceMetrics);
    },
    async close() {
      await Promise.allSettled([spans?.shutdown(), provider.shutdown()]);
    },
  };
}

const under = (base: string, signal: "traces" | "metrics"): string => `${base.replace(/\/$/, "")}/v1/${signal}`;

type Exporter = { export(items: never, done: (result: { code: number }) => void): void };

/** The same exporter; a push that failed is logged, for the SDK keeps it to itself. */
function watched<T extends Exporter>(exporter: T, log: Log): T {
  const push = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    push(items, (result) => {
      if (result.code !== 0) log.warn("telemetry could not be pushed");
      done(result);
    });
  return exporter;
}

function instruments(meter: Meter) {
  const counters = new Map<MetricName, Counter>();
  const histograms = new Map<MetricName, Histogram>();
  for (const [name, { kind, unit, says: description }] of Object.entries(metrics) as [MetricName, Metric][]) {
    if (kind === "counter") counters.set(name, meter.createCounter(name, { unit, description }));
    else if (kind === "histogram") {
      const advice = { explicitBucketBoundaries: DURATION_BOUNDS };
      histograms.set(name, meter.createHistogram(name, { unit, description, advice }));
    } else
      meter.createObservableGauge(name, { unit, description }).addCallback(async (result) => {
        for (const { value, attributes = {} } of await readGauge(name as GaugeName)) result.observe(value, attributes);
      });
  }
  return { counters, histograms };
}

/** By the last 56 bits of the trace id, which are random in every form of id that comes here (W3C Trace Context level 2). */
function isSampled(traceparent: string, share: number): boolean {
  if (share >= 1) return true;
  return Number.parseInt(traceparent.slice(21, 35), 16) < share * 2 ** 56;
}

const KINDS: Readonly<Record<SpanKind, OtelSpanKind>> = {
  internal: OtelSpanKind.INTERNAL,
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
};

const contextOf = (traceparent: string, isRemote = false) => ({
  traceId: traceparent.slice(3, 35),
  spanId: traceparent.slice(36, 52),
  traceFlags: TraceFlags.SAMPLED,
  isRemote,
});

const hrTime = (ms: number): HrTime => {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
};

/** Ids are this platform's own: they went out in headers and messages before the span ended. */
function readable(span: Span, resource: ReadableSpan["resource"]): ReadableSpan {
  const { name, kind, self, parent, beganAtMs, endedAtMs, code, attributes } = span;
  const context = contextOf(self);
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => context,
    ...(parent === undefined ? {} : { parentSpanContext: contextOf(parent, true) }),
    startTime: hrTime(beganAtMs),
    endTime: hrTime(endedAtMs),
    duration: hrTime(Math.max(0, endedAtMs - beganAtMs)),
    status: { code: code === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
    attributes: (code === undefined ? attributes : { ...attributes, "error.type": code }) as OtelAttributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
