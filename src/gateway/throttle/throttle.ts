// Throttling: who is signed in spends the allowance of their client, anybody else that of their address.

import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import { append } from "#engine/audit";
import { type Clock, systemClock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import type { Principal } from "../identity/principal.ts";
import { giveBack, openAddresses, takeOf, type Visitor, waitOf } from "./addresses.ts";
import { limitField, policyField } from "./fields.ts";
import { type Bucket, openLeases, type Refusal, type Verdict } from "./leases.ts";
import {
  allowanceFor,
  LEASE_MS,
  type Product,
  productOf,
  type ThrottleSettings,
  throttleSettings,
} from "./settings.ts";
import { forget, lease, note } from "./store.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Whose address spends for this request, until it is known who is signed in. */
    visitor: Visitor | null;
  }
}

const FORGET_EVERY_MS = 3_600_000;
const TOLD_EVERY_MS = 60_000;
/** Liveness is asked for by machines that restart what does not answer. */
const HEALTH = new Set(["/health/live", "/health/ready"]);

/** Limits are about real time, which nobody puts back. */
const steady: Clock = { now: () => performance.now(), sleep: systemClock.sleep };

export type ThrottleOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly throttle?: ThrottleSettings | undefined;
};

/** Whether a token was found good lately: who is signed in is not kept out by others at the same address. */
export type Knows = (token: string) => boolean;

/**
 * Throttles every route of `server` that is registered after this, and whatever has no route. Health is answered always.
 * @throws RATE_EXCEEDED, QUOTA_EXCEEDED
 */
export function throttle(server: FastifyInstance, options: ThrottleOptions, knows: Knows): void {
  const { db, clock, log, throttle: settings = throttleSettings.parse({}) } = options;
  const leases = openLeases((asks) => lease(db, asks), steady);
  const tell = teller({ db, clock, log });
  keepByAddress(server, settings, { tell, knows });

  const conclude = (bucket: Bucket, verdict: Verdict, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header("ratelimit-policy", policyField(bucket.allowance));
    reply.header("ratelimit", limitField(bucket, verdict, steady.now()));
    if (!verdict) return;
    tell(bucket, verdict, request.principal.id);
    throw new LockgateError(verdict.code, { at: bucket.product, retryAfterMs: verdict.retryAfterMs });
  };
  const limit =
    (product: Product): onRequestHookHandler =>
    (request, reply, done) => {
      const principal = request.principal as Principal | undefined;
      if (!principal) return done();
      if (request.visitor) giveBack(request.visitor);
      request.visitor = null;
      const bucket = leases.bucket(product, subjectOf(principal), allowanceFor(settings, product, principal.client));
      const verdict = bucket.take();
      if (verdict instanceof Promise) return verdict.then((one) => conclude(bucket, one, request, reply));
      conclude(bucket, verdict, request, reply);
      done();
    };
  // A route's own hooks come after those of its scope: by then it is known who asks. The route is the one that was found,
  // however the request spelt its path.
  server.addHook("onRoute", (route) => {
    const product = productOf(route.url);
    if (product) route.onRequest = [route.onRequest ?? []].flat().concat(limit(product));
  });

  const tending = setInterval(leases.tend, LEASE_MS).unref();
  const forgetting = setInterval(
    () => void forget(db).catch((error: unknown) => log.warn("old throttles could not be forgotten", { error })),
    FORGET_EVERY_MS,
  ).unref();
  server.addHook("onClose", async () => {
    clearInterval(tending);
    clearInterval(forgetting);
    await leases.close();
  });
}

const subjects = new WeakMap<Principal, string>();

/** A machine by its id, a person by theirs and the client's: whichever token they come with. */
export function subjectOf(principal: Principal): string {
  let subject = subjects.get(principal);
  if (subject === undefined) {
    const { kind, id, client } = principal;
    // As JSON, so that no two are taken for one and nothing is in it that the database would refuse.
    subject = JSON.stringify(kind === "user" ? [id, client] : [id]);
    subjects.set(principal, subject);
  }
  return subject;
}

type Tell = (bucket: Bucket | undefined, refusal: Refusal, actor?: string) => void;

/** Tells the audit of refusals, once for each bucket and minute or day over all nodes, and of addresses once a minute. */
function teller({ db, clock, log }: Pick<ThrottleOptions, "db" | "clock" | "log">): Tell {
  const toldTill = new WeakMap<object, Record<Refusal["code"], number>>();
  const anybody = {};
  return (bucket, { code, retryAfterMs }, actor) => {
    const now = steady.now();
    const whom = bucket ?? anybody;
    const till = toldTill.get(whom) ?? { RATE_EXCEEDED: 0, QUOTA_EXCEEDED: 0 };
    if (now < till[code]) return;
    till[code] = now + (code === "QUOTA_EXCEEDED" ? retryAfterMs : TOLD_EVERY_MS);
    toldTill.set(whom, till);
    const leaf = {
      at: new Date(clock.now()),
      part: "gateway",
      name: "request.throttled",
      outcome: "refused",
      code,
      ...(actor === undefined ? {} : { actor }),
      detail: bucket ? { product: bucket.product } : { by: "address" },
    } as const;
    db.transaction(async (tx) => {
      if (!bucket || (await note(tx, { ...bucket, isQuota: code === "QUOTA_EXCEEDED" }))) await append(tx, [leaf]);
    }).catch((error: unknown) => log.warn("a throttled client could not be recorded", { error }));
  };
}

/** Has each request spend a permit of its address, which it gets back once it is known who is signed in. */
function keepByAddress(
  server: FastifyInstance,
  { addresses, failedSignIns }: ThrottleSettings,
  { tell, knows }: { readonly tell: Tell; readonly knows: Knows },
): void {
  const visitors = openAddresses(addresses, steady);
  const failures = openAddresses({ perSecond: failedSignIns.perMinute / 60, burst: failedSignIns.burst }, steady);
  server.decorateRequest("visitor", null);
  server.addHook("onRequest", (request, _reply, done) => {
    if (HEALTH.has(request.url)) return done();
    const failed = failures.known(request.ip);
    const visitor = visitors.find(request.ip);
    const retryAfterMs = (failed && waitOf(failed)) ?? takeOf(visitor);
    if (retryAfterMs === undefined) {
      request.visitor = visitor;
      return done();
    }
    const [, token] = (request.headers.authorization ?? "").split(" ", 2);
    if (token && knows(token)) return done();
    tell(undefined, { code: "RATE_EXCEEDED", retryAfterMs });
    throw new LockgateError("RATE_EXCEEDED", { at: "address", retryAfterMs });
  });
  server.addHook("onResponse", (request, { statusCode }, done) => {
    // The token endpoint says 400 of most that is wrong (RFC 6749 §5.2).
    const isFailed = statusCode === 401 || (statusCode === 400 && request.url.startsWith("/oauth2/"));
    if (isFailed) takeOf(failures.find(request.ip));
    done();
  });
}
