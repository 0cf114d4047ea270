// One log line, one span and one measure for each request: which route, how it ended, how long it took, whose it was.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isTelling, measure, spanNowMs, told } from "#kernel/telemetry";
import { newTraceId, spanIn, type TraceParent, traceId } from "#kernel/trace";
import { passageOf, routeOf } from "../accesses/passage.ts";
import type { GatewayOptions } from "../types.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The request's span: what the platform does for it goes on below it. */
    traceparent: TraceParent;
    /** Of its trace; null where it was refused at the very door. */
    traceId: string | null;
    /** Whether the caller sent a valid span, which the request's own is below. */
    isSpanSent: boolean;
    /** By `performance.now()`. */
    beganAt: number;
  }
}

/** What nobody asked for by a token. */
const NOBODY = "none";

/**
 * Watches every request of `server`, whatever becomes of it. A request's path, headers and body are nowhere: its route goes
 * by its template.
 */
export function watchRequests(server: FastifyInstance, { log }: Pick<GatewayOptions, "log">): void {
  server.decorateRequest("traceparent", "");
  server.decorateRequest("traceId", null);
  server.decorateRequest("isSpanSent", false);
  server.decorateRequest("beganAt", 0);
  server.addHook("onRequest", (request, reply, done) => {
    request.beganAt = performance.now();
    beginSpan(request);
    // W3C Trace Context level 2 §4: whose answer it is.
    reply.header("traceresponse", request.traceparent);
    done();
  });
  server.addHook("onResponse", (request, reply, done) => {
    // A request that is refused at the very door has no beginning.
    const beganAt = request.beganAt || performance.now();
    if (isTelling()) tell(request, reply, beganAt);
    const { problem } = passageOf(request);
    const principal = request.principal as FastifyRequest["principal"] | null | undefined;
    log.info("request", {
      method: request.method,
      route: routeOf(request),
      status: reply.statusCode,
      durationMs: Math.round((performance.now() - beganAt) * 1_000) / 1_000,
      client: principal?.client,
      principal: principal?.id,
      trace: request.traceId ?? undefined,
      code: problem?.code,
    });
    done();
  });
}

/** The request's span, below the caller's where it sent a valid one. */
function beginSpan(request: FastifyRequest): void {
  const { traceparent } = request.headers;
  const sent = typeof traceparent === "string" ? traceId(traceparent) : undefined;
  request.isSpanSent = sent !== undefined;
  request.traceId = sent ?? newTraceId();
  request.traceparent = spanIn(request.traceId);
}

function tell(request: FastifyRequest, reply: FastifyReply, beganAt: number): void {
  const said = whatOf(request, reply);
  measure("http.server.request.duration", beganAt, said);
  told({
    name: `${said["http.request.method"]} ${said["http.route"]}`,
    kind: "server",
    self: request.traceparent,
    parent: request.isSpanSent ? (request.headers.traceparent as TraceParent) : undefined,
    beganAtMs: performance.timeOrigin + beganAt,
    endedAtMs: spanNowMs(),
    code: reply.statusCode >= 500 ? (said["error.type"] ?? "INTERNAL") : undefined,
    attributes: said,
  });
}

type Said = Readonly<Record<string, string | number>> & {
  readonly "http.request.method": string;
  readonly "http.route": string;
  readonly "error.type"?: string;
};

/** Product and version are the first two parts of a route: `/ops/v1/…`. */
const PRODUCT = /^\/([a-z][a-z-]*)\/(v[0-9]+)\//;

const known = new Map<string, readonly [product: string, version: string]>();

function productOf(route: string): readonly [product: string, version: string] {
  const had = known.get(route);
  if (had) return had;
  const [, product = NOBODY, version = NOBODY] = PRODUCT.exec(route) ?? [];
  known.set(route, [product, version]);
  return [product, version];
}

/** Methods that there are; another one is whatever somebody sent. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

function whatOf(request: FastifyRequest, reply: FastifyReply): Said {
  const route = routeOf(request);
  const [product, version] = productOf(route);
  const { problem } = passageOf(request);
  const principal = request.principal as FastifyRequest["principal"] | null | undefined;
  return {
    "http.request.method": METHODS.has(request.method) ? request.method : "_OTHER",
    "http.route": route,
    "http.response.status_code": reply.statusCode,
    "lockgate.product": product,
    "lockgate.version": version,
    "lockgate.consumer": principal?.client ?? NOBODY,
    ...(problem ? { "error.type": problem.code } : {}),
  };
}
