// Who is signed in on this machine: tokens by the device grant (RFC 8628), kept in the data directory for their owner alone.

import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import type { Config } from "./config.ts";
import { demoIssuer, demoSignIn } from "./demo-identity.ts";
import { readRunning } from "./installation.ts";

/** A token is renewed so long before its end. */
const AHEAD_MS = 30_000;
const TIMEOUT_MS = 10_000;
const DEFAULT_INTERVAL_S = 5;
/** Whom a command of the demo acts as. */
const DEMO_USER = "olive";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const LABEL = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/;

/** Where a command signs in. */
export type SignInPlace = {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly isDemo: boolean;
};

/** Somebody who is signed in. */
export type SignedIn = {
  readonly issuer: string;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Ms since 1970. */
  readonly expiresAt: number;
};

/** What a person is shown, to approve the command elsewhere. */
export type Invitation = { readonly url: string; readonly code: string };

type TokenAnswer = {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
  readonly error?: string;
};

/** The gateway is loaded only when somebody signs in: most commands have a token. */
const addressesOf = async (issuer: string) => (await import("#gateway")).discover(issuer);

/** The issuer of the settings at which commands sign in, or the demo's own. @throws SIGN_IN_UNKNOWN */
export function signInPlace(config: Config): SignInPlace {
  const demo = readRunning(config.dataDir)?.demoIdentity;
  const issuers = demo === undefined ? config.identity.issuers : [demoIssuer(demo)];
  for (const { issuer, signIn } of issuers)
    if (signIn?.commandClientId !== undefined)
      return { issuer, clientId: signIn.commandClientId, scopes: signIn.scopes, isDemo: demo !== undefined };
  throw new LockgateError("SIGN_IN_UNKNOWN");
}

/** An access token of `user`, or of whoever signed in last. @throws SIGN_IN_REQUIRED; IDENTITY_UNAVAILABLE */
export async function accessTokenOf(config: Config, user: string | undefined): Promise<string> {
  const isDemo = readRunning(config.dataDir)?.demoIdentity !== undefined;
  const name = user ?? (isDemo ? DEMO_USER : currentOf(config));
  const known = name === undefined ? undefined : readSignedIn(config, name);
  if (known && known.expiresAt - AHEAD_MS > systemClock.now()) return known.accessToken;
  const renewed = known && name !== undefined ? await renew(config, name, known) : undefined;
  if (renewed) return renewed.accessToken;
  if (!isDemo || name === undefined) throw new LockgateError("SIGN_IN_REQUIRED");
  return (await signIn(config, name, () => {})).accessToken;
}

/**
 * Signs somebody in: shows where to approve it, and waits. In the demo whoever is named is signed in without more ado.
 * @param user what the sign-in is kept under; absent: the subject that the issuer names
 * @throws SIGN_IN_REFUSED where it is refused or runs out
 */
export async function signIn(
  config: Config,
  user: string | undefined,
  invite: (invitation: Invitation) => void,
): Promise<SignedIn & { readonly user: string }> {
  const place = signInPlace(config);
  const { device_authorization_endpoint: deviceUrl, token_endpoint: tokenUrl } = await addressesOf(place.issuer);
  if (deviceUrl === undefined) throw new LockgateError("SIGN_IN_UNKNOWN");
  const asked = await post<Device>(deviceUrl, { client_id: place.clientId, scope: place.scopes.join(" ") });
  if (!asked.device_code) throw new LockgateError("SIGN_IN_REFUSED", { reason: "device" });
  if (place.isDemo && user !== undefined) await demoSignIn(place.issuer, asked.user_code, user);
  else invite({ url: asked.verification_uri, code: asked.user_code });
  const signedIn = await approved(place, tokenUrl, asked);
  const name = user ?? labelOf(signedIn);
  keepSignedIn(config, name, signedIn);
  return { ...signedIn, user: name };
}

type Device = {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly expires_in: number;
  readonly interval?: number;
};

