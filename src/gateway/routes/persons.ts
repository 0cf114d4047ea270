// Persons over HTTP: the history of their links, and what a steward asks to be done about them. No value of a person is told.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Decider } from "#engine/work";
import { deciderOf } from "../access.ts";
import type { RouteOptions } from "../route-options.ts";
import { deciderSchema } from "./decider-schema.ts";

const id = { type: "string", format: "uuid" };
const comment = { type: "string", minLength: 1, maxLength: 4_000 };
const params = { type: "object", properties: { id } };

type Asked<More> = { Params: { id: string }; Body: { as?: Decider; comment: string } & More };

const asking = (more: Readonly<Record<string, unknown>>) => ({
  schema: {
    params,
    body: {
      type: "object",
      additionalProperties: false,
      required: ["comment", ...Object.keys(more)],
      properties: { as: deciderSchema, comment, ...more },
    },
  },
});

const about = { type: "person" } as const;

/** Registers the routes of `/ops/v1/persons`. */
export function personRoutes(server: FastifyInstance, { persons, gate }: RouteOptions): void {
  server.get<{ Params: { id: string } }>("/persons/:id", { schema: { params } }, async (request) => {
    await gate.allow(request, "persons.read", about);
    return persons.history(request.params.id);
  });

  /** Who asks, once the policies permit it. */
  const steward = async (request: FastifyRequest<Asked<object>>): Promise<Decider> => {
    const decider = deciderOf(request, request.body.as);
    await gate.allow(request, "persons.unlink", about, { as: request.body.as });
    return decider;
  };

  server.post<Asked<{ linkId: string }>>("/persons/:id/unlink", asking({ linkId: id }), async (request, reply) => {
    const { linkId, comment: why } = request.body;
    const { id: personId } = request.params;
    const asked = await persons.requestUnlink({ personId, linkId, as: await steward(request), comment: why });
    return reply.code(202).send(asked);
  });

  server.post<Asked<{ otherId: string }>>("/persons/:id/apart", asking({ otherId: id }), async (request) => {
    const { otherId, comment: why } = request.body;
    const { id: personId } = request.params;
    await persons.keepApart({ personId, otherId, as: await steward(request), comment: why });
    return { done: "apart" };
  });
}
