// What a live site may not be: nothing that is meant for demonstrations or tests stands between patients and their data.

import { LockgateError } from "#kernel/errors";
import type { Config } from "./config.ts";
import { isOfDemo } from "./demo-identity.ts";

/** What the demo's stand-ins are told by; all of it is public. */
const DEMO_SECRETS: readonly string[] = ["lockgate-demo-key", "lockgate-demo"];

type Check = {
  readonly at: string;
  readonly reason: string;
  readonly isBroken: (config: Config, isGateway: boolean) => boolean;
};

const checks: readonly Check[] = [
  { at: "site", reason: "the demo site is never live", isBroken: ({ site }) => site === "demo" },
  { at: "nav", reason: "missing", isBroken: ({ nav }) => !nav },
  { at: "pds", reason: "missing", isBroken: ({ pds }) => !pds },
  { at: "http.tls", reason: "missing", isBroken: ({ http }) => !http.tls },
  { at: "identity.publicUrl", reason: "missing", isBroken: ({ identity }) => !identity.publicUrl },
  { at: "identity.publicUrl", reason: "not https", isBroken: ({ identity }) => isPlain(identity.publicUrl) },
  { at: "nav.baseUrl", reason: "not https", isBroken: ({ nav }) => isPlain(nav?.baseUrl) },
  { at: "pds.baseUrl", reason: "not https", isBroken: ({ pds }) => isPlain(pds?.baseUrl) },
  { at: "pds.tokenUrl", reason: "not https", isBroken: ({ pds }) => isPlain(pds?.tokenUrl) },
  {
    at: "identity.issuers",
    reason: "not https",
    isBroken: ({ identity }) => identity.issuers.some(({ issuer, jwksUrl }) => isPlain(issuer) || isPlain(jwksUrl)),
  },
  {
    at: "identity.issuers",
    reason: "the demo's identity provider is never live",
    isBroken: ({ identity }) => identity.issuers.some(isOfDemo),
  },
  {
    at: "identity",
    reason: "nobody could sign in: there is neither an issuer nor a client",
    isBroken: ({ identity }, isGateway) => isGateway && identity.issuers.length + identity.clients.length === 0,
  },
  {
    at: "identity.clients",
    reason: "not https",
    isBroken: ({ identity }) => identity.clients.some(({ jwksUrl }) => isPlain(jwksUrl)),
  },
  {
    at: "nav.accessKey",
    reason: "a secret of the demo",
    isBroken: ({ nav }) => nav !== undefined && DEMO_SECRETS.includes(nav.accessKey),
  },
  {
    at: "pds.apiKey",
    reason: "a secret of the demo",
    isBroken: ({ pds }) => pds !== undefined && DEMO_SECRETS.includes(pds.apiKey),
  },
];

const isPlain = (url: string | undefined): boolean => url !== undefined && !url.startsWith("https:");

/** Refuses a live site that is not fit to be one. @throws CONFIG_INVALID at the first setting that says so */
export function refuseUnfitLive(config: Config, isGateway: boolean): void {
  if (config.environment !== "live") return;
  const broken = checks.find(({ isBroken }) => isBroken(config, isGateway));
  if (broken) throw new LockgateError("CONFIG_INVALID", { at: broken.at, reason: broken.reason });
}

/** Refuses a client that could never come: its certificate is named, but nobody is asked for one. @throws CONFIG_INVALID */
export function refuseUnmetCertificates({ identity, http }: Config): void {
  const index = identity.clients.findIndex(({ certificate }) => certificate !== undefined);
  if (index >= 0 && !http.tls?.clientAuthoritiesFile)
    throw new LockgateError("CONFIG_INVALID", {
      at: `identity.clients.${index}.certificate`,
      reason: "needs http.tls.clientAuthoritiesFile",
    });
}
