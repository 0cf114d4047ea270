// Work items over HTTP: what waits, and what a person does about it. Each request names that person, and so does the audit.

import type { FastifyInstance } from "fastify";
import type { Decider, ItemSummary } from "#engine/work";
import type { GatewayOptions } from "../types.ts";

const MOST_LISTED = 200;

const id = { type: "string", format: "uuid" };
/** With white space around it, one name would be two persons to a quorum; with control characters, it would steer terminals. */
const name = { type: "string", maxLength: 100, pattern: "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$" };
const comment = { type: "string", minLength: 1, maxLength: 4_000 };
const digest = { type: "string", pattern: "^[0-9a-f]{64}$" };
const as = {
  type: "object",
  additionalProperties: false,
  required: ["name", "roles"],
  properties: { name, roles: { type: "array", maxItems: 50, items: name } },
};
const state = { enum: ["open", "claimed", "decided", "expired", "withdrawn"] };
const filters = { id, queue: name, domain: name, owner: name, journeyId: id, state };

type Filters = Partial<Record<"id" | "queue" | "domain" | "owner" | "journeyId", string>> & {
  readonly state?: ItemSummary["state"];
};

/** A request of one person about one item. */
type Deed<More = object> = { Params: { id: string }; Body: { as: Decider } & More };

const deed = (more: Record<string, unknown> = {}, required: readonly string[] = Object.keys(more)) => ({
  schema: {
    params: { type: "object", properties: { id } },
    body: {
      type: "object",
      additionalProperties: false,
      required: ["as", ...required],
      properties: { as, ...more },
    },
  },
});

/** Registers the routes of `/ops/v1/work`. */
export function workRoutes(server: FastifyInstance, { work }: GatewayOptions): void {
  server.post<{ Body: Filters }>(
    "/work/list",
    { schema: { body: { type: "object", additionalProperties: false, properties: filters } } },
    async ({ body }) => ({ items: await work.list({ ...body, most: MOST_LISTED }) }),
  );

  // Reading is a deed too: what is shown is personal, and who looked is recorded.
  server.post<Deed>("/work/:id/show", deed(), async ({ params, body }) => ({
    item: await work.show(params.id, body.as),
  }));

  server.post<Deed>("/work/:id/claim", deed(), async ({ params, body }) => {
    await work.claim(params.id, body.as);
    return { done: "claimed" };
  });

  server.post<Deed>("/work/:id/release", deed(), async ({ params, body }) => {
    await work.release(params.id, body.as);
    return { done: "released" };
  });

  server.post<Deed<{ comment: string }>>("/work/:id/comment", deed({ comment }), async ({ params, body }) => {
    await work.comment(params.id, body.as, body.comment);
    return { done: "commented" };
  });

  server.post<Deed<{ comment: string }>>("/work/:id/escalate", deed({ comment }), async ({ params, body }) => {
    await work.escalate(params.id, body.as, body.comment);
    return { done: "escalated" };
  });

  server.post<Deed<{ action: string; digest: string; comment?: string }>>(
    "/work/:id/decide",
    deed({ action: name, digest, comment }, ["action", "digest"]),
    async ({ params, body: { as: decider, ...decision } }) => ({
      item: await work.decide(params.id, decider, decision),
    }),
  );
}
