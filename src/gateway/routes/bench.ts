// A channel's text over HTTP, what changes of it were tried on, and its test bench, with no effect but a line in the audit.

import type { FastifyInstance } from "fastify";
import { append } from "#engine/audit";
import { readDryRuns, readVersions, tryMessage } from "#engine/channels";
import { LockgateError } from "#kernel/errors";
import type { RouteOptions } from "../route-options.ts";

const MOST_VERSIONS = 20;
const MOST_DRY_RUNS = 10;

/** Registers `/ops/v1/channels/{name}/definition`, `…/dry-runs` and `/ops/v1/channels/{name}/try`. */
export function benchRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, db, clock, gate, environment, definitions = [] } = options;
  const definitionOf = (name: string) => {
    const definition = definitions.find((one) => one.name === name);
    if (!definition) throw new LockgateError("CHANNEL_UNKNOWN", { at: name });
    return definition;
  };

  contracts.route<{ Params: { name: string } }>(server, "readChannelDefinition", async (request) => {
    await gate.allow(request, "channels.read", { type: "channel" });
    const { name, source, acknowledge = "checked", destinations, sla, silence } = definitionOf(request.params.name);
    return {
      name,
      connector: source.connector,
      acknowledge,
      destinations: Object.entries(destinations).map(([to, one]) => ({
        to,
        kind: one.kind,
        at: one.kind === "topic" ? one.topic : one.connector,
      })),
      slaWithinMs: sla?.withinMs ?? null,
      silentAfterMs: silence?.afterMs ?? null,
      versions: await readVersions(db, name, MOST_VERSIONS),
    };
  });

  contracts.route<{ Params: { name: string } }>(server, "listChannelDryRuns", async (request) => {
    await gate.allow(request, "channels.read", { type: "channel" });
    return { runs: await readDryRuns(db, definitionOf(request.params.name).name, MOST_DRY_RUNS) };
  });

  contracts.route<{ Params: { name: string }; Body: { message: string } }>(server, "tryChannel", async (request) => {
    const { principal, params, body } = request;
    await gate.allow(request, "channels.try", { type: "channel" });
    const receivedAt = new Date(clock.now());
    // Whoever pastes a message pastes lines; on the wire segments end with a carriage return (HL7 v2 §2.5.2).
    const bytes = Buffer.from(body.message.replaceAll(/\r\n|\n/g, "\r"));
    const tried = tryMessage(definitionOf(params.name), bytes, { environment, receivedAt });
    const detail = { channel: params.name, accepted: tried.isAccepted, onward: tried.outgoing.length };
    await db.transaction((tx) =>
      append(tx, [
        { at: receivedAt, part: "gateway", name: "access.tried", outcome: "ok", actor: principal.id, detail },
      ]),
    );
    return tried;
  });
}
