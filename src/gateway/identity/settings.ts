// Settings of identity: whose tokens are taken, and what their claims mean here.

import { z } from "zod";
import { actionNames, purposes } from "../policy/actions.ts";
import { roles } from "../policy/roles.ts";
import { sessionSettings, signInSettings } from "../sessions/settings.ts";

/** Signatures by public keys only: a shared secret (HS*) or no signature at all is never taken. */
export const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const issuerShape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .describe("Short name: the audit names people as `name:subject`."),
  kind: z
    .enum(["oidc", "entra", "cis2"])
    .describe(
      "`oidc`: access tokens of RFC 9068; `entra`: Microsoft Entra ID, tokens of version 2; `cis2`: NHS CIS2, for people in a browser only, since its access tokens say nothing.",
    ),
  issuer: z.url().describe("Exactly what the claim `iss` says."),
  jwksUrl: z.url().describe("Where the issuer publishes its keys."),
  algorithms: z.array(z.enum(algorithms)).min(1).default(["RS256"]).describe("Signatures that are taken."),
  audience: z.string().min(1).describe("Exactly what the claim `aud` says of this platform."),
  organisation: z
    .string()
    .regex(/^[A-Z0-9]{3,10}$/)
    .optional()
    .describe("CIS2: ODS code of the organisation whose roles count; needed there."),
  tenant: z.uuid().optional().describe("Entra ID: the claim `tid`; needed there."),
  clients: z.array(z.string().min(1)).optional().describe("Client ids that may come by this issuer; absent: any."),
  roles: z
    .record(z.string().min(1), z.enum(roles))
    .default({})
    .describe("Value of the claim `roles` → the role it stands for; others count for nothing."),
  assurance: z
    .record(z.string().min(1), z.literal([1, 2, 3]))
    .default({})
    .describe(
      "Value of the claim `acr` → how sure the sign-in is: 1 a password, 2 a second factor, 3 one that cannot be phished; `default`: where there is no such value.",
    ),
  purposes: z
    .array(z.enum(purposes))
    .default([])
    .describe("For what purposes this issuer's machines may ask for data of patients."),
  signIn: signInSettings
    .optional()
    .describe("How people sign in there; absent: this issuer's tokens are taken, no more."),
});

/** One issuer whose tokens are taken. */
export type IssuerSettings = z.output<typeof issuerShape>;

const issuersShape = z
  .array(issuerShape)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, { error: "two issuers have one name" })
  .refine((all) => new Set(all.map(({ issuer }) => issuer)).size === all.length, { error: "an issuer is named twice" })
  .refine((all) => all.every(({ kind, tenant }) => kind !== "entra" || tenant !== undefined), {
    error: "an Entra ID issuer needs its tenant",
  })
  .refine((all) => all.every(({ kind, organisation, signIn }) => kind !== "cis2" || (organisation && signIn)), {
    error: "a CIS2 issuer needs the organisation and how to sign in",
  });

const clientsShape = z.array(
  z
    .strictObject({
      id: z
        .string()
        .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/)
        .describe("Client id."),
      jwksUrl: z.url().optional().describe("Where the client publishes its keys; they may change at any time."),
      keys: z
        .array(z.looseObject({ kty: z.string() }))
        .optional()
        .describe("Its public keys, where it publishes none."),
      scopes: z.array(z.enum(actionNames)).min(1).describe("What it may ask for: names of actions."),
      purposes: z.array(z.enum(purposes)).default([]).describe("For what purposes it may ask for data of patients."),
      certificate: z
        .string()
        .regex(/^[A-Za-z0-9_-]{43}$/)
        .optional()
        .describe(
          "Thumbprint (`x5t#S256`) of the certificate that each of its requests has to come under; absent: none.",
        ),
    })
    .refine(({ jwksUrl, keys }) => (jwksUrl === undefined) !== (keys === undefined), {
      error: "a client has either a jwksUrl or keys",
    }),
);
/** A machine that may have tokens of this platform. */
export type ClientSettings = z.output<typeof clientsShape>[number];

/** Settings of identity. */
export const identitySettings = z.strictObject({
  publicUrl: z
    .url()
    .optional()
    .describe("How others reach this gateway, without a slash at the end; absent: the address that it listens on."),
  issuers: issuersShape.default([]).describe("Identity providers whose access tokens are taken."),
  clients: clientsShape.default([]).describe("Machines that may have tokens of this platform's own."),
  allowedPrivateHosts: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Hosts of identity providers and clients that a live site may ask although they are on this machine or link-local; others may not be.",
    ),
  sessions: sessionSettings.prefault({}),
});
export type IdentitySettings = z.output<typeof identitySettings>;
