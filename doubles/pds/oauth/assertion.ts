// The signed assertion by which an application shows who it is: private_key_jwt (RFC 7523) under the service's rules.

import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import type { Client } from "../register.ts";

/** A token request that is refused: HTTP status, OAuth2 error (RFC 6749 section 5.2) and what exactly is wrong. */
export class TokenRefusal extends Error {
  readonly status: number;
  readonly error: string;

  constructor(status: number, error: string, description: string) {
    super(description);
    this.status = status;
    this.error = error;
  }
}

const malformed = (description: string): TokenRefusal => new TokenRefusal(400, "invalid_request", description);
const untrusted = (description: string): TokenRefusal => new TokenRefusal(401, "invalid_request", description);

/** Seconds that an assertion may still live: five minutes, and ten seconds for clocks that differ. */
const longestLifeSeconds = 310;

/** What an assertion is checked against. */
export interface AssertionCheck {
  /** URL of the token endpoint. */
  audience: string;
  nowMs: number;
  /** As `Register.clientKey`. */
  clientKey(apiKey: string, kid: string): Client | undefined | null;
  /** Notes an assertion's id until it expires; false when it was there before. */
  isFirstUse(apiKey: string, jti: string, expiresAtMs: number): boolean;
}

/** The API key that an assertion proves; throws TokenRefusal. */
export function apiKeyOf(assertion: string, check: AssertionCheck): string {
  const parts = assertion.split(".");
  const [header, claims] = parts.slice(0, 2).map(objectIn);
  if (parts.length !== 3 || !header || !claims) throw malformed("Malformed JWT in client_assertion");
  if (header.alg !== "RS512")
    throw malformed("Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'");
  if (typeof header.kid !== "string") throw malformed("Missing 'kid' header in client_assertion JWT");
  if (header.typ !== "JWT") throw malformed("Invalid 'typ' header in client_assertion JWT - must be 'JWT'");
  const { iss, sub } = claims;
  if (typeof iss !== "string" || iss !== sub)
    throw malformed("Missing or non-matching 'iss'/'sub' claims in client_assertion JWT");
  const key = check.clientKey(iss, header.kid);
  if (key === null) throw untrusted("Invalid 'iss'/'sub' claims in client_assertion JWT");
  if (key === undefined) throw untrusted("Invalid 'kid' header in client_assertion JWT - no matching public key");
  if (claims.aud !== check.audience) throw untrusted("Missing or invalid 'aud' claim in client_assertion JWT");
  const expiresAtMs = expiryOf(claims.exp, check.nowMs);
  if (!isSigned(parts, key)) throw untrusted("JWT signature verification failed");
  useOnce(claims.jti, iss, expiresAtMs, check);
  return iss;
}

function expiryOf(exp: unknown, nowMs: number): number {
  if (exp === undefined) throw malformed("Missing 'exp' claim in client_assertion JWT");
  if (typeof exp !== "number") throw malformed("Invalid 'exp' claim in client_assertion JWT - must be a number");
  const secondsLeft = exp - nowMs / 1000;
  if (secondsLeft <= 0) throw malformed("Invalid 'exp' claim in client_assertion JWT - JWT has expired");
  if (secondsLeft > longestLifeSeconds)
    throw malformed("Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future");
  return exp * 1000;
}

/** Only an assertion whose signature holds uses its id up. */
function useOnce(jti: unknown, apiKey: string, expiresAtMs: number, check: AssertionCheck): void {
  if (jti === undefined) throw malformed("Missing 'jti' claim in client_assertion JWT");
  if (typeof jti !== "string" || jti === "")
    throw malformed("Failed to decode 'jti' claim. 'jti' must be a unique string value such as a GUID");
  if (!check.isFirstUse(apiKey, jti, expiresAtMs)) throw malformed("Non-unique 'jti' claim in client_assertion JWT");
}

function isSigned([header = "", claims = "", signature = ""]: string[], { jwk }: Client): boolean {
  const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
  return verify("sha512", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"));
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
