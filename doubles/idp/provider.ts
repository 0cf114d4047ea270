// The provider itself: oidc-provider, told who the people and the clients are and what a token says.

import type { JsonWebKey } from "node:crypto";
// @ts-expect-error The package ships no types.
import untyped from "oidc-provider";
import type { Memory } from "./memory.ts";
import { codePage, confirmPage, donePage, errorPage, signOutPage } from "./pages.ts";
import type { Context, Provider, ProviderClass } from "./provider-types.ts";
import { audience, type Lives, resourceScope } from "./settings.ts";
import type { User } from "./users.ts";

const TypedProvider: ProviderClass = untyped;
const GRANT_S = 14 * 24 * 3_600;
const SCOPES = "openid profile offline_access";

/** What a provider is made of; users are looked up at every token, so that a change of roles counts from the next one on. */
export type ProviderParts = {
  readonly issuer: string;
  readonly keys: readonly JsonWebKey[];
  readonly memory: Memory;
  readonly lives: Lives;
  userOf(id: string): User | undefined;
};

/** Leave for a client to act for a user: the clients are the platform's own, nobody is asked. */
export async function grantTo(provider: Provider, accountId: string, clientId: string): Promise<string> {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(SCOPES);
  grant.addResourceScope(audience, resourceScope);
  return grant.save();
}

/** A provider. Several over one memory differ in their keys alone. */
export function makeProvider({ issuer, keys, memory, lives, userOf }: ProviderParts): Provider {
  const provider: Provider = new TypedProvider(issuer, {
    adapter: (model: string) => memory.adapter(model),
    jwks: { keys },
    cookies: { keys: keys.map(({ kid }) => kid) },
    findAccount: (_: unknown, id: string) => accountOf(userOf(id)),
    claims: { openid: ["sub", "acr", "sid"], profile: ["name", "roles"] },
    conformIdTokenClaims: false,
    acrValues: ["password", "second-factor"],
    extraTokenClaims: (_: unknown, { accountId = "" }: { accountId?: string }) => {
      const user = userOf(accountId);
      return user && { name: user.name, roles: user.roles, acr: user.acr };
    },
    features: featuresOf(lives),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    // Without a prompt for consent `offline_access` is taken from a request; an application of the platform's own needs none.
    issueRefreshToken: () => true,
    loadExistingGrant: async (context: Context) => {
      const { session, client, result } = context.oidc;
      const known = result?.consent?.grantId ?? session?.grantIdFor(client.clientId);
      const id = known ?? (await grantTo(provider, session!.accountId!, client.clientId));
      return provider.Grant.find(id);
    },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    // Whom it tells of a sign-out is on this machine.
    fetch: (url: string, options: object) => fetch(url, { ...options, dispatcher: undefined } as object),
    renderError: (context: Context, out: { error: string; error_description?: string }) =>
      show(context, errorPage(out.error, out.error_description ?? "")),
    ttl: {
      AccessToken: lives.accessTokenS,
      RefreshToken: lives.refreshTokenS,
      IdToken: 3_600,
      Grant: GRANT_S,
      Session: GRANT_S,
      Interaction: 600,
      DeviceCode: 600,
    },
  });
  return provider;
}

async function accountOf(user: User | undefined) {
  if (!user) return undefined;
  const { id: sub, name, roles, acr } = user;
  return { accountId: sub, claims: async () => ({ sub, name, roles, acr }) };
}

const show = (context: Context, html: string): void => {
  context.type = "html";
  context.body = html;
};

const featuresOf = ({ accessTokenS }: Lives) => ({
  devInteractions: { enabled: false },
  backchannelLogout: { enabled: true },
  deviceFlow: {
    enabled: true,
    userCodeInputSource: (context: Context, form: string, _: unknown, error?: unknown) =>
      show(context, codePage(form, error !== undefined)),
    userCodeConfirmSource: (context: Context, form: string, _: unknown, __: unknown, userCode: string) =>
      show(context, confirmPage(form, userCode)),
    successSource: (context: Context) => show(context, donePage("Signed in")),
  },
  rpInitiatedLogout: {
    enabled: true,
    logoutSource: (context: Context, form: string) => show(context, signOutPage(form)),
    postLogoutSuccessSource: (context: Context) => show(context, donePage("Signed out")),
  },
  resourceIndicators: {
    enabled: true,
    defaultResource: () => audience,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      scope: resourceScope,
      audience,
      accessTokenTTL: accessTokenS,
      accessTokenFormat: "jwt",
      jwt: { sign: { alg: "RS256" } },
    }),
  },
});
