// Oversight over HTTP: searching the audit, and the platform's figures at a glance. Each search is on record itself.

import type { FastifyInstance } from "fastify";
import { accesses, isMeant, journeyLeaves, type LeafFilter, type StoredLeaf, searchLeaves } from "#engine/audit";
import { flowsOf } from "#engine/monitor";
import { touched } from "../accesses/passage.ts";
import type { RouteOptions } from "../route-options.ts";

type Search = {
  readonly actor?: string;
  readonly personId?: string;
  readonly journeyId?: string;
  readonly name?: string;
  readonly since?: string;
  readonly until?: string;
  readonly before?: number;
  readonly limit: number;
};

/** Registers `/ops/v1/audit/search` and `/ops/v1/metrics/summary`. */
export function oversightRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, db, clock, backbone, work, gate, serialiser } = options;

  contracts.route<{ Body: Search }>(server, "searchAudit", async (request) => {
    const access = await gate.allow(request, "audit.search", { type: "auditLog" });
    const { personId, journeyId, limit, ...asked } = request.body;
    const filter: LeafFilter = {
      ...asked,
      since: asked.since === undefined ? undefined : new Date(asked.since),
      until: asked.until === undefined ? undefined : new Date(asked.until),
      most: limit,
    };
    const { leaves, next } = await (journeyId !== undefined
      ? ofJourney(journeyId, filter)
      : personId !== undefined
        ? ofPerson(personId, filter)
        : searchLeaves(db, filter));
    touched(request, {
      kind: "searched",
      found: leaves.length,
      about: [...(personId ? [`person/${personId}`] : []), ...(journeyId ? [`journey/${journeyId}`] : [])],
    });
    return {
      leaves: leaves.map((leaf) => serialiser.write("auditLeaf", leaf, access)),
      ...(next === undefined ? {} : { next }),
    };
  });

  const ofJourney = async (journeyId: string, filter: LeafFilter) => {
    const { before = Number.MAX_SAFE_INTEGER, most } = filter;
    const all = (await journeyLeaves(db, journeyId)).toReversed();
    return paged(
      all.filter((leaf) => leaf.position < before && isMeant(filter, leaf)),
      most,
    );
  };

  /** Whoever asked for something of a person is found by an index. */
  const ofPerson = async (personId: string, { name, ...filter }: LeafFilter) => {
    const found = await accesses(db, { ...filter, about: [`person/${personId}`], most: filter.most + 1 });
    const { leaves, next } = paged(
      found.map(({ leaf }) => leaf),
      filter.most,
    );
    return { leaves: leaves.filter((leaf) => isMeant({ name, most: 0 }, leaf)), next };
  };

  contracts.route(server, "summariseMetrics", async (request) => {
    await gate.allow(request, "metrics.read", { type: "platform" });
    return flowsOf({ db, backbone, work, nowMs: clock.now() });
  });
}

function paged(leaves: readonly StoredLeaf[], most: number) {
  const page = leaves.slice(0, most);
  return { leaves: page, next: leaves.length > most ? page.at(-1)?.position : undefined };
}
