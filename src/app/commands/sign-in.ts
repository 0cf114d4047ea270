// `lockgate sign-in`, `sign-out`, `whoami`: in whose name the other commands act.

import { decodeJwt } from "jose";
import { LockgateError } from "#kernel/errors";
import type { Config } from "../config.ts";
import { EXIT, print, show, table } from "../output.ts";
import { accessTokenOf, currentOf, readSignedIn, signIn, signOut } from "../signed-in.ts";

/** Signs somebody in, and keeps that for the commands after it. */
export async function signInCommand(config: Config, user: string | undefined, json: boolean): Promise<number> {
  const { user: name } = await signIn(config, user, ({ url, code }) => {
    if (json) print(JSON.stringify({ url, code }));
    else print(`Open ${url} and enter ${code}`);
  });
  show(json, { user: name }, () => `signed in as ${name}`);
  return EXIT.done;
}

/** Forgets somebody's sign-in on this machine. */
export async function signOutCommand(config: Config, user: string | undefined, json: boolean): Promise<number> {
  const name = user ?? currentOf(config);
  if (name !== undefined) signOut(config, name);
  show(json, { user: name }, () => (name === undefined ? "nobody was signed in" : `${name} is signed out`));
  return EXIT.done;
}

/** Says in whose name commands act. @throws SIGN_IN_REQUIRED where nobody is signed in */
export async function whoAmI(config: Config, user: string | undefined, json: boolean): Promise<number> {
  const token = await accessTokenOf(config, user);
  const { iss = "", sub = "", name, roles } = decodeJwt(token) as { iss?: string; sub?: string } & Claims;
  const known = readSignedIn(config, user ?? currentOf(config) ?? sub);
  if (!known) throw new LockgateError("SIGN_IN_REQUIRED");
  const told = { subject: sub, name, issuer: iss, roles: roles ?? [], until: new Date(known.expiresAt).toISOString() };
  show(json, told, () =>
    table([
      ["subject", sub],
      ["name", name ?? ""],
      ["issuer", iss],
      ["roles there", told.roles.join(", ")],
      ["token until", told.until],
    ]),
  );
  return EXIT.done;
}

type Claims = { readonly name?: string; readonly roles?: readonly string[] };
