// Idempotency keys: a write that comes again under its key is answered from the record, and done once.
//
// The header is that of draft-ietf-httpapi-idempotency-key-header: same key, same request → same answer; same key, another
// request → refused; while the first is under way → come again.

import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { commitTogether } from "#kernel/commit-together";
import { LockgateError } from "#kernel/errors";
import type { Gate } from "../access.ts";
import { passageOf } from "../accesses/passage.ts";
import type { GatewayOptions } from "../types.ts";
import { type Grounds, groundsOf, stillGrounded } from "./grounds.ts";
import { forget, free, type Kept, type Keyed, keepAnswers, take } from "./store.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The key that is this request's alone until it is answered. */
    heldKey: string | null;
  }
}

const KEY = /^[\x21-\x7e]{8,200}$/;
const COME_AGAIN_MS = 1_000;
const FORGET_EVERY_MS = 3_600_000;

type KeyOptions = Pick<GatewayOptions, "db" | "log"> & {
  readonly gate: Gate;
  /** Tells the masks in force from any others. */
  readonly masks: string;
};

/** Keeps the promise on every route of `server` that writes, for callers that send the header. */
export function honourKeys(server: FastifyInstance, { db, log, gate, masks }: KeyOptions): void {
  server.decorateRequest("heldKey", null);
  // Two requests of one key in one statement are more than it can do: then each is done by itself, and the second waits.
  const takeKey = commitTogether((all: readonly Keyed[]) => take(db, all));
  const keep = commitTogether(async (all: readonly Kept[]) => {
    await keepAnswers(db, all);
    return all;
  });

  const enter = async (request: FastifyRequest, reply: FastifyReply, key: string): Promise<unknown> => {
    const digest = digestOf(request);
    const standing = await takeKey({ principal: request.principal.id, key, digest });
    if (!standing) {
      request.heldKey = key;
      return;
    }
    if (!standing.digest.equals(digest)) throw new LockgateError("IDEMPOTENCY_KEY_REUSED");
    if (standing.status === null || standing.body === null)
      throw new LockgateError("REQUEST_UNDER_WAY", { retryAfterMs: COME_AGAIN_MS });
    const told = JSON.parse(standing.body) as Told;
    await stillGrounded(request, gate, told.grounds, masks);
    return again(reply, standing.status, told);
  };
  const leave = async (request: FastifyRequest, reply: FastifyReply, payload: unknown, key: string): Promise<void> => {
    const principal = request.principal.id;
    if (mayPass(request, reply)) return free(db, principal, key);
    const told: Told = { ...toldBy(reply, payload), grounds: groundsOf(request, masks) };
    await keep({ principal, key, status: reply.statusCode, body: JSON.stringify(told) });
  };

  server.addHook("preHandler", (request, reply, done) => {
    const key = keyOf(request);
    return key === undefined ? done() : enter(request, reply, key);
  });
  server.addHook("onSend", (request, reply, payload, done) => {
    const { heldKey: key } = request;
    return key === null ? done() : leave(request, reply, payload, key);
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

/** What may pass is no answer to keep: the same request may succeed later, and a refusal did nothing that could come twice. */
const mayPass = (request: FastifyRequest, { statusCode }: FastifyReply): boolean =>
  statusCode >= 500 || statusCode === 429 || passageOf(request).asked?.decision.allowed === false;

/** An answer as it is kept: its text, the headers that are about it, and what it rests on. */
type Told = {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Absent in what was kept before grounds were. */
  readonly grounds?: Grounds;
};

const KEPT_HEADERS = ["content-type", "etag"];

const toldBy = (reply: FastifyReply, payload: unknown): Omit<Told, "grounds"> => ({
  headers: Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
  ),
  text: String(payload ?? ""),
});

const again = (reply: FastifyReply, status: number, { headers, text }: Told): FastifyReply =>
  reply.code(status).headers(headers).header("idempotency-replayed", "true").send(text);
