// The two HTTP ports: bodies read within bounds, callers identified, limits and faults applied, replies written.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serveAdmin } from "./admin.ts";
import { type Authenticate, createAuthenticate } from "./auth.ts";
import { type Database, openDatabase } from "./database.ts";
import { NavRefusal } from "./errors.ts";
import { createFaults, type Faults } from "./faults.ts";
import { languageOf } from "./language.ts";
import { createLimits, type Denial, type Limits } from "./limits.ts";
import { parseQuery } from "./odata/query.ts";
import type { Reply } from "./odata/reply.ts";
import type { Caller } from "./odata/service.ts";
import { odataSurface } from "./odata/surface.ts";
import { createRestart, type Restart } from "./outage.ts";
import { type Credentials, demoCredentials, parseSwitches, type Switches, type SwitchesInput } from "./settings.ts";
import { soapSurface } from "./soap/surface.ts";
import { lagOf, type Outcome, strikeAfter, strikeBefore } from "./strikes.ts";
import { noFacts, type Surface, type SurfaceRequest } from "./surface.ts";

/** How a double is started. */
export interface NavDoubleOptions {
  /** Port of OData and admin; 0 or absent takes a free one. */
  odataPort?: number;
  /** Port of SOAP; 0 or absent takes a free one. */
  soapPort?: number;
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Directory that keeps state and ledger over restarts; in memory without it. */
  dataDirectory?: string;
  switches?: SwitchesInput;
  credentials?: Credentials;
  /** Clock in milliseconds since 1970, for record stamps, rate windows and fault durations. Default the system's. */
  nowMs?: () => number;
}

/** A running double. */
export interface NavDouble {
  odataPort: number;
  soapPort: number;
  /** Cuts all connections and closes the journal file. */
  close(): Promise<void>;
}

interface Desk {
  database: Database;
  switches: Switches;
  faults: Faults;
  limits: Limits;
  restart: Restart;
  authenticate: Authenticate;
}

/** Starts a double; resolves when both ports listen. */
export async function startNavDouble(options: NavDoubleOptions = {}): Promise<NavDouble> {
  const nowMs = options.nowMs ?? Date.now;
  const desk: Desk = {
    database: openDatabase(options.dataDirectory, nowMs),
    switches: parseSwitches(options.switches ?? {}),
    faults: createFaults(),
    limits: createLimits(nowMs),
    restart: createRestart(nowMs),
    authenticate: createAuthenticate(options.credentials ?? demoCredentials),
  };
  const odata = createServer((request, response) => void handle(desk, odataSurface, options, request, response));
  const soap = createServer((request, response) => void handle(desk, soapSurface, options, request, response));
  const host = options.host ?? "127.0.0.1";
  const odataPort = await listen(odata, options.odataPort ?? 0, host);
  const soapPort = await listen(soap, options.soapPort ?? 0, host);
  return {
    odataPort,
    soapPort,
    close: async () => {
      await Promise.all([shut(odata), shut(soap)]);
      desk.database.close();
    },
  };
}

async function handle(
  desk: Desk,
  surface: Surface,
  options: NavDoubleOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await readBody(request, desk.switches.maxBodyBytes);
    const incoming = surfaceRequest(request, body ?? "");
    if (surface.name === "odata" && incoming.path.startsWith("/admin/")) {
      return send(response, serveAdmin(adminDesk(desk, options), { ...incoming, query: parseQuery(incoming.search) }));
    }
    const reply =
      body === undefined ? tooLarge(desk, surface, incoming) : await answer(desk, surface, incoming, request);
    if (reply === "drop") request.socket.destroy();
    else if ("cutBody" in reply) cut(response, reply.cutBody);
    else send(response, reply);
  } catch (error) {
    if (request.socket.destroyed) return;
    // A defect of the double itself must be seen as one and never look like the ERP's own answer.
    process.stderr.write(`nav double: ${error instanceof Error ? error.stack : String(error)}\n`);
    request.socket.destroy();
  }
}

