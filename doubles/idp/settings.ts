// What the demonstration's identity provider goes by: its audience, its clients, and how long its tokens live.

/** Whom the access tokens are for. */
export const audience = "urn:lockgate:demo";
/** The gateway as a client: authorisation code with PKCE, for people in a browser. */
export const browserClient = "lockgate-demo-browser";
/** The command line as a client: device authorization. */
export const commandClient = "lockgate-demo-command";
/** The one scope of the audience. */
export const resourceScope = "lockgate";

/** Lives of tokens, seconds. */
export type Lives = { readonly accessTokenS: number; readonly refreshTokenS: number };
export const demoLives: Lives = { accessTokenS: 300, refreshTokenS: 36_000 };

/** Registrations, as RFC 7591 has them, of the clients that one gateway needs. */
export const clientsOf = (gateway: string): Record<string, unknown>[] => [
  {
    client_id: browserClient,
    client_name: "Lockgate",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    redirect_uris: [`${gateway}/auth/callback`],
    post_logout_redirect_uris: [`${gateway}/`],
    backchannel_logout_uri: `${gateway}/auth/back-channel-logout`,
    backchannel_logout_session_required: true,
  },
  {
    client_id: commandClient,
    client_name: "Lockgate command line",
    application_type: "native",
    token_endpoint_auth_method: "none",
    grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    response_types: [],
    redirect_uris: [],
  },
];
