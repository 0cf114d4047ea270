// An issuer as a place to sign in at: the way there, what comes back for a code or a refresh token, and its word that it is over.
//
// RFC 6749 with PKCE (RFC 7636) and the issuer's name in its answer (RFC 9207); OpenID Connect Core 1.0 §3.1; Back-Channel Logout 1.0.

import { createHash, createPrivateKey, randomUUID } from "node:crypto";
import { createRemoteJWKSet, customFetch, decodeJwt, errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Clock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { tokenReader } from "../identity/bearer.ts";
import type { Fetch } from "../identity/outbound.ts";
import { type Principal, principalOfSignIn } from "../identity/principal.ts";
import type { IssuerSettings } from "../identity/settings.ts";
import { ISSUER_TIMEOUT_MS, remembered } from "./discovery.ts";
import type { SignInSettings } from "./settings.ts";

const CLOCK_TOLERANCE_S = 30;
const MOST_LOGOUT_AGE_S = 300;
const COOL_DOWN_MS = 30_000;
const GIVEN_COOL_DOWN_MS = 1_000;
const ASSERTION_S = 60;
const DEFAULT_TOKEN_S = 300;
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Who signed in, and how that can be renewed. */
export type SignedIn = {
  readonly principal: Principal;
  readonly subject: string;
  readonly sid: string | undefined;
  readonly refreshToken: string | undefined;
  /** Till when the principal stands without being renewed, ms since 1970. */
  readonly freshTillMs: number;
};

/** What binds an answer to its question. */
export type Question = {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
};

/** Whose sessions an issuer declares over. */
export type Logout = {
  readonly jti: string;
  readonly subject: string | undefined;
  readonly sid: string | undefined;
  readonly expiresAt: Date;
};

/** A place to sign in at. Its methods throw IDENTITY_UNAVAILABLE where it does not answer. */
export type SignInIssuer = {
  readonly name: string;
  readonly url: string;
  authorizationUrl(question: Question): Promise<string>;
  /** @throws SIGN_IN_REFUSED where the issuer refuses the code, or what it gives does not hold */
  redeem(code: string, question: Question): Promise<SignedIn>;
  /** @returns undefined where the issuer renews no more. @throws SIGN_IN_REFUSED where it suddenly tells of somebody else */
  renew(refreshToken: string, before: Pick<SignedIn, "subject" | "sid">): Promise<SignedIn | undefined>;
  /** Where a browser ends the issuer's own session; undefined where there is no such place. */
  endSessionUrl(returnTo: string): Promise<string | undefined>;
  /** What a logout token says; undefined where it does not hold. */
  readLogout(token: string): Promise<Logout | undefined>;
};

type Tokens = {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
};

/** An issuer with these settings. */
export function signInIssuer(
  settings: IssuerSettings & { readonly signIn: SignInSettings },
  { clock, outbound = fetch }: { readonly clock: Clock; readonly outbound?: Fetch },
): SignInIssuer {
  const { signIn, issuer } = settings;
  const endpoints = remembered(issuer, clock, outbound);
  const keysWith = (coolDownMs: number) =>
    createRemoteJWKSet(new URL(settings.jwksUrl), {
      timeoutDuration: ISSUER_TIMEOUT_MS,
      cooldownDuration: coolDownMs,
      [customFetch]: outbound,
    });
  // What the issuer itself has just given may be under a key that it has just made; a logout token may come from anybody.
  const [keys, logoutKeys] = [keysWith(GIVEN_COOL_DOWN_MS), keysWith(COOL_DOWN_MS)];
  const readAccessToken = tokenReader(settings, keys, clock);
  const checks = {
    issuer,
    audience: signIn.clientId,
    algorithms: [...settings.algorithms],
    clockTolerance: CLOCK_TOLERANCE_S,
  };

  async function identityOf(token: string | undefined, nonce: string | undefined): Promise<JWTPayload> {
    if (token === undefined) throw refused("no-id-token");
    const now = new Date(clock.now());
    const requiredClaims = ["exp", "iat", "sub"];
    const read = await jwtVerify(token, keys, { ...checks, currentDate: now, requiredClaims }).catch(asRefusal);
    const { payload, protectedHeader } = read;
    // Neither an access token nor a logout token says who signed in.
    if (![undefined, "JWT"].includes(protectedHeader.typ)) throw refused("not-an-id-token");
    if (payload.azp !== undefined && payload.azp !== signIn.clientId) throw refused("claim-azp");
    if (nonce !== undefined && payload.nonce !== nonce) throw refused("claim-nonce");
    return payload;
  }

  async function signedIn(tokens: Tokens, identity: JWTPayload, before?: Pick<SignedIn, "sid">): Promise<SignedIn> {
    const subject = identity.sub!;
    const facts = settings.kind === "cis2" ? await userInfo(tokens.access_token) : undefined;
    const livesS = tokens.expires_in ?? DEFAULT_TOKEN_S;
    const read = facts
      ? { principal: principalOfSignIn(settings, identity, facts), tillMs: clock.now() + livesS * 1_000 }
      : await readAccessToken(tokens.access_token).catch((thrown: unknown) => {
          throw thrown instanceof LockgateError && thrown.code === "REQUEST_UNAUTHENTICATED"
            ? refused(`access-token-${thrown.reason ?? "refused"}`)
            : thrown;
        });
    const { principal, tillMs: freshTillMs } = read;
    if (principal?.kind !== "user") throw refused("claims");
    // Entra ID gives each application its own `sub` of a person; `oid` is the same in both tokens.
    const person = settings.kind === "entra" ? identity.oid : subject;
    if (principal.id !== `${settings.name}:${person}`) throw refused("another-person");
    const sid = typeof identity.sid === "string" ? identity.sid : before?.sid;
    return { principal, subject, sid, refreshToken: tokens.refresh_token, freshTillMs };
  }

  async function userInfo(accessToken: string): Promise<JWTPayload> {
    const { userinfo_endpoint: url } = await endpoints();
    if (url === undefined) throw refused("no-user-info");
    const answer = await ask(outbound, url, { headers: { authorization: `Bearer ${accessToken}` } });
    if (!answer.ok) throw answer.status < 500 ? refused("user-info") : unavailable("userinfo");
    return (await answer.json()) as JWTPayload;
  }

  /** @returns the error's name where the issuer refuses */
  async function tokens(grant: Readonly<Record<string, string>>): Promise<Tokens | { readonly error: string }> {
    const { token_endpoint: url } = await endpoints();
    const proof = await proofOf(signIn, url, clock);
    const answer = await ask(outbound, url, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ ...grant, client_id: signIn.clientId, ...proof }),
    });
    if (answer.status >= 500 || answer.status === 429) throw unavailable("token");
    const said = (await answer.json().catch(() => ({}))) as Partial<Tokens> & { error?: unknown };
    if (answer.ok && typeof said.access_token === "string") return said as Tokens;
    return { error: typeof said.error === "string" && /^[a-z_]{1,40}$/.test(said.error) ? said.error : "no-token" };
  }

  return {
    name: settings.name,
    url: issuer,
    async authorizationUrl({ state, nonce, verifier, redirectUri }) {
      const url = new URL((await endpoints()).authorization_endpoint);
      const asked = {
        response_type: "code",
        client_id: signIn.clientId,
        redirect_uri: redirectUri,
        scope: signIn.scopes.join(" "),
        state,
        nonce,
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return url.href;
    },
    async redeem(code, { verifier, nonce, redirectUri }) {
      const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
      const given = await tokens(grant);
      if ("error" in given) throw refused(given.error);
      return signedIn(given, await identityOf(given.id_token, nonce));
    },
    async renew(refreshToken, before) {
      const given = await tokens({ grant_type: "refresh_token", refresh_token: refreshToken });
      // What CIS2 says of somebody stands in the identity token.
      if ("error" in given || (settings.kind === "cis2" && !given.id_token)) return undefined;
      const identity = given.id_token
        ? await identityOf(given.id_token, undefined)
        : { ...decodeJwt(given.access_token), sub: before.subject };
      if (identity.sub !== before.subject) throw refused("another-person");
      const renewed = await signedIn(given, identity, before);
      return { ...renewed, refreshToken: renewed.refreshToken ?? refreshToken };
    },
    async endSessionUrl(returnTo) {
      const { end_session_endpoint: endpoint } = await endpoints();
      if (endpoint === undefined) return undefined;
      const url = new URL(endpoint);
      // Without `id_token_hint`, which would put a token into the browser: the issuer asks its own session whose it is.
      url.searchParams.set("client_id", signIn.clientId);
      url.searchParams.set("post_logout_redirect_uri", returnTo);
      return url.href;
    },
    async readLogout(token) {
      const now = clock.now();
      const requiredClaims = ["iat", "exp", "jti", "events"];
      const read = await jwtVerify(token, logoutKeys, {
        ...checks,
        currentDate: new Date(now),
        requiredClaims,
        maxTokenAge: MOST_LOGOUT_AGE_S,
      }).catch((thrown: unknown) => {
        if (asRefusalOrTrouble(thrown).code === "IDENTITY_UNAVAILABLE") throw asRefusalOrTrouble(thrown);
        return undefined;
      });
      return read && logoutOf(read.payload, read.protectedHeader.typ);
    },
  };
}

