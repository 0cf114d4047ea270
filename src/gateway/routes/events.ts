// News over HTTP: one stream of server-sent events for each browser, which says what kinds of things changed and nothing of them.

import type { FastifyInstance } from "fastify";
import { openLive } from "../live/live.ts";
import type { RouteOptions } from "../route-options.ts";

const platform = { type: "platform" } as const;

/** Registers `/ops/v1/events`. */
export function eventRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, gate } = options;
  const live = openLive(options);
  // Streams end before the server waits for what is under way.
  server.addHook("preClose", () => live.close());

  contracts.route<{ Headers: { "last-event-id"?: number } }>(server, "followEvents", async (request, reply) => {
    await gate.allow(request, "live.follow", platform);
    reply.type("text/event-stream; charset=utf-8").header("x-accel-buffering", "no");
    // Only the head is asked for: there is no stream to leave open.
    if (request.method === "HEAD") return reply.send("");
    const after = request.headers["last-event-id"];
    const { body } = await live.follow(request, after === undefined ? undefined : Number(after), (who) =>
      gate.mayStill(who, "live.follow", platform),
    );
    return reply.send(body);
  });
}
