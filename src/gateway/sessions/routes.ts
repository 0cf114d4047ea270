// Signing in and out with a browser: the ways there and back, what a page may know of its session, and the issuer's own word.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { LockgateError } from "#kernel/errors";
import type { Contracts } from "../contracts/contracts.ts";
import { takeForms } from "../identity/routes.ts";
import type { Cookies } from "./browser.ts";
import type { Sessions } from "./sessions.ts";

/** The path of ours that a browser goes on to: never another site, however it is written. */
export function returnPath(asked: string | undefined): string {
  if (asked === undefined) return "/";
  const here = "https://here.invalid";
  const isPlain = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(asked);
  if (!isPlain || new URL(asked, here).origin !== here) throw new LockgateError("REQUEST_INVALID", { at: "return" });
  return asked;
}

/** Registers the routes of `/auth`. */
export function sessionRoutes(
  server: FastifyInstance,
  contracts: Contracts,
  { sessions, cookies }: { readonly sessions: Sessions; readonly cookies: Cookies },
): void {
  takeForms(server);
  const sessionOf = (request: FastifyRequest): string => {
    const session = cookies.session(request);
    if (session === undefined) throw new LockgateError("REQUEST_UNAUTHENTICATED");
    return session;
  };
  /** An ended session's cookie is taken back with the answer that says so. */
  const orClear = async <T>(reply: FastifyReply, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      const isOver = thrown instanceof LockgateError && ["SESSION_ENDED", "SESSION_LOCKED"].includes(thrown.code);
      if (isOver) cookies.clear(reply);
      throw thrown;
    }
  };

  contracts.route<{ Querystring: { issuer?: string; return?: string } }>(
    server,
    "beginSignIn",
    async ({ query: asked }, reply) => {
      const { url, browser } = await sessions.depart(asked.issuer, returnPath(asked.return));
      cookies.setSignIn(reply, browser);
      return reply.redirect(url, 302);
    },
  );

  contracts.route<{ Querystring: { state: string; code?: string; error?: string; iss?: string } }>(
    server,
    "endSignIn",
    async (request, reply) => {
      const { state, code, error, iss } = request.query;
      const [browser, before] = [cookies.signIn(request), cookies.session(request)];
      cookies.clear(reply);
      const { session, returnTo } = await sessions.arrive({ state, code, error, issuer: iss, browser, before });
      cookies.setSession(reply, session);
      return reply.redirect(returnTo, 303);
    },
  );

  contracts.route(server, "readSession", (request, reply) =>
    orClear(reply, async () => {
      const { principal, csrfToken, locksAt, endsAt } = await sessions.find(sessionOf(request));
      const { id, name, roles, assuranceLevel } = principal;
      return { person: { id, name, roles, assuranceLevel }, csrfToken, locksAt, endsAt };
    }),
  );

  contracts.route(server, "signOut", (request, reply) =>
    orClear(reply, async () => {
      const session = sessionOf(request);
      await sessions.admit(session, request.method, request.headers["x-csrf-token"]);
      const continueAt = await sessions.signOut(session);
      cookies.clear(reply);
      return { done: "signed-out", ...(continueAt === undefined ? {} : { continueAt }) };
    }),
  );

  contracts.route<{ Body: { logout_token?: string } | undefined }>(server, "endSessionsByIssuer", async ({ body }) => {
    await sessions.backChannel(body?.logout_token ?? "");
    return { done: "signed-out" };
  });
}
