// What the gateway refuses before it looks at a request: too much, too deep, too slow, in disguise, or more than it can bear.

import type { Server } from "node:http";
import type { FastifyHttpOptions, FastifyInstance } from "fastify";
import { LockgateError } from "#kernel/errors";

const MOST_BODY_BYTES = 1_048_576;
const MOST_HEADER_BYTES = 16_384;
const MOST_HEADERS = 100;
const MOST_PATH_PART = 300;
/** Objects and lists within each other. */
const MOST_DEPTH = 32;
/** A request whose headers, or whole, take longer is cut off. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const IDLE_MS = 30_000;
const MOST_REQUESTS_A_CONNECTION = 10_000;

/** When the event loop comes round this late twice in a row, new requests would only make all of them late. */
const MOST_LOOP_DELAY_MS = 1_000;
const LOOK_EVERY_MS = 100;
const COME_AGAIN_MS = 1_000;

/** Bounds that the HTTP server keeps by itself. */
export const serverBounds = {
  bodyLimit: MOST_BODY_BYTES,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: IDLE_MS,
  maxRequestsPerSocket: MOST_REQUESTS_A_CONNECTION,
  routerOptions: { maxParamLength: MOST_PATH_PART },
  // What the contract does not name is refused, not dropped; a number is not taken for a text.
  ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  http: { maxHeaderSize: MOST_HEADER_BYTES, headersTimeout: HEADERS_MS, connectionsCheckingInterval: 1_000 },
} as const satisfies FastifyHttpOptions<Server>;

/** No answer is a page, none is kept by a cache, none is read as another type than it says, none by another origin's page. */
const ANSWER_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Who came by TLS once comes by TLS for two years (RFC 6797). */
const BY_TLS_ONLY = { "strict-transport-security": "max-age=63072000; includeSubDomains" } as const;

/** Puts the guards before every route. Health is answered whatever the load. */
export function protect(server: FastifyInstance, isByTls: boolean): void {
  server.server.maxHeadersCount = MOST_HEADERS;
  const headers = isByTls ? { ...ANSWER_HEADERS, ...BY_TLS_ONLY } : ANSWER_HEADERS;
  const isOverloaded = loopWatch(server);
  server.addHook("onRequest", (request, reply, done) => {
    // First of all, so that a page may say otherwise what it may run and how long it keeps.
    reply.headers(headers);
    if (!request.url.startsWith("/health/") && isOverloaded())
      throw new LockgateError("GATEWAY_OVERLOADED", { retryAfterMs: COME_AGAIN_MS });
    // Nothing is unpacked: a small body that unpacks into a large one gets no further than this.
    if ((request.headers["content-encoding"] ?? "identity") !== "identity")
      throw new LockgateError("REQUEST_UNSUPPORTED_MEDIA", { at: "content-encoding" });
    done();
  });
  readBodies(server);
}

/** JSON only; a member named after a prototype is refused rather than dropped. */
function readBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser("error", "error");
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = body.toString();
    if (depthOf(text) > MOST_DEPTH) return done(new LockgateError("REQUEST_INVALID", { reason: "too-deep" }));
    // A write without a body often says that its body is JSON.
    if (text === "") return done(null, undefined);
    return parse(request, text, (error: Error | null, body: unknown) => {
      // Only an escape can say what is no text: no database stores it, and no UTF-8 carries it.
      const isText = error !== null || !NO_TEXT.test(text) || isAllText(body);
      return isText ? done(error, body) : done(new LockgateError("REQUEST_INVALID", { reason: "not-text" }));
    });
  });
}

/** An escape of U+0000 or of half a surrogate pair, or what looks like one. */
const NO_TEXT = /\\u(0000|d[89a-f])/i;

/** Whether every text and every name in it is Unicode without U+0000. */
function isAllText(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0");
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, one]) => isAllText(name) && isAllText(one));
}

const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, QUOTE, BACKSLASH] = [91, 93, 123, 125, 34, 92];

/** How deep JSON goes; brackets within texts do not count. */
export function depthOf(json: string): number {
  let [depth, deepest, isText] = [0, 0, false];
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index);
    if (isText) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
  }
  return deepest;
}

/** Whether the process comes round too late to what it has in hand already. */
function loopWatch(server: FastifyInstance): () => boolean {
  let [isLate, wasLate, dueAt] = [false, false, performance.now() + LOOK_EVERY_MS];
  const look = setInterval(() => {
    const now = performance.now();
    wasLate = isLate;
    isLate = now - dueAt > MOST_LOOP_DELAY_MS;
    dueAt = now + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
  look.unref();
  server.addHook("onClose", async () => clearInterval(look));
  // One long pause is over when it is seen; the second in a row says that there is more to do than can be done.
  return () => isLate && wasLate;
}
