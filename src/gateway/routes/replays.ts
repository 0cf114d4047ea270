// Bulk replay over HTTP: look at exactly which letters, start these, steer the job, and see what became of each.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Replay, ReplayItemState, ReplayStart } from "#engine/backbone";
import type { Decider } from "#engine/work";
import { deciderOf } from "../access.ts";
import { touched } from "../accesses/passage.ts";
import type { Access } from "../policy/types.ts";
import type { RouteOptions } from "../route-options.ts";

const MOST_TARGETS = 10_000;
const MOST_SHOWN = 20;
const MOST_LISTED = 100;

type Filter = {
  readonly subscription?: string;
  readonly code?: string;
  readonly since?: string;
  readonly until?: string;
  readonly ids?: readonly { readonly subscription: string; readonly position: number }[];
  readonly most?: number;
};
type Named = { Params: { id: string } };
type Page = Named & { Querystring: { after: number; limit: number; state?: ReplayItemState } };

/** Registers the routes of `/ops/v1/replays`. */
export function replayRoutes(server: FastifyInstance, { contracts, backbone, gate, serialiser }: RouteOptions): void {
  const mayRead = (request: FastifyRequest) => gate.allow(request, "deadletters.read", { type: "deadletter" });
  const maySteer = (request: FastifyRequest) => gate.allow(request, "deadletters.replay", { type: "deadletter" });
  const itemsOf = async (access: Access, id: string, after: number, most: number, state?: ReplayItemState) => {
    const items = await backbone.replays.items(id, { after, most, state });
    return items.map((item) => serialiser.write("replayItem", item, access));
  };

  contracts.route<{ Body: { filter: Filter } }>(server, "previewReplay", async (request) => {
    const access = await mayRead(request);
    const { since, until, most = MOST_TARGETS, ...filter } = request.body.filter;
    const replay = await backbone.replays.preview(
      {
        ...filter,
        since: since === undefined ? undefined : new Date(since),
        until: until === undefined ? undefined : new Date(until),
        most,
      },
      request.principal.id,
    );
    touched(request, { about: [`replay/${replay.id}`], found: replay.targets });
    return {
      replay: serialiser.write("replay", replay, access),
      first: await itemsOf(access, replay.id, 0, MOST_SHOWN),
    };
  });

  contracts.route(server, "listReplays", async (request) => {
    const access = await mayRead(request);
    const listed = await backbone.replays.list(MOST_LISTED);
    return { replays: listed.map((replay) => serialiser.write("replay", replay, access)) };
  });

  contracts.route<Named>(server, "readReplay", async (request) => {
    const access = await mayRead(request);
    return serialiser.write("replay", await backbone.replays.show(request.params.id), access);
  });

  contracts.route<Page>(server, "listReplayItems", async (request) => {
    const access = await mayRead(request);
    const { after, limit, state } = request.query;
    return { items: await itemsOf(access, request.params.id, after, limit, state) };
  });

  contracts.route<Named & { Body: ReplayStart }>(server, "startReplay", async (request) => {
    const access = await maySteer(request);
    const replay = await backbone.replays.start(request.params.id, request.body, deciderOf(request));
    return serialiser.write("replay", replay, access);
  });

  const steered = (operation: string, steer: (id: string, by: Decider) => Promise<Replay>) =>
    contracts.route<Named>(server, operation, async (request) => {
      const access = await maySteer(request);
      return serialiser.write("replay", await steer(request.params.id, deciderOf(request)), access);
    });
  steered("pauseReplay", (id, { name }) => backbone.replays.pause(id, name));
  steered("resumeReplay", (id, by) => backbone.replays.resume(id, by));
  steered("cancelReplay", (id, { name }) => backbone.replays.cancel(id, name));
}
