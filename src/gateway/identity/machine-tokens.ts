// Tokens for machines: a client proves itself by a short-lived assertion that it signed (private_key_jwt), and is given a token.
//
// RFC 6749 §4.4, RFC 7523 §3, and SMART Backend Services 2.2: iss = sub = client id, aud = this endpoint, at most five
// minutes, each jti once. The token is opaque: it is looked up by its hash, and can be revoked.

import { createHash, randomBytes } from "node:crypto";
import { createLocalJWKSet, createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify } from "jose";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import type { Fetch } from "./outbound.ts";
import type { Principal } from "./principal.ts";
import type { ClientSettings } from "./settings.ts";
import { insertToken, readToken, useAssertion } from "./store.ts";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** SMART Backend Services asks for these two. */
const ALGORITHMS = ["RS384", "ES384"];
const MOST_ASSERTION_S = 300;
const TOKEN_S = 300;
const CLOCK_TOLERANCE_S = 30;
const MOST_JTI_CHARACTERS = 128;
/** What marks our tokens: a leaked one is found by scanners, and no signed token begins so. */
const PREFIX = "lgt_";
/** The issuer's name in the ids of machines that are registered here. */
const OWN = "lockgate";

/** An answer of the token endpoint (RFC 6749 §5). */
export type TokenAnswer =
  | {
      readonly access_token: string;
      readonly token_type: "Bearer";
      readonly expires_in: number;
      readonly scope: string;
    }
  | { readonly error: TokenRefusal };
type TokenRefusal = "invalid_request" | "invalid_client" | "unsupported_grant_type" | "invalid_scope";

/** A request of the token endpoint, as its form was sent. */
export type TokenRequest = Readonly<Record<string, string>>;

export type MachineTokens = {
  /** Answers a request for a token that came under this certificate, and says for the audit which client asked, where that is proven. */
  grant(
    request: TokenRequest,
    certificate: string | undefined,
  ): Promise<{ readonly answer: TokenAnswer; readonly client?: string }>;
  /** Whose a token is; undefined for what is not ours or not good any more. */
  find(token: string): Promise<{ readonly principal: Principal; readonly tillMs: number } | undefined>;
};

type Known = { readonly settings: ClientSettings; readonly keys: Parameters<typeof jwtVerify>[1] };

/** Tokens for these clients. `endpoint`: the URL of the token endpoint as clients know it. */
export function machineTokens(
  settings: readonly ClientSettings[],
  {
    db,
    clock,
    endpoint,
    outbound = fetch,
  }: { readonly db: Db; readonly clock: Clock; readonly endpoint: string; readonly outbound?: Fetch },
): MachineTokens {
  const clients = new Map(settings.map((one) => [one.id, { settings: one, keys: keysOf(one, outbound) }]));
  return {
    async grant(request, certificate) {
      const { grant_type, client_assertion_type, client_assertion, scope = "" } = request;
      if (grant_type !== "client_credentials") return { answer: { error: "unsupported_grant_type" } };
      if (client_assertion_type !== ASSERTION_TYPE || !client_assertion)
        return { answer: { error: "invalid_request" } };
      const proven = await prove(client_assertion, clients, { clock, endpoint });
      if (!proven || (request.client_id !== undefined && request.client_id !== proven.client.id))
        return { answer: { error: "invalid_client" } };
      const { client, jti, expiresAt } = proven;
      if (client.certificate !== undefined && client.certificate !== certificate)
        return { answer: { error: "invalid_client" }, client: client.id };
      if (!(await useAssertion(db, client.id, jti, expiresAt))) return { answer: { error: "invalid_client" } };
      const asked = scope.split(" ").filter(Boolean);
      const scopes = asked.length === 0 ? client.scopes : asked;
      if (!scopes.every((one) => (client.scopes as readonly string[]).includes(one)))
        return { answer: { error: "invalid_scope" }, client: client.id };
      const token = `${PREFIX}${randomBytes(32).toString("base64url")}`;
      await insertToken(db, hashOf(token), {
        client: client.id,
        scopes,
        expiresAt: new Date(clock.now() + TOKEN_S * 1_000),
      });
      return {
        answer: { access_token: token, token_type: "Bearer", expires_in: TOKEN_S, scope: scopes.join(" ") },
        client: client.id,
      };
    },
    async find(token) {
      if (!token.startsWith(PREFIX)) return undefined;
      const standing = await readToken(db, hashOf(token));
      if (!standing || standing.expiresAt.getTime() <= clock.now()) return undefined;
      const { client, scopes, expiresAt } = standing;
      const settings = clients.get(client)?.settings;
      if (!settings) return undefined;
      const { purposes, certificate } = settings;
      const principal: Principal = {
        kind: "client",
        id: `${OWN}:${client}`,
        name: client,
        roles: [],
        scopes,
        client,
        purposes,
        ...(certificate ? { certificate } : {}),
      };
      return { principal, tillMs: expiresAt.getTime() };
    },
  };
}

const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();

const keysOf = ({ jwksUrl, keys = [] }: ClientSettings, outbound: Fetch): Known["keys"] =>
  jwksUrl
    ? createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5_000, [customFetch]: outbound })
    : createLocalJWKSet({ keys });

type Proven = { readonly client: ClientSettings; readonly jti: string; readonly expiresAt: Date };

/** Whose assertion it is. What is wrong with one is told to nobody: a guesser learns nothing. */
async function prove(
  assertion: string,
  clients: ReadonlyMap<string, Known>,
  { clock, endpoint }: { readonly clock: Clock; readonly endpoint: string },
): Promise<Proven | undefined> {
  try {
    const known = clients.get(decodeJwt(assertion).iss ?? "");
    if (!known) return undefined;
    const { id } = known.settings;
    const { payload } = await jwtVerify(assertion, known.keys, {
      issuer: id,
      subject: id,
      audience: endpoint,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(clock.now()),
      requiredClaims: ["exp", "jti"],
    });
    const { exp, jti } = payload as { exp: number; jti: unknown };
    const isShort = exp * 1_000 - clock.now() <= (MOST_ASSERTION_S + CLOCK_TOLERANCE_S) * 1_000;
    if (!isShort || typeof jti !== "string" || jti === "" || jti.length > MOST_JTI_CHARACTERS) return undefined;
    return { client: known.settings, jti, expiresAt: new Date((exp + CLOCK_TOLERANCE_S) * 1_000) };
  } catch (thrown) {
    if (thrown instanceof errors.JWKSTimeout) throw new LockgateError("IDENTITY_UNAVAILABLE", { cause: thrown });
    if (thrown instanceof errors.JOSEError) return undefined;
    throw thrown;
  }
}
