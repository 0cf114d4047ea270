// Telemetry: spans and figures as a collector receives them, figures as Prometheus reads them, and nothing where nobody asks.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { openLog } from "#kernel/log";
import { openSecrets, withSecrets } from "#kernel/secrets";
import { answerFor, calling, count, isTracing, measure, sendTelemetry, spanning } from "#kernel/telemetry";
import { openTelemetryExport, type TelemetryExport } from "#kernel/telemetry-export";
import { metrics } from "#kernel/telemetry-metrics";
import { type TelemetrySettings, telemetrySettings } from "#kernel/telemetry-settings";
import { newTrace, traceOfJourney } from "#kernel/trace";
import { until } from "../until.ts";

type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
};

/** A collector as a test needs one: keeps what it is pushed. */
async function startCollector() {
  const pushed: { path: string; headers: IncomingMessage["headers"]; body: Record<string, unknown> }[] = [];
  const server: Server = createServer(async (request, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    pushed.push({ path: request.url!, headers: request.headers, body });
    answer.statusCode = request.url?.startsWith("/refusing/") ? 400 : 200;
    answer.setHeader("content-type", "application/json").end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const spans = (): OtlpSpan[] =>
    pushed
      .filter(({ path }) => path === "/v1/traces")
      .flatMap(({ body }) => body.resourceSpans as { scopeSpans: { spans: OtlpSpan[] }[] }[])
      .flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap((scope) => scope.spans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pushed,
    spans,
    close: () => server.close(),
  };
}

describe("telemetry", () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let telemetry: TelemetryExport | undefined;
  beforeAll(async () => {
    collector = await startCollector();
  });
  afterAll(() => collector.close());
  beforeEach(() => collector.pushed.splice(0));
  afterEach(async () => {
    sendTelemetry(undefined);
    await telemetry?.close();
    telemetry = undefined;
  });
  const start = (settings: Partial<TelemetrySettings>): TelemetryExport => {
    const resource = { "service.name": "lockgate", "service.namespace": "demo" };
    telemetry = openTelemetryExport({ settings: telemetrySettings.parse(settings), resource, log: openLog("silent") });
    sendTelemetry(telemetry.sink);
    return telemetry;
  };
  const otlp = (more = {}) => ({
    url: collector.url,
    headers: { authorization: "Bearer of-the-collector" },
    metrics: true,
    ...more,
  });

  test("is off until somebody asks for it, and sends the same ids along either way", async () => {
    expect(isTracing()).toBe(false);
    const parent = newTrace();
    const sent = await spanning({ name: "a", kind: "internal", parent }, async (self) => self);
    expect(sent.slice(0, 36)).toBe(parent.slice(0, 36));
    expect(sent).not.toBe(parent);
  });

  test("pushes spans under the ids that were sent along, each below its parent", async () => {
    const { close } = start({ otlp: otlp() });
    const root = traceOfJourney("01890a5d-ac96-774b-bcce-b302099a8057");
    let inner = "";
    await spanning({ name: "handle adt", kind: "consumer", parent: root }, (self) =>
      calling({ system: "nav", operation: "GET", parent: self }, async (traceparent) => {
        inner = traceparent;
      }),
    );
    await close();
    const [call, handling] = collector.spans();
    expect(handling).toMatchObject({
      name: "handle adt",
      traceId: root.slice(3, 35),
      parentSpanId: "0000000000000001",
      kind: 5,
    });
    expect(call).toMatchObject({
      name: "nav GET",
      traceId: root.slice(3, 35),
      spanId: inner.slice(36, 52),
      parentSpanId: handling!.spanId,
      kind: 3,
    });
    expect(collector.pushed[0]!.headers.authorization).toBe("Bearer of-the-collector");
  });

  test("pushes with the secret that is good at the moment, where a header names one", async () => {
    let version = "first";
    const read = async () => [{ version, value: `Bearer ${version}` }] as const;
    const store = openSecrets({ read }, { clock: systemClock, log: openLog("silent"), refreshMs: 3_600_000 });
    const parsed = telemetrySettings.parse({
      otlp: otlp({ headers: { authorization: "secret://collector" }, metrics: false }),
    });
    const settings = await withSecrets(parsed, store);
    telemetry = openTelemetryExport({ settings, resource: {}, log: openLog("silent") });
    sendTelemetry(telemetry.sink);
    const push = async () => {
      const before = collector.pushed.length;
      await spanning({ name: "a", kind: "internal", parent: undefined }, async () => undefined);
      await until(() => collector.pushed.length > before, 5_000);
      return collector.pushed.at(-1)!.headers.authorization;
    };
    expect(await push()).toBe("Bearer first");
    version = "second";
    await store.refresh();
    expect(await push()).toBe("Bearer second");
    store.close();
  });

  test("tells a failure by its code, without its words", async () => {
    const { close } = start({ otlp: otlp() });
    const failing = spanning({ name: "a", kind: "internal", parent: undefined }, async () => {
      throw new LockgateError("ERP_BAD_ANSWER", { cause: new Error("Zebediah 9990000018") });
    });
    await expect(failing).rejects.toThrow();
    await close();
    const [span] = collector.spans();
    expect(span!.status.code).toBe(2);
    expect(span!.attributes).toEqual([{ key: "error.type", value: { stringValue: "ERP_BAD_ANSWER" } }]);
    expect(JSON.stringify(collector.pushed)).not.toContain("Zebediah");
  });

  test("samples whole traces: those that another node keeps too", async () => {
    const kept = async (): Promise<string[]> => {
      collector.pushed.splice(0);
      const { close } = start({ otlp: otlp(), sampling: 0.5 });
      for (const parent of traces) {
        await spanning({ name: "a", kind: "internal", parent }, async () => undefined);
        await spanning({ name: "b", kind: "internal", parent }, async () => undefined);
      }
      await close();
      return collector.spans().map(({ traceId }) => traceId);
    };
    const traces = Array.from({ length: 400 }, newTrace);
    const first = await kept();
    expect(first.length).toBeGreaterThan(280);
    expect(first.length).toBeLessThan(520);
    expect(new Set(first).size * 2).toBe(first.length);
    expect(await kept()).toEqual(first);
  });

  test("pushes figures as well, and tells the same to Prometheus", async () => {
    const { close, prometheus } = start({ metrics: true, otlp: otlp() });
    count("lockgate.messages", { "lockgate.channel": "adt", "lockgate.outcome": "ok" }, 3);
    measure("http.server.request.duration", performance.now() - 20, { "http.route": "/ops/v1/channels" });
    const end = answerFor("lockgate.work.open", async () => [
      { value: 4, attributes: { "lockgate.domain": "safety" } },
    ]);
    const failing = answerFor("lockgate.work.overdue", () => Promise.reject(new Error("down")));
    const text = await prometheus();
    expect(text).toMatch(/^lockgate_messages_total\{[^}]*lockgate_channel="adt"[^}]*\} 3$/m);
    expect(text).toMatch(/^lockgate_work_open\{[^}]*lockgate_domain="safety"[^}]*\} 4$/m);
    expect(text).toMatch(/^http_server_request_duration_bucket\{[^}]*le="0.025"[^}]*\} 1$/m);
    // Text format 0.0.4: comments, and samples of a name, labels and a number.
    for (const line of text.trim().split("\n"))
      expect(line).toMatch(/^(# (HELP|TYPE|UNIT) \S+ .+|[a-zA-Z_:][\w:]*(\{.*\})? (-?[\d.e+-]+|\+Inf|NaN))$/);
    end();
    failing();
    await close();
    const names = JSON.stringify(collector.pushed.filter(({ path }) => path === "/v1/metrics"));
    expect(names).toContain('"lockgate.messages"');
  });

  test("goes on where the collector refuses", async () => {
    const { close } = start({ otlp: { url: `${collector.url}/refusing`, headers: {}, metrics: false } });
    await expect(spanning({ name: "a", kind: "internal", parent: undefined }, async () => 1)).resolves.toBe(1);
    await close();
  });

  test("names figures in one list, in the form of the semantic conventions", () => {
    for (const name of Object.keys(metrics)) expect(name).toMatch(/^[a-z]+(\.[a-z0-9_]+)+$/);
  });
});
