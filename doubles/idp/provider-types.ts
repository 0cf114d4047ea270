// The part of oidc-provider's face that this double uses: the package ships no types.

import type { IncomingMessage, ServerResponse } from "node:http";

/** A token, code, session or client as the provider keeps it. */
export type Payload = Record<string, unknown>;

/** Where the provider keeps what it must remember, one for each model. */
export type Adapter = {
  upsert(id: string, payload: Payload, expiresIn?: number): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUserCode(userCode: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
};

export type Grant = {
  addOIDCScope(scope: string): void;
  addResourceScope(resource: string, scope: string): void;
  save(): Promise<string>;
};
export type DeviceCode = Payload & {
  readonly clientId: string;
  readonly params: { readonly scope?: string };
  readonly isExpired: boolean;
  accountId?: string;
  save(): Promise<string>;
};
export type Client = {
  readonly clientId: string;
  readonly backchannelLogoutUri?: string;
  backchannelLogout(accountId: string, sid: string): Promise<void>;
};
/** What a hook is told of the request. */
export type Context = {
  body: unknown;
  type: string;
  readonly oidc: {
    readonly client: Client;
    readonly account?: { readonly accountId: string };
    readonly session?: { readonly accountId?: string; grantIdFor(clientId: string): string | undefined };
    readonly result?: { readonly consent?: { readonly grantId?: string } };
  };
};
export type Interaction = { readonly uid: string; readonly params: { readonly client_id: string } };

/** A provider. */
export type Provider = {
  readonly Grant: (new (of: {
    accountId: string;
    clientId: string;
  }) => Grant) & {
    find(id: string): Promise<Grant | undefined>;
  };
  readonly DeviceCode: { findByUserCode(userCode: string): Promise<DeviceCode | undefined> };
  readonly Client: { find(id: string): Promise<Client | undefined> };
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: unknown): Promise<void>;
  on(event: string, listener: (...told: unknown[]) => void): void;
};

export type ProviderClass = new (issuer: string, configuration: Record<string, unknown>) => Provider;