function logoutOf(payload: JWTPayload, typ: string | undefined): Logout | undefined {
  const { jti, sub, sid, exp, nonce, events } = payload as JWTPayload & { sid?: unknown; events: unknown };
  const isLogout = typeof events === "object" && events !== null && Object.hasOwn(events, LOGOUT_EVENT);
  if (!isLogout || nonce !== undefined || ![undefined, "JWT", "logout+jwt"].includes(typ)) return undefined;
  const session = typeof sid === "string" ? sid : undefined;
  if (typeof jti !== "string" || jti.length > 128 || (sub === undefined && session === undefined)) return undefined;
  return { jti, subject: sub, sid: session, expiresAt: new Date((exp! + CLOCK_TOLERANCE_S) * 1_000) };
}

/** How the client proves itself at the token endpoint: RFC 7523 §2.2, a secret, or by PKCE alone. */
async function proofOf(signIn: SignInSettings, audience: string, clock: Clock): Promise<Record<string, string>> {
  if (signIn.clientSecret !== undefined) return { client_secret: signIn.clientSecret };
  if (signIn.privateKey === undefined) return {};
  const key = createPrivateKey(signIn.privateKey);
  const now = Math.floor(clock.now() / 1_000);
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({
      alg: key.asymmetricKeyType === "ec" ? "ES256" : "RS256",
      ...(signIn.keyId === undefined ? {} : { kid: signIn.keyId }),
    })
    .setIssuer(signIn.clientId)
    .setSubject(signIn.clientId)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_S)
    .sign(key);
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
}

const ask = (outbound: Fetch, url: string, init: RequestInit): Promise<Response> =>
  outbound(url, { ...init, redirect: "error", signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) }).catch(
    (cause: unknown) => {
      throw unavailable(new URL(url).pathname, cause);
    },
  );

const refused = (reason: string, cause?: unknown): LockgateError =>
  new LockgateError("SIGN_IN_REFUSED", { reason, cause });
const unavailable = (at: string, cause?: unknown): LockgateError =>
  new LockgateError("IDENTITY_UNAVAILABLE", { at, cause });

const asRefusal = (thrown: unknown): never => {
  throw asRefusalOrTrouble(thrown);
};

/** What jose says of a token; trouble with the keys is not the token's fault. */
function asRefusalOrTrouble(thrown: unknown): LockgateError {
  if (thrown instanceof errors.JWTClaimValidationFailed) return refused(`claim-${thrown.claim}`, thrown);
  const isTrouble = thrown instanceof errors.JWKSTimeout || thrown instanceof errors.JWKSInvalid;
  if (thrown instanceof errors.JOSEError && !isTrouble && thrown.code !== "ERR_JOSE_GENERIC")
    return refused("id-token", thrown);
  return unavailable("keys", thrown);
}
