// Access: who asks, told from a token or a session; whether the policies permit it; and what of the answer may be seen.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Decider } from "#engine/work";
import { LockgateError } from "#kernel/errors";
import { decided, turnedAway, weighed } from "./accesses/passage.ts";
import type { Colleagues } from "./colleagues/colleagues.ts";
import type { BearerVerifier } from "./identity/bearer.ts";
import type { Principal } from "./identity/principal.ts";
import { type Action, type Purpose, purposes, type Resource } from "./policy/actions.ts";
import { allowedAccess } from "./policy/allowed-access.ts";
import type { Access, Circumstances, Explanation, Policy, Question } from "./policy/types.ts";
import type { Cookies } from "./sessions/browser.ts";
import type { Sessions } from "./sessions/sessions.ts";
import { certificateOf } from "./transport.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; there on every route under a version. */
    principal: Principal;
    /** Who still asks, for an answer that goes on for long; undefined: what the request came with holds no more. */
    stillAsks(): Promise<Principal | undefined>;
  }
}

/** On whose journey a refusal is recorded. */
type About = { readonly journeyId?: string };

/** Decides on requests. Each decision is on record before its answer is sent: `accesses/record.ts`. */
export type Gate = {
  /**
   * Whether whoever asks may do this, and as what. The header `purpose-of-use` says for what purpose, `access-reason` why, in words.
   * @throws ACCESS_REFUSED, PURPOSE_REQUIRED, SECOND_FACTOR_REQUIRED; REQUEST_INVALID for a purpose that there is not
   */
  allow(request: FastifyRequest, action: Action, resource: Resource, about?: About): Promise<Access>;
  /** The same question, without a refusal: for lists that hold what one may see. */
  may(request: FastifyRequest, action: Action, resource: Resource): boolean;
  /** The same question about whoever that is now, with nothing said of the circumstances. */
  mayStill(principal: Principal, action: Action, resource: Resource): boolean;
  /** Why a question is decided as it is. @throws REQUEST_INVALID where the action is not about such a resource */
  explain(question: Question): Explanation;
};

/** How whoever asks can prove who they are: by a token of their own, or by the session of their browser. */
export type Credentials = {
  readonly verify: BearerVerifier;
  readonly sessions: Sessions;
  readonly cookies: Cookies;
};

/** Has every request of `server` say who asks. A refusal is audited. @throws REQUEST_UNAUTHENTICATED, SESSION_ENDED, SESSION_LOCKED, CSRF_REFUSED */
export function authenticate(
  server: FastifyInstance,
  credentials: Credentials,
  { note }: Pick<Colleagues, "note">,
): void {
  server.decorateRequest("principal", null as unknown as Principal);
  server.decorateRequest("stillAsks", function (this: FastifyRequest) {
    return whoStillAsks(this, credentials);
  });
  const asks = async (request: FastifyRequest): Promise<void> => {
    try {
      admit(request, await whoAsks(request, credentials));
      // Whoever is not noted down is only given no work: no reason to turn them away.
      await note(request.principal).catch(() => undefined);
    } catch (thrown) {
      turnedAway(request);
      throw thrown;
    }
  };
  server.addHook("onRequest", (request, _reply, done) => {
    const known = recalled(request, credentials);
    // Nearly every request: nothing is waited for.
    if (!known || known.certificate !== undefined) return asks(request);
    request.principal = known;
    done();
  });
}

/** Whoever came by this token a moment ago. */
function recalled(request: FastifyRequest, { verify, cookies }: Credentials): Principal | undefined {
  const [scheme, token] = request.headers.authorization?.split(" ", 2) ?? [];
  return scheme === "Bearer" && token && cookies.session(request) === undefined ? verify.recall(token) : undefined;
}

/** Without its certificate a stolen token is nothing. @throws REQUEST_UNAUTHENTICATED */
function admit(request: FastifyRequest, principal: Principal): void {
  const { certificate } = principal;
  request.principal = principal;
  if (certificate !== undefined && certificate !== certificateOf(request.raw.socket))
    throw new LockgateError("REQUEST_UNAUTHENTICATED", { reason: "certificate" });
}

/** A request under two credentials could mean either person: it is refused. */
async function whoAsks(request: FastifyRequest, { verify, sessions, cookies }: Credentials): Promise<Principal> {
  const { authorization, "x-csrf-token": csrfToken } = request.headers;
  const session = cookies.session(request);
  if (session === undefined) return verify(bearerToken(authorization));
  if (authorization !== undefined) throw new LockgateError("REQUEST_UNAUTHENTICATED", { reason: "two-credentials" });
  return sessions.admit(session, request.method, csrfToken);
}

async function whoStillAsks(
  request: FastifyRequest,
  { verify, sessions, cookies }: Credentials,
): Promise<Principal | undefined> {
  const session = cookies.session(request);
  if (session !== undefined) return sessions.look(session);
  return verify(bearerToken(request.headers.authorization)).catch((thrown: unknown) => {
    if (thrown instanceof LockgateError && thrown.code === "REQUEST_UNAUTHENTICATED") return undefined;
    throw thrown;
  });
}

function bearerToken(authorization = ""): string {
  const [scheme, token] = authorization.split(" ", 2);
  if (scheme !== "Bearer" || !token) throw new LockgateError("REQUEST_UNAUTHENTICATED");
  return token;
}

/** The gate over these policies. */
export function openGate(policy: Policy): Gate {
  return {
    may(request, action, resource) {
      const { principal } = request;
      const decision = policy.decide({ principal, action, resource, context: circumstancesOf(request) });
      weighed(request, { action, resource, decision, isAsked: false });
      return decision.allowed;
    },
    explain: policy.explain,
    mayStill: (principal, action, resource) => policy.decide({ principal, action, resource, context: {} }).allowed,
    async allow(request, action, resource, { journeyId } = {}) {
      const { principal } = request;
      const context = circumstancesOf(request);
      const decision = policy.decide({ principal, action, resource, context });
      decided(request, { principal, action, resource, context, decision, journeyId });
      return allowedAccess(decision);
    },
  };
}

function circumstancesOf({ headers }: FastifyRequest): Circumstances {
  const { "purpose-of-use": purpose, "access-reason": reason } = headers;
  if (purpose !== undefined && !(purposes as readonly unknown[]).includes(purpose))
    throw new LockgateError("REQUEST_INVALID", { at: "purpose-of-use" });
  const isText = typeof reason === "string" && reason.length <= 1_000;
  if (reason !== undefined && !isText) throw new LockgateError("REQUEST_INVALID", { at: "access-reason" });
  return {
    ...(purpose === undefined ? {} : { purpose: purpose as Purpose }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The person who decides or looks: the one whose token or session it is, and nobody else. @throws ACCESS_REFUSED for a machine */
export function deciderOf({ principal }: FastifyRequest): Decider {
  if (principal.kind !== "user") throw new LockgateError("ACCESS_REFUSED");
  return { name: principal.id, roles: [...principal.roles] };
}
