// The HTTP way in: guards, identity, routes, and errors as problem details.

import { hash } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Server as TlsServer } from "node:tls";
import { type FastifyError, type FastifyHttpOptions, type FastifyInstance, type FastifyReply, fastify } from "fastify";
import { ping } from "#kernel/db";
import { asLockgateError, LockgateError } from "#kernel/errors";
import { authenticate, openGate } from "./access.ts";
import { failed } from "./accesses/passage.ts";
import { recordAccesses } from "./accesses/record.ts";
import { reviewBy } from "./accesses/review.ts";
import { openColleagues } from "./colleagues/colleagues.ts";
import { serveConsole } from "./console.ts";
import { openContracts } from "./contracts/contracts.ts";
import { honourKeys } from "./idempotency/idempotency.ts";
import { bearerVerifier } from "./identity/bearer.ts";
import { machineTokens } from "./identity/machine-tokens.ts";
import { type Fetch, guardedFetch } from "./identity/outbound.ts";
import { tokenRoutes } from "./identity/routes.ts";
import { readMasks } from "./policy/masks.ts";
import { openPolicy } from "./policy/policy.ts";
import { openSerialiser } from "./policy/serialise.ts";
import { problemOf } from "./problem.ts";
import { protect, serverBounds } from "./protection.ts";
import type { RouteOptions } from "./route-options.ts";
import { accessRoutes } from "./routes/accesses.ts";
import { benchRoutes } from "./routes/bench.ts";
import { catalogueRoutes, documentRoutes } from "./routes/catalogue.ts";
import { codeRoutes } from "./routes/codes.ts";
import { demographicsRoutes } from "./routes/demographics.ts";
import { eventRoutes } from "./routes/events.ts";
import { matchingRoutes } from "./routes/matching.ts";
import { messageRoutes } from "./routes/messages.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { operations } from "./routes/operations.ts";
import { oversightRoutes } from "./routes/oversight.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { personRoutes } from "./routes/persons.ts";
import { questionRoutes } from "./routes/questions.ts";
import { replayRoutes } from "./routes/replays.ts";
import { resubmissionRoutes } from "./routes/resubmissions.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { ruleTrialRoutes } from "./routes/rules-trial.ts";
import { sagaRoutes } from "./routes/sagas.ts";
import { workRoutes } from "./routes/work.ts";
import { workGroupRoutes } from "./routes/work-groups.ts";
import { cookiesOf } from "./sessions/browser.ts";
import { signInIssuer } from "./sessions/issuer.ts";
import { sessionRoutes } from "./sessions/routes.ts";
import { openSessions, type Sessions, type SessionsOptions } from "./sessions/sessions.ts";
import { watchRequests } from "./telemetry/requests.ts";
import { throttle } from "./throttle/throttle.ts";
import { readTls, renewTls, type TlsSettings } from "./transport.ts";
import type { GatewayOptions } from "./types.ts";

/** Starts the gateway. @throws START_PORT_TAKEN */
export async function openGateway(options: GatewayOptions): Promise<{ address: string; close(): Promise<void> }> {
  const server = fastify({
    ...carriedBy(options.tls),
    // With nobody to trust, an address is the connection's, and nothing need be read to tell it.
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    logger: false,
    forceCloseConnections: true,
    // What the router refuses never comes to a route, nor to its errors.
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      const error = new LockgateError("REQUEST_INVALID", { at: "url" });
      return reply.code(error.row.http).type("application/problem+json").send(problemOf(error, error.row.http));
    },
  });
  const stopping = new AbortController();
  protect(server, options.tls !== undefined);
  answerErrors(server, options);
  watchRequests(server, options);
  recordAccesses(server, { ...options, review: reviewBy(options.work) });
  const { db, clock, identity } = options;
  const origin = (): string => identity.publicUrl ?? listeningAt(server, options);
  const endpoint = `${identity.publicUrl ?? `${options.tls ? "https" : "http"}://${options.host}:${options.port}`}/oauth2/token`;
  const outbound = options.environment === "live" ? guardedFetch(identity.allowedPrivateHosts) : fetch;
  const tokens = machineTokens(identity.clients, { db, clock, endpoint, outbound });
  const verify = bearerVerifier(tokens, identity.issuers, clock, outbound);
  throttle(server, options, (token) => verify.recall(token) !== undefined);
  const contracts = openContracts({
    folder: join(options.policies, "../openapi"),
    isLive: options.environment === "live",
    log: options.log,
    transformations: options.transformations,
  });
  const settle = contracts.watch(server);
  contracts.route(server, "readLiveness", async () => ({ status: "live" }));
  contracts.route(server, "readReadiness", async () => {
    await ping(options.db);
    return { status: "ready" };
  });
  const gate = openGate(openPolicy({ folder: options.policies }));
  const masks = readMasks(join(options.policies, "masks.yaml"));
  const serialiser = openSerialiser(masks);
  const colleagues = openColleagues(options);
  const sessions = signInSessions(options, { outbound, colleagues, origin });
  const cookies = cookiesOf(options.tls !== undefined || identity.publicUrl?.startsWith("https:") === true);
  await server.register(async (open) => tokenRoutes(open, tokens, { ...options, contracts }));
  await server.register(async (open) => sessionRoutes(open, contracts, { sessions, cookies }));
  await server.register(async (secured) => {
    authenticate(secured, { verify, sessions, cookies }, colleagues);
    honourKeys(secured, { db, log: options.log, gate, masks: hash("sha256", JSON.stringify(masks), "base64url") });
    const routes: RouteOptions = { ...options, contracts, gate, serialiser, colleagues };
    metricsRoute(secured, routes);
    await secured.register(async (ops) => operationsProduct(ops, routes), { prefix: "/ops/v1" });
    await secured.register(async (product) => demographicsRoutes(product, routes), { prefix: "/demographics/v1" });
    documentRoutes(secured, routes);
  });
  settle();
  if (options.console) await serveConsole(server, options.console);
  try {
    const address = await server.listen({ host: options.host, port: options.port });
    const renewing =
      options.tls &&
      renewTls(server.server as unknown as TlsServer, options.tls, { ...options, stopping: stopping.signal });
    const close = async () => {
      stopping.abort();
      await renewing;
      await server.close();
    };
    return { address, close };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE")
      throw new LockgateError("START_PORT_TAKEN", { at: `${options.host}:${options.port}`, cause });
    throw cause;
  }
}

