// The HTTP port: the desk, the page where people sign in, and the provider for everything else.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type Desk, serveAdmin } from "./admin.ts";
import { createFaults } from "./faults.ts";
import { openKeys } from "./keys.ts";
import { openMemory } from "./memory.ts";
import { signInPage } from "./pages.ts";
import { grantTo, makeProvider } from "./provider.ts";
import type { Provider } from "./provider-types.ts";
import { clientsOf, demoLives, type Lives } from "./settings.ts";
import { demoUsers } from "./users.ts";

/** How a double is started. */
export interface IdpDoubleOptions {
  /** Port; 0 or absent takes a free one. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Directory that keeps the signing keys over restarts; in memory without it. */
  dataDirectory?: string;
  /** The gateway whose clients are registered from the start, as `PUT /admin/clients` does later. */
  gateway?: string;
  lives?: Partial<Lives>;
}

/** A running double. */
export interface IdpDouble {
  port: number;
  issuer: string;
  close(): Promise<void>;
}

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; form-action *; frame-ancestors 'none'",
  "cache-control": "no-store",
};

/** Starts a double; resolves when its port listens. */
export async function startIdpDouble(options: IdpDoubleOptions = {}): Promise<IdpDouble> {
  const server = createServer();
  server.keepAliveTimeout = 60_000;
  server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const issuer = `http://${options.host ?? "127.0.0.1"}:${port}`;
  const desk = await openDesk(issuer, options);
  serve(server, desk);
  return {
    port,
    issuer,
    async close() {
      const ended = once(server, "close");
      server.close();
      server.closeAllConnections();
      await ended;
    },
  };
}

type Served = Desk & { readonly handle: ReturnType<Provider["callback"]> };

async function openDesk(issuer: string, options: IdpDoubleOptions): Promise<Served> {
  const memory = openMemory(Date.now);
  const users = new Map(demoUsers.map((user) => [user.id, user]));
  const keys = openKeys(options.dataDirectory);
  const lives = { ...demoLives, ...options.lives };
  const fresh = () => makeProvider({ issuer, keys: keys.all, memory, lives, userOf: (id) => users.get(id) });
  let provider = fresh();
  let handle = provider.callback();
  for (const client of options.gateway === undefined ? [] : clientsOf(options.gateway))
    await memory.adapter("Client").upsert(client.client_id as string, client);
  return {
    memory,
    users,
    keys,
    faults: createFaults(),
    get provider() {
      return provider;
    },
    get handle() {
      return handle;
    },
    renew() {
      provider = fresh();
      handle = provider.callback();
    },
  };
}

function serve(server: Server, desk: Served): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answer(desk, request, response).catch((error: unknown) => {
      if (request.socket.destroyed) return;
      // A defect of the double itself must be seen as one and never look like the service's own answer.
      process.stderr.write(`idp double: ${error instanceof Error ? error.stack : String(error)}\n`);
      request.socket.destroy();
    });
  });
}

async function answer(desk: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = "/"] = (request.url ?? "/").split("?");
  if (path.startsWith("/admin/")) {
    const { status, body } = await serveAdmin(desk, request.method ?? "GET", path, await read(request));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    return;
  }
  const fault = desk.faults.meet(path);
  if (fault?.kind === "unavailable") return void response.writeHead(503).end();
  if (fault?.kind === "slow") await pause(fault.delayMs);
  if (path.startsWith("/interaction/")) return signIn(desk, request, response);
  return desk.handle(request, response);
}

async function signIn({ provider, users }: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch(() => undefined);
  if (!interaction) return void response.writeHead(400, PAGE_HEADERS).end("This sign-in has run out. Begin again.");
  const form = request.method === "POST" ? new URLSearchParams(await read(request)) : undefined;
  const user = users.get(form?.get("user") ?? "");
  if (!user)
    return void response
      .writeHead(200, PAGE_HEADERS)
      .end(signInPage(`/interaction/${interaction.uid}`, [...users.values()]));
  const grantId = await grantTo(provider, user.id, interaction.params.client_id);
  return provider.interactionFinished(request, response, {
    login: { accountId: user.id, acr: user.acr },
    consent: { grantId },
  });
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
