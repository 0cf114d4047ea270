// An identity provider for every test that needs people: one address with its keys, and tokens for whomever a test names.

import { roles as allRoles, type IdentitySettings, identitySettings } from "#gateway";
import { configSchema } from "../../../src/app/config.ts";
import { keepSignedIn } from "../../../src/app/signed-in.ts";
import { newKey, publishKeys, signed } from "./issuer.ts";

const ISSUER = "https://id.test.example";
const AUDIENCE = "urn:lockgate:test";
const TOKEN_S = 3_600;

/** Somebody by name, with their roles; their id on record is `test:name`. */
export type Somebody = { readonly name: string; readonly roles: readonly string[] };

/** Who asks where a test does not say: everything that running the platform needs, and what a steward may. */
export const olive: Somebody = { name: "olive", roles: ["operator", "integration-engineer", "steward"] };

/** Starts one, whose tokens are of the time that `nowMs` tells. */
export async function openTestIssuer(nowMs: () => number = Date.now) {
  const [keys, key] = await Promise.all([publishKeys(), newKey("test")]);
  await keys.publish(key);
  const minted = new Map<string, Promise<string>>();
  const issuers = [
    {
      name: "test",
      kind: "oidc",
      issuer: ISSUER,
      jwksUrl: keys.jwksUrl,
      audience: AUDIENCE,
      roles: Object.fromEntries(allRoles.map((role) => [role, role])),
      assurance: { "second-factor": 2 },
      purposes: ["administration"],
    },
  ];
  const identity: IdentitySettings = identitySettings.parse({ issuers });
  const mint = ({ name, roles }: Somebody): Promise<string> => {
    const now = nowMs() / 1_000;
    const claims = { sub: name, name, client_id: "test", scope: "lockgate", acr: "second-factor", roles: [...roles] };
    return signed(claims, { key, issuer: ISSUER, audience: AUDIENCE, fromS: now, tillS: now + TOKEN_S });
  };
  const tokenOf = (who: Somebody = olive): Promise<string> => {
    const of = JSON.stringify([who.name, who.roles]);
    const token = minted.get(of) ?? mint(who);
    minted.set(of, token);
    return token;
  };
  /** A token of a machine that may do what its scopes name, for administration. */
  const machineTokenOf = (scopes: readonly string[]): Promise<string> => {
    const now = nowMs() / 1_000;
    const claims = { sub: "robot", client_id: "robot", scope: scopes.join(" ") };
    return signed(claims, { key, issuer: ISSUER, audience: AUDIENCE, fromS: now, tillS: now + TOKEN_S });
  };
  return {
    identity,
    /** The same as a settings file says it. */
    settings: { issuers },
    tokenOf,
    machineTokenOf,
    /** Headers of a request of theirs. */
    headersOf: async (who?: Somebody): Promise<Record<string, string>> => ({
      authorization: `Bearer ${await tokenOf(who)}`,
      "purpose-of-use": "administration",
    }),
    /** Signs somebody in for commands on a data directory. */
    async signIn(dataDir: string, who: Somebody, label = who.name): Promise<void> {
      keepSignedIn(configSchema.parse({ dataDir }), label, {
        issuer: ISSUER,
        clientId: "test",
        accessToken: await tokenOf(who),
        expiresAt: Date.now() + TOKEN_S * 1_000,
      });
    },
    close: () => keys.close(),
  };
}

export type TestIssuer = Awaited<ReturnType<typeof openTestIssuer>>;