/** Where the server is reached on this machine. */
function listeningAt(server: FastifyInstance, { host, tls }: GatewayOptions): string {
  const { port } = server.server.address() as AddressInfo;
  return `${tls ? "https" : "http"}://${host}:${port}`;
}

/** Sessions of those who sign in at the issuers that have them do so. */
function signInSessions(
  { db, clock, identity }: GatewayOptions,
  { outbound, ...more }: Pick<SessionsOptions, "colleagues" | "origin"> & { readonly outbound: Fetch },
): Sessions {
  const issuers = identity.issuers.flatMap(({ signIn, ...one }) =>
    signIn ? [signInIssuer({ ...one, signIn }, { clock, outbound })] : [],
  );
  return openSessions({ db, clock, settings: identity.sessions, issuers, ...more });
}

/** The product `ops/v1`. */
function operationsProduct(server: FastifyInstance, routes: RouteOptions): void {
  operations(server, routes);
  benchRoutes(server, routes);
  eventRoutes(server, routes);
  overviewRoutes(server, routes);
  questionRoutes(server, routes);
  matchingRoutes(server, routes);
  messageRoutes(server, routes);
  oversightRoutes(server, routes);
  personRoutes(server, routes);
  replayRoutes(server, routes);
  resubmissionRoutes(server, routes);
  codeRoutes(server, routes);
  ruleRoutes(server, routes);
  ruleTrialRoutes(server, routes);
  sagaRoutes(server, routes);
  workRoutes(server, routes);
  workGroupRoutes(server, routes);
  accessRoutes(server, routes);
  catalogueRoutes(server, routes);
}

/** What the server is made of: its bounds, and TLS where there are certificates. */
function carriedBy(tls: TlsSettings | undefined): FastifyHttpOptions<Server> {
  if (!tls) return serverBounds;
  // Fastify's types tell the two servers apart; nothing that is done with either differs.
  return { ...serverBounds, https: { ...serverBounds.http, ...readTls(tls) } } as FastifyHttpOptions<Server>;
}

/** Errors as RFC 9457 problem details with our codes. */
function answerErrors(server: FastifyInstance, { log }: GatewayOptions): void {
  const answer = (reply: FastifyReply, error: LockgateError, status = error.row.http) => {
    failed(reply.request, error.code, error.reason);
    return reply.code(status).type("application/problem+json").send(problemOf(error, status));
  };
  server.setNotFoundHandler((_, reply) => answer(reply, new LockgateError("ROUTE_UNKNOWN")));
  server.setErrorHandler((thrown: FastifyError, _, reply) => {
    if (!(thrown instanceof LockgateError) && thrown.statusCode !== undefined && thrown.statusCode < 500)
      return answer(reply, requestFault(thrown), thrown.statusCode);
    const error = asLockgateError(thrown);
    if (error.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(error.retryAfterMs / 1_000));
    if (error.code === "INTERNAL") log.error("request failed", { error: thrown });
    return answer(reply, error);
  });
}

/** What Fastify says of a request, without a word of the request itself: where the schema fails, and by which rule. */
function requestFault({ statusCode, validation, validationContext }: FastifyError): LockgateError {
  if (statusCode === 415) return new LockgateError("REQUEST_UNSUPPORTED_MEDIA", { at: "content-type" });
  const [first] = validation ?? [];
  return new LockgateError(
    "REQUEST_INVALID",
    first && { at: `${validationContext ?? ""}${first.instancePath}`, reason: first.keyword },
  );
}
