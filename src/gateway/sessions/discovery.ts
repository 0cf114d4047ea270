// Where an issuer is asked for what: its discovery document, checked, and remembered for an hour.

import { z } from "zod";
import type { Clock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import type { Fetch } from "../identity/outbound.ts";

const CACHED_MS = 3_600_000;
const MOST_CHARACTERS = 100_000;
/** No answer of an issuer is waited for longer. */
export const ISSUER_TIMEOUT_MS = 5_000;

const document = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  userinfo_endpoint: z.url().optional(),
  end_session_endpoint: z.url().optional(),
  device_authorization_endpoint: z.url().optional(),
});

/** An issuer's addresses. */
export type Endpoints = z.output<typeof document>;

/**
 * Asks an issuer for its addresses. An address is taken over TLS, or where the issuer itself is.
 * @throws IDENTITY_UNAVAILABLE where it does not answer, or not with what OpenID Connect Discovery 1.0 §4.3 asks for
 */
export async function discover(issuer: string, outbound: Fetch = fetch): Promise<Endpoints> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  try {
    const answer = await outbound(url, { redirect: "error", signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) });
    const text = answer.ok ? await answer.text() : "";
    if (text === "" || text.length > MOST_CHARACTERS) throw new Error(`discovery: ${answer.status}`);
    const found = document.parse(JSON.parse(text));
    const { issuer: name, ...endpoints } = found;
    const isSafe = Object.values(endpoints).every((one = issuer) => {
      const { protocol, origin } = new URL(one);
      return protocol === "https:" || origin === new URL(issuer).origin;
    });
    if (name !== issuer || !isSafe) throw new Error("discovery: another issuer, or an address in the clear");
    return found;
  } catch (cause) {
    throw new LockgateError("IDENTITY_UNAVAILABLE", { at: "discovery", cause });
  }
}

/** `discover`, remembered. */
export function remembered(issuer: string, clock: Clock, outbound: Fetch): () => Promise<Endpoints> {
  let known: { readonly endpoints: Endpoints; readonly tillMs: number } | undefined;
  return async () => {
    if (!known || known.tillMs <= clock.now())
      known = { endpoints: await discover(issuer, outbound), tillMs: clock.now() + CACHED_MS };
    return known.endpoints;
  };
}
