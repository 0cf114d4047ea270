// Settings of signing in: what this platform is to an identity provider, and how long a session lasts.

import { z } from "zod";
import { secret } from "#kernel/secrets";

const MINUTE_MS = 60_000;

/** How people sign in at an issuer; the addresses come from its discovery document (OpenID Connect Discovery 1.0 §4). */
export const signInSettings = z
  .strictObject({
    clientId: z.string().min(1).describe("The gateway as a client: authorisation code with PKCE."),
    clientSecret: secret.optional().describe("Its secret, sent in the body; absent: it has none."),
    privateKey: secret.optional().describe("Its private key, PEM (PKCS #8): it proves itself by assertion."),
    keyId: z.string().min(1).optional().describe("How the issuer knows that key."),
    commandClientId: z
      .string()
      .min(1)
      .optional()
      .describe("The command line as a client, which has no secret; absent: nobody signs in by command."),
    scopes: z
      .array(z.string().min(1))
      .default(["openid", "profile", "offline_access", "lockgate"])
      .describe("What is asked for; `offline_access` lets a session be renewed where the issuer wants that said."),
  })
  .refine(({ clientSecret, privateKey }) => clientSecret === undefined || privateKey === undefined, {
    error: "a client has a secret or a key, not both",
  });
export type SignInSettings = z.output<typeof signInSettings>;

/** How long sessions last. */
export const sessionSettings = z.strictObject({
  idleMs: z
    .int()
    .min(MINUTE_MS)
    .default(15 * MINUTE_MS)
    .describe("A session that is not used for so long is locked: its person signs in again, ms."),
  longestMs: z
    .int()
    .min(MINUTE_MS)
    .default(600 * MINUTE_MS)
    .describe("The longest that a session lasts however much it is used, ms."),
});
export type SessionSettings = z.output<typeof sessionSettings>;
