// The HTTP way in: authentication, errors as problem details, one audit leaf for each access.

import { createHash, timingSafeEqual } from "node:crypto";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { append } from "#engine/audit";
import { ping } from "#kernel/db";
import { asLockgateError, errorTable, LockgateError } from "#kernel/errors";
import { operations } from "./routes/operations.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { sagaRoutes } from "./routes/sagas.ts";
import { workRoutes } from "./routes/work.ts";
import type { GatewayOptions } from "./types.ts";

const MOST_BODY_BYTES = 1_048_576;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Starts the gateway. @throws START_PORT_TAKEN */
export async function openGateway(options: GatewayOptions): Promise<{ address: string; close(): Promise<void> }> {
  const server = fastify({
    bodyLimit: MOST_BODY_BYTES,
    logger: false,
    requestTimeout: 30_000,
    forceCloseConnections: true,
  });
  answerErrors(server, options);
  server.get("/health/live", async () => ({ status: "live" }));
  server.get("/health/ready", async () => {
    await ping(options.db);
    return { status: "ready" };
  });
  await server.register(
    async (secured) => {
      secured.addHook("onRequest", (request) => authenticate(request, options));
      operations(secured, options);
      ruleRoutes(secured, options);
      sagaRoutes(secured, options);
      workRoutes(secured, options);
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

async function authenticate(request: FastifyRequest, { operatorToken, db, clock }: GatewayOptions): Promise<void> {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ", 2);
  if (scheme === "Bearer" && token && timingSafeEqual(digest(token), digest(operatorToken))) return;
  await db.transaction((tx) =>
    append(tx, [
      {
        at: new Date(clock.now()),
        part: "gateway",
        name: "access.requested",
        outcome: "refused",
        code: "REQUEST_UNAUTHENTICATED",
      },
    ]),
  );
  throw new LockgateError("REQUEST_UNAUTHENTICATED");
}

/** Errors as RFC 9457 problem details with our codes. */
function answerErrors(server: FastifyInstance, { log }: GatewayOptions): void {
  server.setNotFoundHandler((_, reply) =>
    reply
      .code(404)
      .type("application/problem+json")
      .send(problem(new LockgateError("ROUTE_UNKNOWN"))),
  );
  server.setErrorHandler((thrown, _, reply) => {
    const clientFault = (thrown as { statusCode?: number }).statusCode;
    const isRequestFault = !(thrown instanceof LockgateError) && clientFault !== undefined && clientFault < 500;
    const error = isRequestFault ? new LockgateError("REQUEST_INVALID") : asLockgateError(thrown);
    if (error.code === "INTERNAL") log.error("request failed", { error: thrown });
    return reply
      .code(isRequestFault ? clientFault : error.row.http)
      .type("application/problem+json")
      .send(problem(error));
  });
}

const problem = (error: LockgateError) => ({
  type: `urn:lockgate:error:${error.code}`,
  title: errorTable[error.code].text,
  status: error.row.http,
  code: error.code,
  detail: error.message,
});
