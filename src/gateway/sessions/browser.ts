// What a browser is given: cookies, and what is derived from the one that carries a session.
//
// SameSite=Lax, not Strict: after signing in the browser comes back from the issuer's site, and a Strict cookie would not be
// sent on that way. What Lax lets through are reads; each write proves itself by a token besides.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

const SECRET_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SIGN_IN_S = 600;
const VALUE = /^[A-Za-z0-9_-]{43}$/;

/** An unguessable value, as a cookie or a URL may carry it. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString("base64url");

/** What is stored of a value that is not. */
export const hashOf = (value: string): Buffer => createHash("sha256").update(value).digest();

export const isSame = (left: string, right: string): boolean => timingSafeEqual(hashOf(left), hashOf(right));

/** What a write has to show beside the session's cookie: nobody who cannot read the session's page knows it. */
export const csrfTokenOf = (session: string): string =>
  createHmac("sha256", session).update("csrf").digest("base64url");

const keyOf = (session: string): Buffer => Buffer.from(hkdfSync("sha256", session, "", "lockgate session renewal", 32));

/** Encrypts under the session's cookie, which is kept nowhere here: the database alone opens nothing. */
export function seal(session: string, text: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyOf(session), iv);
  return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

/** @throws where it was sealed under another session, or changed since */
export function unseal(session: string, sealed: Buffer): string {
  const decipher = createDecipheriv("aes-256-gcm", keyOf(session), sealed.subarray(0, IV_BYTES));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString("utf8");
}

/** The two cookies of a gateway. */
export type Cookies = {
  session(request: FastifyRequest): string | undefined;
  signIn(request: FastifyRequest): string | undefined;
  setSession(reply: FastifyReply, value: string): void;
  setSignIn(reply: FastifyReply, value: string): void;
  /** Takes both back. */
  clear(reply: FastifyReply): void;
};

/** Cookies for a gateway that is reached by TLS, or not. Under TLS no other host can set them (`__Host-`, RFC 6265bis §4.1.3.2). */
export function cookiesOf(isByTls: boolean): Cookies {
  const [prefix, secure] = isByTls ? ["__Host-", "; Secure"] : ["", ""];
  const [session, signIn] = [`${prefix}lockgate-session`, `${prefix}lockgate-sign-in`];
  const set = (reply: FastifyReply, name: string, value: string, ageS?: number): void => {
    const age = ageS === undefined ? "" : `; Max-Age=${ageS}`;
    reply.header("set-cookie", `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${age}`);
  };
  return {
    session: (request) => cookieValue(request, session),
    signIn: (request) => cookieValue(request, signIn),
    setSession: (reply, value) => set(reply, session, value),
    setSignIn: (reply, value) => set(reply, signIn, value, SIGN_IN_S),
    clear(reply) {
      for (const name of [session, signIn]) set(reply, name, "", 0);
    },
  };
}

/** The value of one cookie; of two of a name neither counts. */
function cookieValue({ headers }: FastifyRequest, name: string): string | undefined {
  if (headers.cookie === undefined) return undefined;
  const found = headers.cookie.split(";").flatMap((pair) => {
    const [key, value = ""] = pair.trim().split("=", 2);
    return key === name ? [value] : [];
  });
  return found.length === 1 && VALUE.test(found[0]!) ? found[0] : undefined;
}