/** The way of a request through outage, identity, limits and faults to the surface and back. */
async function answer(
  desk: Desk,
  surface: Surface,
  incoming: SurfaceRequest,
  request: IncomingMessage,
): Promise<Outcome> {
  const outage = desk.restart.now();
  if (outage === "reset") return "drop";
  const language = languageOf(incoming.header("accept-language"));
  const refuse = (refusal: NavRefusal, headers: Record<string, string> = {}): Reply => {
    const reply = surface.refusal(refusal, language, desk.switches);
    return { ...reply, headers: { ...reply.headers, ...headers } };
  };
  if (outage === "unavailable")
    return refuse(new NavRefusal("Internal_TenantUnavailable", "tenant", []), { "retry-after": "1" });
  const identity = desk.authenticate(request.socket, incoming.header("authorization"), desk.switches);
  if (outage === "unauthorized" || "challenge" in identity) {
    const challenge = "challenge" in identity ? identity.challenge : 'Basic realm=""';
    return refuse(new NavRefusal("Authentication_InvalidCredentials", "credentials", []), {
      "www-authenticate": challenge,
    });
  }
  const entering = desk.limits.enter(identity.user, desk.switches);
  const denial = entering instanceof Promise ? await entering : entering;
  if (denial) return refuse(...denialRefusal(denial));
  try {
    const isCalm = desk.faults.list().length === 0;
    const facts = isCalm
      ? noFacts(incoming.method, surface.name)
      : surface.facts(incoming, desk.database.companies, desk.switches);
    const fired = desk.faults.fire(facts);
    const caller: Caller = {
      database: desk.database,
      switches: desk.switches,
      user: identity.user,
      language,
      lag: lagOf(fired),
      isErpUser: false,
    };
    const before = await strikeBefore(desk, fired, () => surface.touchTarget(incoming, caller), refuse, facts.caption);
    if (before) return before;
    const reply = surface.serve(caller, incoming);
    return fired.length === 0 ? reply : await strikeAfter(fired, reply, refuse);
  } finally {
    desk.limits.leave();
  }
}

function denialRefusal(denial: Denial): [NavRefusal, Record<string, string>] {
  if (denial.kind === "waitedTooLong")
    return [new NavRefusal("Unknown", "unavailable", [], 503), { "retry-after": "1" }];
  const refusal = new NavRefusal("Unknown", "tooManyRequests", [denial.actual, denial.max], 429);
  const seconds = denial.kind === "rate" ? denial.retryAfterSeconds : null;
  return [refusal, seconds === null ? {} : { "retry-after": String(seconds) }];
}

function tooLarge(desk: Desk, surface: Surface, incoming: SurfaceRequest): Reply {
  const refusal = new NavRefusal("BadRequest_RequestEntityTooLarge", "bodyTooLarge", [desk.switches.maxBodyBytes]);
  return surface.refusal(refusal, languageOf(incoming.header("accept-language")), desk.switches);
}

function adminDesk(desk: Desk, options: NavDoubleOptions): Parameters<typeof serveAdmin>[0] {
  return {
    database: desk.database,
    faults: desk.faults,
    switches: () => desk.switches,
    setSwitches: (input) => {
      desk.switches = parseSwitches(input);
    },
    reset: () => {
      desk.database.reset();
      desk.faults.clear();
      desk.restart.end();
      desk.switches = parseSwitches(options.switches ?? {});
    },
  };
}

function surfaceRequest(request: IncomingMessage, body: string): SurfaceRequest {
  const url = request.url ?? "/";
  const split = url.indexOf("?");
  const socket = request.socket;
  return {
    method: request.method ?? "GET",
    path: split === -1 ? url : url.slice(0, split),
    search: split === -1 ? "" : url.slice(split + 1),
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body,
    origin: `http://${request.headers.host ?? `${socket.localAddress}:${socket.localPort}`}`,
  };
}

/** The body as UTF-8 text; undefined when it is larger than `maxBytes`, of which the rest is thrown away. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  if (request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined) return "";
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.body === undefined) {
    response
      .writeHead(reply.status, { ...reply.headers, ...(reply.status === 204 ? {} : { "content-length": 0 }) })
      .end();
    return;
  }
  const body = Buffer.from(reply.body, "utf8");
  response.writeHead(reply.status, { ...reply.headers, "content-length": body.length }).end(body);
}

/** Promises the whole body, sends half of it, and cuts the connection. */
function cut(response: ServerResponse, reply: Reply): void {
  const body = Buffer.from(reply.body ?? "", "utf8");
  response.writeHead(reply.status, { ...reply.headers, "content-length": body.length });
  response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroy());
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.keepAliveTimeout = 120_000;
  // What is no HTTP, or has too long an address, is answered by the web server in front, which speaks no JSON.
  server.on("clientError", (_error, socket) => {
    if (socket.writable)
      socket.end(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<h2>Bad Request - Request Too Long</h2>",
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function shut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
