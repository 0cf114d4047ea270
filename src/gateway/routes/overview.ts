// The platform at a glance over HTTP: operations, series, measures, and what expires. Counts, names and times; nobody's data.

import type { FastifyInstance } from "fastify";
import { measuresOf, type Operations, operationsOf, type Series, seriesOf } from "#engine/monitor";
import { remembered } from "#kernel/remembered";
import { qualityOf } from "#services/matching";
import type { RouteOptions } from "../route-options.ts";
import { decisionsOf, MOST_DECISIONS } from "./decisions.ts";

const DAY_MS = 86_400_000;
/** However many pages are open, what they all show is counted once in so long. */
const OPERATIONS_FOR_MS = 2_000;
const MEASURES_FOR_MS = 30_000;

/** Registers `/ops/v1/metrics/operations`, `/series` and `/measures`, and `/ops/v1/credentials`. */
export function overviewRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, db, backbone, work, clock, gate, definitions = [], channels, credentials } = options;
  const operations = remembered<Operations>(OPERATIONS_FOR_MS, clock.now);
  const series = remembered<Series>(OPERATIONS_FOR_MS, clock.now);
  const measures = remembered<unknown>(MEASURES_FOR_MS, clock.now);
  const platform = { type: "platform" } as const;

  contracts.route(server, "readOperations", async (request) => {
    await gate.allow(request, "metrics.read", platform);
    return operations("", async () =>
      operationsOf({ db, backbone, work, definitions, states: (await channels?.list()) ?? [], nowMs: clock.now() }),
    );
  });

  contracts.route<{ Querystring: { minutes: number; channel?: string } }>(server, "readSeries", async (request) => {
    await gate.allow(request, "metrics.read", platform);
    const { minutes, channel } = request.query;
    return series(`${minutes} ${channel ?? ""}`, () => seriesOf(db, { minutes, channel, nowMs: clock.now() }));
  });

  contracts.route<{ Querystring: { days: number } }>(server, "readMeasures", async (request) => {
    await gate.allow(request, "metrics.read", platform);
    const { days } = request.query;
    return measures(String(days), async () => {
      const until = new Date(clock.now());
      const since = new Date(until.getTime() - days * DAY_MS);
      const [figures, decisions, quality] = await Promise.all([
        measuresOf(db, since, until),
        countDecisions(options, since),
        qualityOf(db, "day", { since, until }),
      ]);
      const sum = (of: "linked" | "overturned" | "reviews" | "autoLinks"): number =>
        quality.reduce((all, one) => all + one[of], 0);
      const matching = {
        linked: sum("linked"),
        automatic: sum("autoLinks"),
        reviewed: sum("reviews"),
        overturned: sum("overturned"),
      };
      return { since, until, ...figures, decisions, matching };
    });
  });

  contracts.route(server, "listCredentials", async (request) => {
    await gate.allow(request, "metrics.read", platform);
    return { credentials: (await credentials?.()) ?? [] };
  });
}

/** Of what was decided by rules: how much nobody was asked about. */
async function countDecisions(options: Pick<RouteOptions, "recordedDecisions">, since: Date) {
  let [total, automatic] = [0, 0];
  for await (const { isAutomatic } of decisionsOf(options, since)) {
    total += 1;
    if (isAutomatic) automatic += 1;
  }
  return { total, automatic, isSample: total === MOST_DECISIONS };
}
