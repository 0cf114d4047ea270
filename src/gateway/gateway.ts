// The HTTP way in: guards, identity, routes, and errors as problem details.

import { join } from "node:path";
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from "fastify";
import { ping } from "#kernel/db";
import { asLockgateError, errorTable, LockgateError } from "#kernel/errors";
import { authenticate, openGate } from "./access.ts";
import { honourKeys } from "./idempotency/idempotency.ts";
import { bearerVerifier } from "./identity/bearer.ts";
import { machineTokens } from "./identity/machine-tokens.ts";
import { tokenRoutes } from "./identity/routes.ts";
import { readMasks } from "./policy/masks.ts";
import { openPolicy } from "./policy/policy.ts";
import { openSerialiser } from "./policy/serialise.ts";
import { protect, serverBounds } from "./protection.ts";
import type { RouteOptions } from "./route-options.ts";
import { matchingRoutes } from "./routes/matching.ts";
import { operations } from "./routes/operations.ts";
import { personRoutes } from "./routes/persons.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { sagaRoutes } from "./routes/sagas.ts";
import { workRoutes } from "./routes/work.ts";
import type { GatewayOptions } from "./types.ts";

/** Starts the gateway. @throws START_PORT_TAKEN */
export async function openGateway(options: GatewayOptions): Promise<{ address: string; close(): Promise<void> }> {
  const server = fastify({ ...serverBounds, logger: false, forceCloseConnections: true });
  protect(server);
  answerErrors(server, options);
  server.get("/health/live", async () => ({ status: "live" }));
  server.get("/health/ready", async () => {
    await ping(options.db);
    return { status: "ready" };
  });
  const { db, clock, identity } = options;
  const endpoint = `${identity.publicUrl ?? `http://${options.host}:${options.port}`}/oauth2/token`;
  const tokens = machineTokens(identity.clients, { db, clock, endpoint });
  const verify = bearerVerifier(tokens, identity.issuers, clock);
  const gate = openGate(openPolicy({ folder: options.policies }), options);
  const serialiser = openSerialiser(readMasks(join(options.policies, "masks.yaml")));
  await server.register(async (open) => tokenRoutes(open, tokens, options));
  await server.register(
    async (secured) => {
      authenticate(secured, verify, options);
      honourKeys(secured, options);
      const routes: RouteOptions = { ...options, gate, serialiser };
      operations(secured, routes);
      matchingRoutes(secured, routes);
      personRoutes(secured, routes);
      ruleRoutes(secured, routes);
      sagaRoutes(secured, routes);
      workRoutes(secured, routes);
    },
    { prefix: "/ops/v1" },
  );
  try {
    const address = await server.listen({ host: options.host, port: options.port });
    return { address, close: () => server.close() };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE")
      throw new LockgateError("START_PORT_TAKEN", { at: `${options.host}:${options.port}`, cause });
    throw cause;
  }
}

/** Errors as RFC 9457 problem details with our codes. */
function answerErrors(server: FastifyInstance, { log }: GatewayOptions): void {
  const answer = (reply: FastifyReply, error: LockgateError, status = error.row.http) =>
    reply.code(status).type("application/problem+json").send(problem(error, status));
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

const problem = (error: LockgateError, status: number) => ({
  type: `urn:lockgate:error:${error.code}`,
  title: errorTable[error.code].text,
  status,
  code: error.code,
  detail: error.message,
});
