// The HTTP port: bodies read to their end, calls and admin requests told apart, answers written or cut.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type AdminDesk, publicJwk, serveAdmin } from "./admin.ts";
import { createFaults } from "./faults.ts";
import { loadOpenApi } from "./oas.ts";
import { createTokens } from "./oauth/tokens.ts";
import type { Reply } from "./outcome.ts";
import { createRateLimit } from "./rate.ts";
import { openRegister } from "./register.ts";
import type { PdsRequest } from "./request.ts";
import { sowSeed } from "./seed.ts";
import { serveCall } from "./service.ts";
import { type SettingsInput, settingsFrom } from "./settings.ts";

/** How a double is started. */
export interface PdsDoubleOptions {
  /** Port; 0 or absent takes a free one. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Directory that keeps people, keys, updates and ledger over restarts; in memory without it. */
  dataDirectory?: string;
  /** File of the service's bundled OpenAPI document, to hold every request and answer to. */
  oas?: string;
  settings?: SettingsInput;
  /** Applications that are known from the start. */
  clients?: readonly { apiKey: string; kid: string; publicKeyPem: string }[];
  /** Clock in milliseconds since 1970. Default the system's. */
  nowMs?: () => number;
}

/** A running double. */
export interface PdsDouble {
  port: number;
  /** Cuts all connections and closes the journal file. */
  close(): Promise<void>;
}

/** Starts a double; resolves when its port listens. */
export async function startPdsDouble(options: PdsDoubleOptions = {}): Promise<PdsDouble> {
  const desk = await openDesk(options);
  const server = createServer((request, response) => {
    handle(desk, request, response).catch((error: unknown) => {
      if (request.socket.destroyed) return;
      // A defect of the double itself must be seen as one and never look like the service's own answer.
      process.stderr.write(`pds double: ${error instanceof Error ? error.stack : String(error)}\n`);
      request.socket.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const ended = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await ended;
      desk.register.close();
    },
  };
}

async function openDesk(options: PdsDoubleOptions): Promise<AdminDesk> {
  const nowMs = options.nowMs ?? Date.now;
  const register = openRegister(options.dataDirectory, nowMs, sowSeed);
  for (const { apiKey, kid, publicKeyPem } of options.clients ?? []) {
    const jwk = publicJwk(publicKeyPem);
    if (!jwk) throw new Error(`the public key of ${apiKey} is not an RSA key in PEM`);
    register.addClient({ apiKey, kid, jwk });
  }
  const desk: AdminDesk = {
    register,
    tokens: createTokens(nowMs),
    faults: createFaults(nowMs),
    isTooSoon: createRateLimit(nowMs),
    settings: settingsFrom(options.settings ?? {}),
    oas: options.oas === undefined ? undefined : await loadOpenApi(options.oas),
    violations: [],
    nowMs,
    set: (settings) => {
      desk.settings = settingsFrom(settings);
    },
    reset: () => {
      register.reset();
      desk.tokens.clear();
      desk.faults.replace([]);
      desk.violations.length = 0;
      desk.settings = settingsFrom(options.settings ?? {});
    },
  };
  return desk;
}

async function handle(desk: AdminDesk, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = await read(message);
  if (request.path.startsWith("/admin/")) return write(response, serveAdmin(desk, request));
  const outcome = await serveCall(desk, request);
  if (outcome === "drop") message.socket.resetAndDestroy();
  else if ("cutBody" in outcome) writeHalf(response, outcome.cutBody);
  else write(response, outcome);
}

async function read(message: IncomingMessage): Promise<PdsRequest> {
  const [path = "/", ...search] = (message.url ?? "/").split("?");
  const chunks: Buffer[] = [];
  if (message.method !== "GET") for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  const header = (name: string): string | undefined => [message.headers[name] ?? []].flat()[0];
  return {
    method: message.method ?? "GET",
    path,
    search: search.join("?"),
    header,
    body: Buffer.concat(chunks).toString("utf8"),
    origin: `http://${header("host") ?? "127.0.0.1"}`,
  };
}

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Announces the whole body and ends the connection in the middle of it. */
function writeHalf(response: ServerResponse, { status, headers, body }: Reply): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, "content-length": bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}
