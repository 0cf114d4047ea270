// The demo's identity provider as the platform is told of it; everything here is public, so a live site refuses it.

import { LockgateError } from "#kernel/errors";
import { identitySettings } from "#settings/gateway";

/** What the double goes by: its own side says the same. */
const DEMO = {
  name: "demo",
  audience: "urn:lockgate:demo",
  clientId: "lockgate-demo-browser",
  commandClientId: "lockgate-demo-command",
} as const;

/** Roles of the demo's people go by the platform's own words. */
const ROLES = [
  "integration-engineer",
  "operator",
  "approver",
  "second-approver",
  "steward",
  "finance",
  "supply",
  "workforce",
  "clinical-safety-officer",
  "auditor",
  "administrator",
];

/** The issuer at `url`, as settings name one. */
export function demoIssuer(url: string) {
  const { name, audience, clientId, commandClientId } = DEMO;
  const [issuer] = identitySettings.parse({
    issuers: [
      {
        name,
        kind: "oidc",
        issuer: url,
        jwksUrl: `${url}/jwks`,
        audience,
        roles: Object.fromEntries(ROLES.map((role) => [role, role])),
        assurance: { password: 1, "second-factor": 2 },
        signIn: { clientId, commandClientId },
      },
    ],
  }).issuers;
  return issuer!;
}

/** Whether an issuer of the settings is one of the demo's. */
export const isOfDemo = ({ audience }: { readonly audience: string }): boolean => audience === DEMO.audience;

/** Approves a device in the name of one of the demo's people. @throws SIGN_IN_REFUSED where there is no such person */
export async function demoSignIn(url: string, userCode: string, user: string): Promise<void> {
  const answer = await fetch(`${url}/admin/device`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ userCode, user }),
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    throw new LockgateError("IDENTITY_UNAVAILABLE", { cause });
  });
  if (!answer.ok) throw new LockgateError("SIGN_IN_REFUSED", { reason: "no-such-user" });
}

/** Somebody who can sign in at the demo. */
export type DemoPerson = { readonly id: string; readonly name: string; readonly roles: readonly string[] };

/** Everybody who can. @throws IDENTITY_UNAVAILABLE */
export async function demoPeople(url: string): Promise<DemoPerson[]> {
  const answer = await fetch(`${url}/admin/users`, { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
    throw new LockgateError("IDENTITY_UNAVAILABLE", { cause });
  });
  return (await answer.json()) as DemoPerson[];
}
