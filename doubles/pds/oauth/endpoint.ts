// The token endpoint: client credentials, shown by a signed assertion, for an access token.

import type { CallNote } from "../ledger.ts";
import type { Reply } from "../outcome.ts";
import type { Register } from "../register.ts";
import type { PdsRequest } from "../request.ts";
import { apiKeyOf, TokenRefusal } from "./assertion.ts";
import type { Tokens } from "./tokens.ts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const json = (status: number, body: object): Reply => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

/** The answer to a refused token request. */
export const tokenRefusalReply = (refusal: TokenRefusal): Reply =>
  json(refusal.status, { error: refusal.error, error_description: refusal.message });

/** Serves `POST /oauth2/token`; throws TokenRefusal. */
export function serveToken(
  desk: { register: Register; tokens: Tokens; nowMs(): number },
  lifetimeSeconds: number,
  request: PdsRequest,
  note: CallNote,
): Reply {
  const form = new URLSearchParams(request.body);
  if (!request.header("content-type")?.startsWith("application/x-www-form-urlencoded") || !form.has("grant_type"))
    throw new TokenRefusal(400, "invalid_request", "grant_type is missing");
  if (form.get("grant_type") !== "client_credentials")
    throw new TokenRefusal(400, "unsupported_grant_type", "grant_type is invalid");
  if (form.get("client_assertion_type") !== assertionType)
    throw new TokenRefusal(
      400,
      "invalid_request",
      `Missing or invalid client_assertion_type - must be '${assertionType}'`,
    );
  const assertion = form.get("client_assertion");
  if (!assertion) throw new TokenRefusal(400, "invalid_request", "Missing client_assertion");
  const client = apiKeyOf(assertion, {
    audience: `${request.origin}${request.path}`,
    nowMs: desk.nowMs(),
    clientKey: desk.register.clientKey,
    isFirstUse: desk.tokens.isFirstUse,
  });
  note.client = client;
  const accessToken = desk.tokens.issue({ client }, lifetimeSeconds);
  // The service gives the number as a text; a client must read both.
  return json(200, { access_token: accessToken, expires_in: String(lifetimeSeconds), token_type: "Bearer" });
}
