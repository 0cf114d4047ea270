// Quality of matching over HTTP: measures over time, and whether groups of people differ. Counts only, nobody's data.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { LockgateError } from "#kernel/errors";
import { biasReport, qualityOf } from "#services/matching";
import type { RouteOptions } from "../route-options.ts";

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

type Period = { since?: string; until?: string };

/** Registers the routes of `/ops/v1/matching`. Without `since`, the last 30 days. */
export function matchingRoutes(server: FastifyInstance, { contracts, db, clock, gate }: RouteOptions): void {
  const periodOf = (asked: Period) => {
    const until = asked.until === undefined ? new Date(clock.now()) : new Date(asked.until);
    const since = asked.since === undefined ? new Date(until.getTime() - DEFAULT_DAYS * DAY_MS) : new Date(asked.since);
    if (!(since < until)) throw new LockgateError("REQUEST_INVALID", { at: "since" });
    return { since, until };
  };

  const readable = (request: FastifyRequest) => gate.allow(request, "matching.quality.read", { type: "platform" });

  contracts.route<{ Querystring: Period & { by: "day" | "week" } }>(server, "readMatchingQuality", async (request) => {
    await readable(request);
    const { query: asked } = request;
    const period = periodOf(asked);
    return { ...period, quality: await qualityOf(db, asked.by, period) };
  });

  contracts.route<{ Querystring: Period }>(server, "readMatchingReport", async (request) => {
    await readable(request);
    const period = periodOf(request.query);
    return { ...period, groups: await biasReport(db, period) };
  });
}
