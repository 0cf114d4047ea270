// Signing in and out with a browser: the ways there and back, what a page may know of its session, and the issuer's own word.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { LockgateError } from "#kernel/errors";
import { takeForms } from "../identity/routes.ts";
import type { Cookies } from "./browser.ts";
import type { Sessions } from "./sessions.ts";

const text = { type: "string", minLength: 1, maxLength: 2_000 };
const query = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: "object",
  properties,
  required,
});

/** The path of ours that a browser goes on to: never another site, however it is written. */
export function returnPath(asked: string | undefined): string {
  if (asked === undefined) return "/";
  const here = "https://here.invalid";
  const isPlain = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(asked);
  if (!isPlain || new URL(asked, here).origin !== here) throw new LockgateError("REQUEST_INVALID", { at: "return" });
  return asked;
}

/** Registers the routes of `/auth`. */
export function sessionRoutes(server: FastifyInstance, sessions: Sessions, cookies: Cookies): void {
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

  server.get<{ Querystring: { issuer?: string; return?: string } }>(
    "/auth/sign-in",
    { schema: { querystring: query({ issuer: text, return: text }) } },
    async ({ query: asked }, reply) => {
      const { url, browser } = await sessions.depart(asked.issuer, returnPath(asked.return));
      cookies.setSignIn(reply, browser);
      return reply.redirect(url, 302);
    },
  );

  server.get<{ Querystring: { state: string; code?: string; error?: string; iss?: string } }>(
    "/auth/callback",
    { schema: { querystring: query({ state: text, code: text, error: text, iss: text }, ["state"]) } },
    async (request, reply) => {
      const { state, code, error, iss } = request.query;
      const [browser, before] = [cookies.signIn(request), cookies.session(request)];
      cookies.clear(reply);
      const { session, returnTo } = await sessions.arrive({ state, code, error, issuer: iss, browser, before });
      cookies.setSession(reply, session);
      return reply.redirect(returnTo, 303);
    },
  );

  server.get("/auth/session", (request, reply) =>
    orClear(reply, async () => {
      const { principal, csrfToken, locksAt, endsAt } = await sessions.find(sessionOf(request));
      const { id, name, roles, assuranceLevel } = principal;
      return { person: { id, name, roles, assuranceLevel }, csrfToken, locksAt, endsAt };
    }),
  );

  server.post("/auth/sign-out", (request, reply) =>
    orClear(reply, async () => {
      const session = sessionOf(request);
      await sessions.admit(session, request.method, request.headers["x-csrf-token"]);
      const continueAt = await sessions.signOut(session);
      cookies.clear(reply);
      return { done: "signed-out", ...(continueAt === undefined ? {} : { continueAt }) };
    }),
  );

  server.post<{ Body: { logout_token?: string } | undefined }>("/auth/back-channel-logout", async ({ body }) => {
    await sessions.backChannel(body?.logout_token ?? "");
    return { done: "signed-out" };
  });
}
