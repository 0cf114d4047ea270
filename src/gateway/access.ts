// Access: who asks, told from the bearer token; whether the policies permit it; and what of the answer may be seen.

import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { append, type Leaf } from "#engine/audit";
import type { Decider } from "#engine/work";
import { asLockgateError, LockgateError } from "#kernel/errors";
import type { BearerVerifier } from "./identity/bearer.ts";
import type { Principal } from "./identity/principal.ts";
import { type Action, type Purpose, purposes, type Resource } from "./policy/actions.ts";
import { allowedAccess } from "./policy/allowed-access.ts";
import { type Role, roles } from "./policy/roles.ts";
import type { Access, Asker, Decision, Policy } from "./policy/types.ts";
import type { GatewayOptions } from "./types.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; there on every route under a version. */
    principal: Principal;
  }
}

/** For whom the operator asks, and on whose journey a refusal is recorded. */
type About = { readonly as?: Decider | undefined; readonly journeyId?: string };

/** Decides on requests. Every refusal is audited. */
export type Gate = {
  /**
   * Whether whoever asks may do this, and as what. The header `purpose-of-use` says for what purpose, `access-reason` why, in words.
   * @throws ACCESS_REFUSED, PURPOSE_REQUIRED, SECOND_FACTOR_REQUIRED; REQUEST_INVALID for a purpose that there is not
   */
  allow(request: FastifyRequest, action: Action, resource: Resource, about?: About): Promise<Access>;
  /** The same question, without a refusal: for lists that hold what one may see. */
  may(request: FastifyRequest, action: Action, resource: Resource): boolean;
};

/** Whoever holds the start-up token: the machine's own administrator, who says for whom a decision is made. */
const OPERATOR: Principal = {
  kind: "user",
  id: "operator",
  name: "operator",
  // What an auditor and an administrator may not see, their roles would take from the others.
  roles: roles.filter((role) => role !== "auditor" && role !== "administrator"),
  scopes: ["lockgate"],
  client: "lockgate",
  assuranceLevel: 2,
};

/** Has every request of `server` say who asks. A refusal is audited. @throws REQUEST_UNAUTHENTICATED */
export function authenticate(server: FastifyInstance, verify: BearerVerifier, options: GatewayOptions): void {
  const operatorDigest = digestOf(options.operatorToken);
  server.decorateRequest("principal", null as unknown as Principal);
  server.addHook("onRequest", async (request) => {
    try {
      const token = bearerToken(request);
      request.principal = timingSafeEqual(digestOf(token), operatorDigest) ? OPERATOR : await verify(token);
    } catch (thrown) {
      const { code, reason } = asLockgateError(thrown);
      await record(options, { name: "access.requested", code, ...(reason ? { detail: { reason } } : {}) });
      throw thrown;
    }
  });
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

function bearerToken({ headers }: FastifyRequest): string {
  const [scheme, token] = (headers.authorization ?? "").split(" ", 2);
  if (scheme !== "Bearer" || !token) throw new LockgateError("REQUEST_UNAUTHENTICATED");
  return token;
}

function record(
  { db, clock }: GatewayOptions,
  leaf: Pick<Leaf, "name" | "actor" | "code" | "detail" | "journeyId">,
): Promise<void> {
  const at = new Date(clock.now());
  return db.transaction((tx) => append(tx, [{ at, part: "gateway", outcome: "refused", ...leaf }]));
}

/** The gate over these policies. */
export function openGate(policy: Policy, options: GatewayOptions): Gate {
  const decide = (request: FastifyRequest, action: Action, resource: Resource, principal: Asker): Decision =>
    policy.decide({ principal, action, resource, context: circumstancesOf(request) });
  return {
    may: (request, action, resource) => decide(request, action, resource, request.principal).allowed,
    async allow(request, action, resource, { as, journeyId } = {}) {
      const principal = askerOf(request, as);
      const decision = decide(request, action, resource, principal);
      if (!decision.allowed)
        await record(options, {
          name: "access.requested",
          actor: principal.id,
          code: decision.refusal,
          ...(journeyId ? { journeyId } : {}),
          detail: { action, policies: decision.reasons.join(" ") },
        });
      return allowedAccess(decision);
    },
  };
}

const isRole = (name: string): name is Role => (roles as readonly string[]).includes(name);

/** The operator asks with the rights of whomever the deed is done for. */
function askerOf({ principal }: FastifyRequest, as: Decider | undefined): Asker {
  if (principal !== OPERATOR || !as) return principal;
  return { ...OPERATOR, id: as.name, roles: as.roles.filter(isRole) };
}

function circumstancesOf({ headers, principal }: FastifyRequest): { purpose?: Purpose; reason?: string } {
  const { "purpose-of-use": said, "access-reason": reason } = headers;
  // The operator's tools run the platform, and need not say so each time.
  const isOperator = principal === OPERATOR;
  const purpose = said ?? (isOperator ? "administration" : undefined);
  if (purpose !== undefined && !(purposes as readonly unknown[]).includes(purpose))
    throw new LockgateError("REQUEST_INVALID", { at: "purpose-of-use" });
  const isText = typeof reason === "string" && reason.length <= 1_000;
  if (reason !== undefined && !isText) throw new LockgateError("REQUEST_INVALID", { at: "access-reason" });
  return {
    ...(purpose === undefined ? {} : { purpose: purpose as Purpose }),
    ...(reason === undefined && !isOperator ? {} : { reason: reason ?? "by the operator's command" }),
  };
}

/**
 * The person who decides or looks: the one whose token it is. Only the operator, who is nobody in particular, says for whom.
 * @throws REQUEST_INVALID where a person speaks for another, or the operator for nobody; ACCESS_REFUSED for a machine
 */
export function deciderOf({ principal }: FastifyRequest, as: Decider | undefined): Decider {
  if (principal === OPERATOR) {
    if (!as) throw new LockgateError("REQUEST_INVALID", { at: "body/as", reason: "required" });
    return as;
  }
  if (as) throw new LockgateError("REQUEST_INVALID", { at: "body/as", reason: "not-yours-to-say" });
  if (principal.kind !== "user") throw new LockgateError("ACCESS_REFUSED");
  return { name: principal.id, roles: [...principal.roles] };
}
