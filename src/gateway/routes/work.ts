// Work items over HTTP: what waits, and what a person does about it. The person is the one whose token it is; only the operator
// names somebody else.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Decider, ItemSummary } from "#engine/work";
import { deciderOf } from "../access.ts";
import { type Action, domains, type Resource } from "../policy/actions.ts";
import type { RouteOptions } from "../route-options.ts";
import { deciderSchema, personName } from "./decider-schema.ts";

const MOST_LISTED = 200;

const id = { type: "string", format: "uuid" };
const comment = { type: "string", minLength: 1, maxLength: 4_000 };
const digest = { type: "string", pattern: "^[0-9a-f]{64}$" };
const state = { enum: ["open", "claimed", "decided", "expired", "withdrawn"] };
const filters = { id, queue: personName, domain: personName, owner: personName, journeyId: id, state };

type Filters = Partial<Record<"id" | "queue" | "domain" | "owner" | "journeyId", string>> & {
  readonly state?: ItemSummary["state"];
};

/** A request of one person about one item. */
type Deed<More = object> = { Params: { id: string }; Body: { as?: Decider } & More };

type WorkAction = Extract<Action, `work.${string}`>;

const deed = (more: Record<string, unknown> = {}, required: readonly string[] = Object.keys(more)) => ({
  schema: {
    params: { type: "object", properties: { id } },
    body: {
      type: "object",
      additionalProperties: false,
      required,
      properties: { as: deciderSchema, ...more },
    },
  },
});

/** Whoever asks says of whom; of somebody of whom nothing is said, where they are is not shown. */
const isRestricted = (content: unknown): boolean =>
  (content as { readonly restricted?: unknown } | null)?.restricted !== false;

/** Registers the routes of `/ops/v1/work`. */
export function workRoutes(server: FastifyInstance, { work, gate, serialiser }: RouteOptions): void {
  /** Who acts, once the policies permit the deed on that item. */
  async function permitted(request: FastifyRequest<Deed>, action: WorkAction, choice?: string) {
    const { params, body } = request;
    const decider = deciderOf(request, body.as);
    const { domain, journeyId, proposers, chosenBy } = await work.about(params.id, choice);
    const item: Resource = { type: "workItem", domain, proposers: [...proposers], chosenBy: [...chosenBy] };
    return { decider, access: await gate.allow(request, action, item, { as: body.as, journeyId }) };
  }

  server.post<{ Body: Filters }>(
    "/work/list",
    { schema: { body: { type: "object", additionalProperties: false, properties: filters } } },
    async (request) => {
      const asked = request.body.domain === undefined ? domains : [request.body.domain];
      const open = asked.filter((domain) => gate.may(request, "work.list", { type: "workQueue", domain }));
      // Whoever may list nothing of what was asked for is refused, and that is on record.
      const access = await gate.allow(request, "work.list", { type: "workQueue", domain: open[0] ?? asked[0]! });
      // Items of a domain that nobody named belong to those who see every domain.
      const filter = open.length === domains.length ? [undefined] : open;
      const lists = await Promise.all(
        filter.map((domain) => work.list({ ...request.body, ...(domain ? { domain } : {}), most: MOST_LISTED })),
      );
      return { items: lists.flat().map((item) => serialiser.write("workItem", item, access)) };
    },
  );

  // Reading is a deed too: what is shown is personal, and who looked is recorded.
  server.post<Deed>("/work/:id/show", deed(), async (request) => {
    const { decider, access } = await permitted(request, "work.show");
    const item = await work.show(request.params.id, decider);
    return { item: serialiser.write("workItem", { ...item, restricted: isRestricted(item.content) }, access) };
  });

  server.post<Deed>("/work/:id/claim", deed(), async (request) => {
    const { decider } = await permitted(request, "work.claim");
    await work.claim(request.params.id, decider);
    return { done: "claimed" };
  });

  server.post<Deed>("/work/:id/release", deed(), async (request) => {
    const { decider } = await permitted(request, "work.claim");
    await work.release(request.params.id, decider);
    return { done: "released" };
  });

  server.post<Deed<{ comment: string }>>("/work/:id/comment", deed({ comment }), async (request) => {
    const { decider } = await permitted(request, "work.comment");
    await work.comment(request.params.id, decider, request.body.comment);
    return { done: "commented" };
  });

  server.post<Deed<{ comment: string }>>("/work/:id/escalate", deed({ comment }), async (request) => {
    const { decider } = await permitted(request, "work.escalate");
    await work.escalate(request.params.id, decider, request.body.comment);
    return { done: "escalated" };
  });

  server.post<Deed<{ action: string; digest: string; comment?: string }>>(
    "/work/:id/decide",
    deed({ action: personName, digest, comment }, ["action", "digest"]),
    async (request) => {
      const { as: _, ...decision } = request.body;
      const { decider, access } = await permitted(request, "work.decide", decision.action);
      return {
        item: serialiser.write("workItem", await work.decide(request.params.id, decider, decision), access),
      };
    },
  );
}
