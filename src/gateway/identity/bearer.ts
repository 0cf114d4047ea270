// Bearer tokens: whose they are, told from the signature, or refused. Nothing in a token chooses how it is checked.

import { hash } from "node:crypto";
import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify } from "jose";
import type { Clock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import type { Fetch } from "./outbound.ts";
import { type Principal, principalOf } from "./principal.ts";
import type { IssuerSettings } from "./settings.ts";

const MOST_TOKEN_CHARACTERS = 8_192;
/** A token that was found good is not looked at again for so long, and never beyond its end. */
const CACHED_MS = 60_000;
const MOST_CACHED = 10_000;
const CLOCK_TOLERANCE_S = 30;
const KEYS_TIMEOUT_MS = 5_000;
/** A token that names an unknown key has the keys fetched anew, but not more often than this. */
const KEYS_COOL_DOWN_MS = 30_000;
const KEYS_CACHED_MS = 600_000;

/** Tells whose a token is. @throws REQUEST_UNAUTHENTICATED; IDENTITY_UNAVAILABLE when the issuer's keys cannot be had */
export type BearerVerifier = {
  (token: string): Promise<Principal>;
  /** Whose the token is, where it was found good lately, so that nothing need be asked about it. */
  recall(token: string): Principal | undefined;
};

type Issuer = { readonly settings: IssuerSettings; readonly keys: ReturnType<typeof createRemoteJWKSet> };
type Known = { readonly principal: Principal; readonly tillMs: number };

/** Tokens of this platform's own: whose one is, and till when. */
export type OwnTokens = { find(token: string): Promise<Known | undefined> };

/** A verifier over tokens of our own and of these issuers, with a bounded memory of tokens, kept by their hash. */
export function bearerVerifier(
  own: OwnTokens,
  settings: readonly IssuerSettings[],
  clock: Clock,
  outbound: Fetch = fetch,
): BearerVerifier {
  // Access tokens of CIS2 are not signed texts: what claims to be one is something else, such as an identity token.
  const signing = settings.filter(({ kind }) => kind !== "cis2");
  const issuers = new Map(signing.map((one) => [one.issuer, { settings: one, keys: keysOf(one, outbound) }]));
  const known = new Map<string, Known>();
  const remembered = (digest: string): Principal | undefined => {
    const one = known.get(digest);
    return one && one.tillMs > clock.now() ? one.principal : undefined;
  };
  const verified = async (token: string): Promise<Principal> => {
    if (token.length > MOST_TOKEN_CHARACTERS) throw refused("too-long");
    const digest = digestOf(token);
    const principal = remembered(digest);
    if (principal) return principal;
    known.delete(digest);
    const found = (await own.find(token)) ?? (await verify(token, issuers, clock));
    const tillMs = Math.min(found.tillMs, clock.now() + CACHED_MS);
    // Maps keep the order of insertion: the oldest goes first.
    if (known.size >= MOST_CACHED) known.delete(known.keys().next().value!);
    known.set(digest, { ...found, tillMs });
    return found.principal;
  };
  const recall = (token: string): Principal | undefined =>
    token.length <= MOST_TOKEN_CHARACTERS ? remembered(digestOf(token)) : undefined;
  return Object.assign(verified, { recall });
}

/** Reads access tokens of one issuer, without remembering any. @throws as a verifier does */
export const tokenReader =
  (settings: IssuerSettings, keys: Issuer["keys"], clock: Clock) =>
  (token: string): Promise<Known> =>
    verify(token, new Map([[settings.issuer, { settings, keys }]]), clock);

const digestOf = (token: string): string => hash("sha256", token, "base64");

const keysOf = ({ jwksUrl }: IssuerSettings, outbound: Fetch) =>
  createRemoteJWKSet(new URL(jwksUrl), {
    [customFetch]: outbound,
    timeoutDuration: KEYS_TIMEOUT_MS,
    cooldownDuration: KEYS_COOL_DOWN_MS,
    cacheMaxAge: KEYS_CACHED_MS,
  });

async function verify(token: string, issuers: ReadonlyMap<string, Issuer>, clock: Clock): Promise<Known> {
  const issuer = issuers.get(issuerOf(token));
  if (!issuer) throw refused("issuer");
  const { settings, keys } = issuer;
  const { payload } = await jwtVerify(token, keys, {
    issuer: settings.issuer,
    audience: settings.audience,
    algorithms: [...settings.algorithms],
    clockTolerance: CLOCK_TOLERANCE_S,
    currentDate: new Date(clock.now()),
    requiredClaims: ["exp", "iat"],
    // An identity token is no access token (RFC 9068 §4); Entra ID writes `JWT` for both and tells them by the audience.
    ...(settings.kind === "oidc" ? { typ: "at+jwt" } : {}),
  }).catch((thrown: unknown) => {
    throw asRefusal(thrown);
  });
  const principal = principalOf(settings, payload);
  if (!principal) throw refused("claims");
  return { principal, tillMs: payload.exp! * 1_000 };
}

function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? "";
  } catch {
    throw refused("not-a-token");
  }
}

const refused = (reason: string, cause?: unknown): LockgateError =>
  new LockgateError("REQUEST_UNAUTHENTICATED", { reason, cause });

/** What jose says of a token, in one word for the audit; trouble with the keys is not the token's fault. */
function asRefusal(thrown: unknown): LockgateError {
  if (thrown instanceof errors.JWTExpired) return refused("expired");
  if (thrown instanceof errors.JWTClaimValidationFailed) return refused(`claim-${thrown.claim}`);
  if (thrown instanceof errors.JOSEAlgNotAllowed) return refused("algorithm");
  if (thrown instanceof errors.JWKSNoMatchingKey) return refused("key-unknown");
  if (thrown instanceof errors.JWKSTimeout || thrown instanceof errors.JWKSInvalid)
    return new LockgateError("IDENTITY_UNAVAILABLE", { cause: thrown });
  if (thrown instanceof errors.JOSEError && thrown.code !== "ERR_JOSE_GENERIC") return refused("signature");
  return new LockgateError("IDENTITY_UNAVAILABLE", { cause: thrown });
}
