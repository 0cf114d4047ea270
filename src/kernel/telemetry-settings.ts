// Settings of telemetry. Off unless something is asked for: the libraries take a fifth of a second and 35 MB to load.

import { z } from "zod";
import { secret } from "./secrets.ts";

export const telemetrySettings = z.strictObject({
  metrics: z
    .boolean()
    .default(false)
    .describe("Whether figures are kept for `GET /metrics` (Prometheus text; needs the permission `metrics.read`)."),
  otlp: z
    .strictObject({
      url: z.url().describe("Base URL of an OTLP/HTTP collector; `/v1/traces` and `/v1/metrics` are added."),
      headers: z
        .record(z.string(), secret)
        .default({})
        .describe("Headers of each push, e.g. `authorization`; secrets, read at each push."),
      metrics: z.boolean().default(true).describe("Whether figures are pushed too, every minute."),
    })
    .optional()
    .describe("Where spans and figures are pushed; absent: nowhere."),
  sampling: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe("Share of traces that is pushed, 0 to 1; by trace id, so that a trace is pushed whole or not at all."),
});

/** The checked settings. */
export type TelemetrySettings = z.output<typeof telemetrySettings>;
