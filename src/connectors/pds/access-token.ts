// The application's own access token: fetched for a signed JWT, shared by all calls, renewed before it expires.

import { createPrivateKey, type KeyObject, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { SignJWT } from "jose";
import type { Clock } from "#kernel/clock";
import { whileTaken } from "#kernel/credential-use";
import { LockgateError } from "#kernel/errors";
import { objectOf, parsed, textOf } from "./json.ts";
import type { PdsSettings } from "./settings.ts";
import type { Loss, Reply, Wire } from "./wire.ts";

const UNAUTHORISED = 401;

/** The platform refuses an assertion that lives longer than five minutes. */
const assertionSeconds = 240;
/** A token is not used for its last seconds, so that it does not expire on the way. */
const sparedMs = 30_000;

/** Access tokens of the application. */
export type AccessTokens = {
  /** The token in force, fetched if there is none. Callers that come meanwhile wait for the same fetch. */
  current(): Promise<string>;
  /** Says that `token` was refused: the next caller fetches another, unless one has been fetched since. */
  drop(token: string): void;
};

/** Tokens by OAuth 2.0 client credentials with a `private_key_jwt` (RFC 7523), signed RS512. @throws CONFIG_INVALID */
export function accessTokens(settings: PdsSettings, wire: Wire, clock: Clock): AccessTokens {
  const { apiKey, tokenUrl } = settings;
  readKey(settings.privateKey);
  // The key and its id change together; neither holds a line break before the key begins.
  const underKey = whileTaken(() => `${settings.kid}\n${settings.privateKey}`);
  let held: { readonly token: string; readonly tillMs: number } | undefined;
  let fetching: Promise<string> | undefined;

  const assertion = (kid: string, pem: string): Promise<string> =>
    new SignJWT()
      .setProtectedHeader({ alg: "RS512", typ: "JWT", kid })
      .setIssuer(apiKey)
      .setSubject(apiKey)
      .setAudience(tokenUrl)
      .setJti(randomUUID())
      .setExpirationTime(Math.floor(clock.now() / 1000) + assertionSeconds)
      .sign(readKey(pem));

  const asked = async (kidAndKey: string): Promise<Reply | Loss> => {
    const end = kidAndKey.indexOf("\n");
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await assertion(kidAndKey.slice(0, end), kidAndKey.slice(end + 1)),
    });
    return wire.send({
      method: "POST",
      path: new URL(tokenUrl).pathname,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: form.toString(),
    });
  };

  const fetched = async (): Promise<string> => {
    const answer = await underKey(asked, (one) => one.phase === "answered" && one.status === UNAUTHORISED);
    // Asking for a token has no effect, so whatever stands in the way of it is no more than that.
    if (answer.phase !== "answered") throw new LockgateError("NATIONAL_UNAVAILABLE", { reason: answer.cause });
    const { status, retryAfterMs } = answer;
    if (status !== 200) {
      const code =
        status === 429
          ? "NATIONAL_THROTTLED"
          : status >= 400 && status < 500 && status !== 408
            ? "NATIONAL_UNAUTHORISED"
            : "NATIONAL_UNAVAILABLE";
      throw new LockgateError(code, {
        reason: `TOKEN HTTP ${status}`,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    }
    const { access_token, expires_in } = objectOf(parsed(answer.body));
    const token = textOf(access_token);
    // The platform sends the seconds as text.
    const livesMs = Number(expires_in) * 1000;
    if (!token || !isHeaderText(token) || !(livesMs > 0))
      throw new LockgateError("NATIONAL_UNAVAILABLE", { reason: "TOKEN UNREADABLE" });
    held = { token, tillMs: clock.now() + livesMs - sparedMs };
    return token;
  };

  return {
    current: async () => {
      if (held && clock.now() < held.tillMs) return held.token;
      fetching ??= fetched().finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
    drop: (token) => {
      if (held?.token === token) held = undefined;
    },
  };
}

/** Whether the text can stand in a header as it is. */
export const isHeaderText = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

function readKey(pemOrPath: string): KeyObject {
  const refuse = (reason: string) => new LockgateError("CONFIG_INVALID", { at: "pds.privateKey", reason });
  let key: KeyObject;
  try {
    key = createPrivateKey(pemOrPath.startsWith("-----BEGIN") ? pemOrPath : readFileSync(pemOrPath, "utf8"));
  } catch {
    // Neither error is passed on: one names the path, the other may quote the key.
    throw refuse("no file, or no PEM of a private key");
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa" || bits < 2_048) throw refuse("no RSA key of 2,048 bits or more");
  return key;
}
