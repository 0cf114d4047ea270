// One decision for many items over HTTP: look at exactly which, start these, steer the job, and see what became of each.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Decider, GroupDeed, GroupFilter, GroupItem, GroupStart, WorkGroup } from "#engine/work";
import { deciderOf } from "../access.ts";
import type { Access } from "../policy/types.ts";
import type { RouteOptions } from "../route-options.ts";

const MOST_SHOWN = 20;

type Preview = { readonly filter: GroupFilter; readonly deed: GroupDeed; readonly action?: string };
type Named<More = unknown> = { Params: { group: string } } & More;

/** Registers the routes of `/ops/v1/work-groups`. */
export function workGroupRoutes(server: FastifyInstance, { contracts, work, gate, serialiser }: RouteOptions): void {
  const { groups } = work;
  /** Whoever acts on a group may decide its items, were they nobody's own. */
  const allowed = (request: FastifyRequest, domain: string): Promise<Access> =>
    gate.allow(request, "work.decide", { type: "workItem", domain, proposers: [], chosenBy: [] });
  const allowedOn = async (request: FastifyRequest<Named>): Promise<Access> =>
    allowed(request, (await groups.show(request.params.group)).domain);
  const itemsOf = (items: readonly GroupItem[], access: Access) =>
    items.map((item) => serialiser.write("workGroupItem", item, access));

  contracts.route<{ Body: Preview }>(server, "previewWorkGroup", async (request) => {
    const { filter, deed, action } = request.body;
    const access = await allowed(request, filter.domain);
    const by = deciderOf(request);
    // What this person may not decide is none of theirs: it is not in the group, and somebody else may take it up.
    const targets = (await groups.candidates(filter, action)).filter(({ proposers, chosenBy }) =>
      gate.may(request, "work.decide", {
        type: "workItem",
        domain: filter.domain,
        proposers: [...proposers],
        chosenBy: [...chosenBy],
      }),
    );
    const group = await groups.preview({ ...filter, deed, action, targets }, by.name);
    const first = await groups.items(group.id, { after: 0, most: MOST_SHOWN });
    return { group: serialiser.write("workGroup", group, access), first: itemsOf(first, access) };
  });

  contracts.route<Named>(server, "readWorkGroup", async (request) => {
    const access = await allowedOn(request);
    return serialiser.write("workGroup", await groups.show(request.params.group), access);
  });

  contracts.route<Named<{ Querystring: { after: number; limit: number } }>>(
    server,
    "listWorkGroupItems",
    async (request) => {
      const access = await allowedOn(request);
      const { after, limit } = request.query;
      return { items: itemsOf(await groups.items(request.params.group, { after, most: limit }), access) };
    },
  );

  contracts.route<Named<{ Body: GroupStart }>>(server, "startWorkGroup", async (request) => {
    const access = await allowedOn(request);
    const group = await groups.start(request.params.group, request.body, deciderOf(request));
    return serialiser.write("workGroup", group, access);
  });

  const steered = (operation: string, steer: (id: string, by: Decider) => Promise<WorkGroup>) =>
    contracts.route<Named>(server, operation, async (request) => {
      const access = await allowedOn(request);
      return serialiser.write("workGroup", await steer(request.params.group, deciderOf(request)), access);
    });
  steered("pauseWorkGroup", (id, { name }) => groups.pause(id, name));
  steered("resumeWorkGroup", (id, by) => groups.resume(id, by));
  steered("cancelWorkGroup", (id, { name }) => groups.cancel(id, name));
}
