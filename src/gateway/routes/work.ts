// Work items over HTTP: what waits, and what a person does about it. The person is the one whose token or session it is.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Decision, type ItemSummary, mayDecide, type Seen } from "#engine/work";
import { LockgateError } from "#kernel/errors";
import { deciderOf } from "../access.ts";
import { onRecord } from "../accesses/record.ts";
import type { Colleague } from "../colleagues/store.ts";
import { pageOf } from "../pages.ts";
import { type Action, domains, type Resource } from "../policy/actions.ts";
import { hasPrecondition, requireMatch, tagOf, tell } from "../preconditions.ts";
import type { RouteOptions } from "../route-options.ts";

const DEFAULT_LISTED = 100;

type Filters = Partial<
  Record<"id" | "queue" | "domain" | "owner" | "journeyId" | "reason" | "since" | "cursor", string>
> & {
  readonly state?: ItemSummary["state"];
  readonly limit?: number;
  readonly mine?: boolean;
};

/** Where an item stands in a list. */
const place = z.strictObject({
  id: z.uuid(),
  state: z.enum(["open", "claimed", "decided", "expired", "withdrawn"]),
  criticality: z.enum(["critical", "high", "normal", "low"]),
  dueAt: z.iso.datetime().transform((text) => new Date(text)),
  openedAt: z.iso.datetime().transform((text) => new Date(text)),
});

/** A request of one person about one item. */
type Deed<More = unknown> = { Params: { id: string }; Body: More };

type WorkAction = Extract<Action, `work.${string}`>;

/** Every deed makes it another: the tag of an item. */
const tagOfItem = (id: string, { deeds }: Seen): string => tagOf(id, deeds);

/** Whoever asks says of whom; of somebody of whom nothing is said, where they are is not shown. */
const isRestricted = (content: unknown): boolean =>
  (content as { readonly restricted?: unknown } | null)?.restricted !== false;

