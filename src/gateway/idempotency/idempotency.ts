// Idempotency keys: a write that comes again under its key is answered from the record, and done once.
//
// The header is that of draft-ietf-httpapi-idempotency-key-header: same key, same request → same answer; same key, another
// request → refused; while the first is under way → come again.

import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { commitTogether } from "#kernel/commit-together";
import { LockgateError } from "#kernel/errors";
import type { GatewayOptions } from "../types.ts";
import { forget, free, type Kept, type Keyed, keepAnswers, take } from "./store.ts";

const KEY = /^[\x21-\x7e]{8,200}$/;
const COME_AGAIN_MS = 1_000;
const FORGET_EVERY_MS = 3_600_000;

/** Keeps the promise on every route of `server` that writes, for callers that send the header. */
export function honourKeys(server: FastifyInstance, { db, log }: GatewayOptions): void {
  /** Requests that hold their key, until they are answered. */
  const holding = new WeakMap<FastifyRequest, string>();
  // Two requests of one key in one statement are more than it can do: then each is done by itself, and the second waits.
  const takeKey = commitTogether((all: readonly Keyed[]) => take(db, all));
  const keep = commitTogether(async (all: readonly Kept[]) => {
    await keepAnswers(db, all);
    return all;
  });

  server.addHook("preHandler", async (request, reply) => {
    const key = keyOf(request);
    if (key === undefined) return;
    const digest = digestOf(request);
    const standing = await takeKey({ principal: request.principal.id, key, digest });
    if (!standing) return void holding.set(request, key);
    if (!standing.digest.equals(digest)) throw new LockgateError("IDEMPOTENCY_KEY_REUSED");
    if (standing.status === null || standing.body === null)
      throw new LockgateError("REQUEST_UNDER_WAY", { retryAfterMs: COME_AGAIN_MS });
    return again(reply, standing.status, JSON.parse(standing.body) as Told);
  });

  server.addHook("onSend", async (request, reply, payload) => {
    const key = holding.get(request);
    if (key === undefined) return;
    const principal = request.principal.id;
    // What may pass is no answer to keep: the same request may succeed later.
    if (reply.statusCode >= 500 || reply.statusCode === 429) await free(db, principal, key);
    else await keep({ principal, key, status: reply.statusCode, body: JSON.stringify(toldBy(reply, payload)) });
  });

  const forgetting = setInterval(
    () => void forget(db).catch((error: unknown) => log.warn("idempotency keys could not be forgotten", { error })),
    FORGET_EVERY_MS,
  );
  forgetting.unref();
  server.addHook("onClose", async () => clearInterval(forgetting));
}

function keyOf({ method, headers }: FastifyRequest): string | undefined {
  const key = headers["idempotency-key"];
  if (method === "GET" || method === "HEAD" || key === undefined) return undefined;
  if (typeof key !== "string" || !KEY.test(key)) throw new LockgateError("REQUEST_INVALID", { at: "idempotency-key" });
  return key;
}

const digestOf = ({ method, url, body }: FastifyRequest): Buffer =>
  createHash("sha256")
    .update(`${method} ${url}\n${JSON.stringify(body ?? null)}`)
    .digest();

/** An answer as it is kept: its text, and the headers that are about it. */
type Told = { readonly headers: Readonly<Record<string, string>>; readonly text: string };

const KEPT_HEADERS = ["content-type", "etag"];

const toldBy = (reply: FastifyReply, payload: unknown): Told => ({
  headers: Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
  ),
  text: String(payload ?? ""),
});

const again = (reply: FastifyReply, status: number, { headers, text }: Told): FastifyReply =>
  reply.code(status).headers(headers).header("idempotency-replayed", "true").send(text);
