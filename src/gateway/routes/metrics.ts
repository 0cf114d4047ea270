// Figures for Prometheus: one text of everything that is measured, for whoever may read metrics.

import type { FastifyInstance } from "fastify";
import { LockgateError } from "#kernel/errors";
import type { RouteOptions } from "../route-options.ts";

/** Text format 0.0.4 of Prometheus. */
const TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** Registers `GET /metrics`; where no figures are kept there is nothing at it. */
export function metricsRoute(server: FastifyInstance, { contracts, gate, prometheus }: RouteOptions): void {
  contracts.route(server, "readFigures", async (request, reply) => {
    await gate.allow(request, "metrics.read", { type: "platform" });
    if (!prometheus) throw new LockgateError("ROUTE_UNKNOWN");
    return reply.type(TEXT).send(await prometheus());
  });
}
