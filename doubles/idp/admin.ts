// The double's own desk: users, clients, approval of devices, sign-out of a user, keys, faults.

import { z } from "zod";
import type { Faults } from "./faults.ts";
import { type Keys, rotationSteps } from "./keys.ts";
import type { Memory } from "./memory.ts";
import { grantTo } from "./provider.ts";
import type { Provider } from "./provider-types.ts";
import { audience, clientsOf } from "./settings.ts";
import { demoUsers, type User, usersFrom } from "./users.ts";

/** What the desk steers. */
export type Desk = {
  readonly memory: Memory;
  readonly users: Map<string, User>;
  readonly keys: Keys;
  readonly faults: Faults;
  readonly provider: Provider;
  /** Has the provider use the keys as they are now. */
  renew(): void;
};

/** An answer of the desk. */
export type Reply = { readonly status: number; readonly body: unknown };

const ok = (body: unknown): Reply => ({ status: 200, body });
const refused = (error: string, status = 400): Reply => ({ status, body: { error } });

const deviceSchema = z.strictObject({ userCode: z.string(), user: z.string() });
const userSchema = z.strictObject({ user: z.string() });
const gatewaySchema = z.strictObject({ gateway: z.url() });
const metadataSchema = z.looseObject({ client_id: z.string() });
const keysSchema = z.strictObject({ step: z.enum(rotationSteps) });

/** Serves one request to the desk; a bad body is answered 400 with the reason. */
export async function serveAdmin(desk: Desk, method: string, path: string, body: string): Promise<Reply> {
  try {
    const call = calls[`${method} ${path.slice("/admin/".length)}`];
    return call ? await call(desk, body === "" ? undefined : JSON.parse(body)) : refused("no such admin address", 404);
  } catch (error) {
    if (error instanceof z.ZodError) return refused(z.prettifyError(error));
    if (error instanceof SyntaxError) return refused("body is not JSON");
    throw error;
  }
}

const calls: Record<string, (desk: Desk, body: unknown) => Reply | Promise<Reply>> = {
  "GET health": () => ok({ ok: true }),
  "GET users": ({ users }) => ok([...users.values()]),
  "PUT users": ({ users }, body) => {
    for (const user of usersFrom(body)) users.set(user.id, user);
    return ok([...users.values()]);
  },
  "PUT clients": async ({ memory }, body) => {
    const gateway = gatewaySchema.safeParse(body);
    const clients = gateway.success ? clientsOf(gateway.data.gateway) : [metadataSchema.parse(body)];
    for (const client of clients) await memory.adapter("Client").upsert(client.client_id as string, client);
    return ok({ clients: clients.map(({ client_id }) => client_id) });
  },
  "POST device": approveDevice,
  "POST sign-out": signOut,
  "DELETE refresh-tokens": ({ memory }, body) => {
    const { user } = userSchema.parse(body);
    memory.forget("RefreshToken", ({ accountId }) => accountId === user);
    return ok({});
  },
  "POST keys": (desk, body) => {
    desk.keys.rotate(keysSchema.parse(body).step);
    desk.renew();
    return ok({ keys: desk.keys.all.map(({ kid }) => kid) });
  },
  "GET faults": ({ faults }) => ok(faults.list()),
  "PUT faults": ({ faults }, body) => {
    faults.replace(body);
    return ok(faults.list());
  },
  "POST reset": ({ faults, users }) => {
    faults.replace([]);
    users.clear();
    for (const user of demoUsers) users.set(user.id, user);
    return ok({});
  },
};

/** Does what a person does at the page for devices, in that person's name. */
async function approveDevice({ provider, users }: Desk, body: unknown): Promise<Reply> {
  const { userCode, user: id } = deviceSchema.parse(body);
  const user = users.get(id);
  const code = await provider.DeviceCode.findByUserCode(userCode.toUpperCase().replaceAll(/\W/g, ""));
  if (!user || !code || code.isExpired || code.accountId) return refused(user ? "no such code" : "no such user", 404);
  const asked = (code.params.scope ?? "openid").split(" ");
  Object.assign(code, {
    accountId: id,
    acr: user.acr,
    authTime: Math.floor(Date.now() / 1_000),
    grantId: await grantTo(provider, id, code.clientId),
    scope: asked.join(" "),
    resource: audience,
  });
  await code.save();
  return ok({ user: id, clientId: code.clientId });
}

/** Ends every session of a user here, and tells the applications that want to be told (back-channel logout). */
async function signOut({ provider, memory }: Desk, body: unknown): Promise<Reply> {
  const { user } = userSchema.parse(body);
  const told: string[] = [];
  for (const session of memory.all("Session").filter(({ accountId }) => accountId === user)) {
    const authorized = (session.authorizations ?? {}) as Record<string, { sid: string }>;
    for (const [clientId, { sid }] of Object.entries(authorized)) {
      const client = await provider.Client.find(clientId);
      if (!client?.backchannelLogoutUri) continue;
      await client.backchannelLogout(user, sid);
      told.push(clientId);
    }
  }
  const isTheirs = ({ accountId }: Record<string, unknown>) => accountId === user;
  for (const model of ["Session", "RefreshToken", "AccessToken"]) memory.forget(model, isTheirs);
  return ok({ told });
}