/** Registers the routes of `/ops/v1/work`. */
export function workRoutes(
  server: FastifyInstance,
  { contracts, work, gate, serialiser, clock, colleagues }: RouteOptions,
): void {
  /** Who acts, once the policies permit the deed on that item; and what of it was seen, where the request says so. */
  async function permitted(request: FastifyRequest<Deed>, action: WorkAction, choice?: string) {
    const { params } = request;
    const decider = deciderOf(request);
    const { domain, journeyId, proposers, chosenBy, deeds } = await work.about(params.id, choice);
    const item: Resource = { type: "workItem", domain, proposers: [...proposers], chosenBy: [...chosenBy] };
    const access = await gate.allow(request, action, item, { journeyId });
    if (!hasPrecondition(request)) return { decider, access, seen: undefined };
    const counted = { deeds: await deeds() };
    const seen = requireMatch(request, tagOfItem(params.id, counted)) ? counted : undefined;
    return { decider, access, seen };
  }

  contracts.route<{ Body: Filters | undefined }>(server, "listWork", async (request) => {
    const { limit = DEFAULT_LISTED, cursor, domain, mine = false, since, ...said } = request.body ?? {};
    const filter = mine ? { ...said, owner: request.principal.id } : said;
    const openedSince = since === undefined ? {} : { since: new Date(since) };
    const asked = domain === undefined ? domains : [domain];
    const open = asked.filter((one) => gate.may(request, "work.list", { type: "workQueue", domain: one }));
    // Whoever may list nothing of what was asked for is refused, and that is on record.
    const access = await gate.allow(request, "work.list", { type: "workQueue", domain: open[0] ?? asked[0]! });
    // Items of a domain that nobody named belong to those who see every domain.
    const within = open.length === domains.length ? {} : { domains: open };
    const { entries, next } = await pageOf({
      list: "work",
      shape: place,
      asked: { domain, since, ...filter },
      limit,
      cursor,
      read: (behind, most) => work.list({ ...filter, ...openedSince, ...within, behind, most }),
      placeOf: ({ id, state, criticality, dueAt, openedAt }: ItemSummary) => ({
        id,
        state,
        criticality,
        dueAt: dueAt.toISOString(),
        openedAt: openedAt.toISOString(),
      }),
    });
    return { items: entries.map((item) => serialiser.write("workItem", item, access)), ...(next ? { next } : {}) };
  });

  // Reading is a deed too: what is shown is personal, and who looked is recorded.
  contracts.route<Deed>(server, "showWork", async (request, reply) => {
    const { decider, access } = await permitted(request, "work.show");
    const item = await work.show(request.params.id, decider);
    tell(reply, tagOfItem(item.id, { deeds: item.history.length }));
    return { item: serialiser.write("workItem", { ...item, restricted: isRestricted(item.content) }, access) };
  });

  contracts.route<Deed>(server, "claimWork", async (request) => {
    const { decider, seen } = await permitted(request, "work.claim");
    await work.claim(request.params.id, decider, seen);
    return { done: "claimed" };
  });

  contracts.route<Deed>(server, "releaseWork", async (request) => {
    const { decider, seen } = await permitted(request, "work.claim");
    await work.release(request.params.id, decider, seen);
    return { done: "released" };
  });

  /** Those who were seen here and could decide an item as it stands. */
  async function assigneesOf(id: string): Promise<readonly Colleague[]> {
    const [item] = await work.list({ id, most: 1 });
    const { domain, proposers } = await work.about(id);
    const resource: Resource = { type: "workItem", domain, proposers: [...proposers], chosenBy: [] };
    return (await colleagues.list()).filter(({ id: name, roles }) => {
      const decider = { kind: "user", id: name, roles, scopes: ["lockgate"], assuranceLevel: 2 } as const;
      return (
        mayDecide({ excluded: proposers, actions: item?.actions ?? [] }, { name, roles }) &&
        gate.mayStill({ ...decider, name, client: "" }, "work.decide", resource)
      );
    });
  }

  contracts.route<Deed>(server, "listAssignees", async (request) => {
    await permitted(request, "work.assign");
    return { people: (await assigneesOf(request.params.id)).map(({ id, name }) => ({ id, name })) };
  });

  contracts.route<Deed<{ to: string }>>(server, "assignWork", async (request) => {
    const { decider, seen } = await permitted(request, "work.assign");
    const { id } = request.params;
    const found = (await assigneesOf(id)).find((one) => one.id === request.body.to);
    if (!found) throw new LockgateError("WORK_UNASSIGNABLE", { at: id });
    await work.assign(id, decider, { name: found.id, roles: found.roles }, seen);
    return { done: "assigned" };
  });

  contracts.route<Deed<{ comment: string }>>(server, "inquireWork", async (request) => {
    const { decider, seen } = await permitted(request, "work.inquire");
    await work.inquire(request.params.id, decider, request.body.comment, seen);
    return { done: "inquired" };
  });

  contracts.route<Deed<{ comment: string }>>(server, "commentWork", async (request) => {
    const { decider, seen } = await permitted(request, "work.comment");
    const { id } = request.params;
    const { comment } = request.body;
    await onRecord(request, clock, (access) => work.comment(id, decider, comment, seen, access));
    return { done: "commented" };
  });

  contracts.route<Deed<{ comment: string }>>(server, "escalateWork", async (request) => {
    const { decider, seen } = await permitted(request, "work.escalate");
    await work.escalate(request.params.id, decider, request.body.comment, seen);
    return { done: "escalated" };
  });

  contracts.route<Deed<Decision>>(server, "decideWork", async (request) => {
    const decision = request.body;
    const { decider, access, seen } = await permitted(request, "work.decide", decision.action);
    const item = await work.decide(request.params.id, decider, decision, seen);
    return { item: serialiser.write("workItem", item, access) };
  });
}
