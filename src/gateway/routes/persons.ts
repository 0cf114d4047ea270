// Persons over HTTP: the history of their links, and what a steward asks to be done about them. No value of a person is told.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Decider } from "#engine/work";
import { deciderOf } from "../access.ts";
import { requireMatch, tagOf, tell } from "../preconditions.ts";
import type { RouteOptions } from "../route-options.ts";

type Asked<More> = { Params: { id: string }; Body: { comment: string } & More };

const about = { type: "person" } as const;

/** Registers the routes of `/ops/v1/persons`. */
export function personRoutes(server: FastifyInstance, { contracts, persons, gate }: RouteOptions): void {
  contracts.route<{ Params: { id: string } }>(server, "readPersonHistory", async (request, reply) => {
    await gate.allow(request, "persons.read", about);
    const history = await persons.history(request.params.id);
    tell(reply, tagOf(history));
    return history;
  });

  /** Where the request says what it saw: whether it is still so. */
  const asSeen = async (request: FastifyRequest<Asked<object>>): Promise<void> => {
    if (request.headers["if-match"] === undefined) return;
    requireMatch(request, tagOf(await persons.history(request.params.id)));
  };

  /** Who asks, once the policies permit it. */
  const steward = async (request: FastifyRequest<Asked<object>>): Promise<Decider> => {
    const decider = deciderOf(request);
    await gate.allow(request, "persons.unlink", about);
    return decider;
  };

  contracts.route<Asked<{ linkId: string }>>(server, "requestUnlink", async (request, reply) => {
    const { linkId, comment: why } = request.body;
    const { id: personId } = request.params;
    const as = await steward(request);
    await asSeen(request);
    const asked = await persons.requestUnlink({ personId, linkId, as, comment: why });
    return reply.code(202).send(asked);
  });

  contracts.route<Asked<{ otherId: string }>>(server, "keepApart", async (request) => {
    const { otherId, comment: why } = request.body;
    const { id: personId } = request.params;
    const as = await steward(request);
    await asSeen(request);
    await persons.keepApart({ personId, otherId, as, comment: why });
    return { done: "apart" };
  });
}