/** Asks until it is approved, no more often than the issuer wants (RFC 8628 §3.5). */
async function approved({ issuer, clientId }: SignInPlace, url: string, device: Device): Promise<SignedIn> {
  let intervalMs = (device.interval ?? DEFAULT_INTERVAL_S) * 1_000;
  const giveUpAt = systemClock.now() + device.expires_in * 1_000;
  while (systemClock.now() < giveUpAt) {
    const grant = { grant_type: DEVICE_GRANT, client_id: clientId, device_code: device.device_code };
    const answer = await post<TokenAnswer>(url, grant);
    if (answer.access_token !== undefined) return tokensOf(issuer, clientId, answer);
    if (answer.error === "slow_down") intervalMs += DEFAULT_INTERVAL_S * 1_000;
    else if (answer.error !== "authorization_pending")
      throw new LockgateError("SIGN_IN_REFUSED", { reason: answer.error ?? "no-token" });
    await systemClock.sleep(intervalMs);
  }
  throw new LockgateError("SIGN_IN_REFUSED", { reason: "expired" });
}

async function renew(config: Config, name: string, known: SignedIn): Promise<SignedIn | undefined> {
  const { issuer, clientId, refreshToken } = known;
  if (refreshToken === undefined) return undefined;
  const { token_endpoint: url } = await addressesOf(issuer);
  const grant = { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken };
  const answer = await post<TokenAnswer>(url, grant);
  if (answer.access_token === undefined) {
    signOut(config, name);
    return undefined;
  }
  const renewed = tokensOf(issuer, clientId, { refresh_token: refreshToken, ...answer });
  keepSignedIn(config, name, renewed);
  return renewed;
}

const tokensOf = (issuer: string, clientId: string, answer: TokenAnswer): SignedIn => ({
  issuer,
  clientId,
  accessToken: answer.access_token!,
  refreshToken: answer.refresh_token,
  expiresAt: systemClock.now() + (answer.expires_in ?? 60) * 1_000,
});

async function post<Answer>(url: string, form: Readonly<Record<string, string>>): Promise<Answer> {
  const answer = await fetch(url, {
    method: "POST",
    body: new URLSearchParams(form),
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new LockgateError("IDENTITY_UNAVAILABLE", { cause });
  });
  if (answer.status >= 500) throw new LockgateError("IDENTITY_UNAVAILABLE");
  return (await answer.json().catch(() => ({}))) as Answer;
}

/** The subject that a token names, as far as it may be the name of a file. */
function labelOf({ accessToken }: SignedIn): string {
  try {
    const { sub = "" } = decodeJwt(accessToken);
    return LABEL.test(sub) ? sub : "me";
  } catch {
    return "me";
  }
}

const folderOf = ({ dataDir }: Config): string => join(dataDir, "signed-in");
const CURRENT = ".current";

function pathOf(config: Config, name: string): string {
  if (!LABEL.test(name)) throw new LockgateError("REQUEST_INVALID", { at: "--as" });
  return join(folderOf(config), `${name}.json`);
}

/** Who signed in last. */
export function currentOf(config: Config): string | undefined {
  try {
    return readFileSync(join(folderOf(config), CURRENT), "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** What is kept of somebody's sign-in. */
export function readSignedIn(config: Config, name: string): SignedIn | undefined {
  const path = pathOf(config, name);
  try {
    return JSON.parse(readFileSync(path, "utf8")) as SignedIn;
  } catch {
    return undefined;
  }
}

/** Keeps a sign-in, for the owner of the files alone. */
export function keepSignedIn(config: Config, name: string, signedIn: SignedIn): void {
  const path = pathOf(config, name);
  mkdirSync(folderOf(config), { recursive: true, mode: 0o700 });
  for (const [file, text] of [
    [path, JSON.stringify(signedIn)],
    [join(folderOf(config), CURRENT), name],
  ] as const) {
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o600);
  }
}

/** Forgets a sign-in. */
export function signOut(config: Config, name: string): void {
  rmSync(pathOf(config, name), { force: true });
  if (currentOf(config) === name) rmSync(join(folderOf(config), CURRENT), { force: true });
}
