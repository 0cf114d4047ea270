// Who works here, and why somebody may or may not do something, over HTTP: the policies that say so, and what is missing, in words.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { LockgateError } from "#kernel/errors";
import { touched } from "../accesses/passage.ts";
import { readRoles, type SeenColleague } from "../colleagues/store.ts";
import { pageOf } from "../pages.ts";
import {
  type Action,
  actionNames,
  actions,
  domains,
  type Purpose,
  purposes,
  type Resource,
  resourceShape,
} from "../policy/actions.ts";
import { type Role, roles } from "../policy/roles.ts";
import type { RouteOptions } from "../route-options.ts";

type Asked = {
  readonly who: string;
  readonly roles?: readonly Role[];
  readonly secondFactor: boolean;
  readonly action: Action;
  readonly purpose?: Purpose;
  readonly withReason: boolean;
  readonly domain?: string;
  readonly item?: string;
  readonly choice?: string;
};

/** What is taken of a resource where the question does not say. */
const plainest: Readonly<Record<string, object>> = {
  workItem: { proposers: [], chosenBy: [] },
  export: { personal: true },
  change: { own: false },
};

type Listed = { Querystring: { readonly after?: string; readonly limit: number } };

/** Registers `/ops/v1/access/questions`, `/ops/v1/access/explain` and `/ops/v1/access/colleagues`. */
export function questionRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, db, work, gate, serialiser, colleagues } = options;
  contracts.route(server, "listQuestions", async (request) => {
    await gate.allow(request, "access.explain", { type: "access", subject: request.principal.id });
    return { actions: actionNames.map((name) => ({ name, about: actions[name] })), roles, purposes, domains };
  });

  contracts.route<Listed>(server, "listColleagues", async (request) => {
    // Of nobody in particular: a right to ask about oneself is none to be told who else is here.
    const access = await gate.allow(request, "access.explain", { type: "access" });
    const { after: cursor, limit } = request.query;
    const { entries, next } = await pageOf({
      list: "colleagues",
      shape: z.strictObject({ id: z.string() }),
      asked: {},
      limit,
      cursor,
      read: (behind, most) => colleagues.everSeen(behind?.id, most),
      placeOf: ({ id }: SeenColleague) => ({ id }),
    });
    touched(request, { kind: "searched", found: entries.length });
    const people = entries.map(({ seenAt, ...one }) => ({ ...one, seenAt: seenAt.toISOString() }));
    return {
      people: people.map((one) => serialiser.write("colleague", one, access)),
      ...(next === undefined ? {} : { next }),
    };
  });

  contracts.route<{ Body: Asked }>(server, "explainAccess", async (request) => {
    const { who, action, purpose, withReason, secondFactor, item, choice, domain, ...asked } = request.body;
    await gate.allow(request, "access.explain", { type: "access", subject: who });
    const own = asked.roles ?? (await readRoles(db, who)) ?? [];
    const resource = await resourceOf(action, { item, choice, domain });
    const explanation = gate.explain({
      principal: { kind: "user", id: who, roles: own, scopes: ["lockgate"], assuranceLevel: secondFactor ? 2 : 1 },
      action,
      resource,
      context: { ...(purpose ? { purpose } : {}), ...(withReason ? { reason: "a reason in words" } : {}) },
    });
    if (item === undefined || action !== "work.decide") return { who, roles: own, ...explanation };
    const { obstacle, roles: decidedBy } = await work.standing(item, { name: who, roles: own }, choice);
    const allowed = explanation.allowed && obstacle === undefined;
    return { who, roles: own, ...explanation, allowed, item: { decidedBy, ...(obstacle ? { obstacle } : {}) } };
  });

  async function resourceOf(
    action: Action,
    { item, choice, domain }: { readonly [Name in "item" | "choice" | "domain"]: string | undefined },
  ): Promise<Resource> {
    const type = actions[action];
    if (item !== undefined && type === "workItem") {
      const { domain: of, proposers, chosenBy } = await work.about(item, choice);
      return { type, domain: of, proposers: [...proposers], chosenBy: [...chosenBy] };
    }
    const found = resourceShape.safeParse({
      type,
      ...plainest[type],
      ...(domain !== undefined && (type === "workItem" || type === "workQueue" || type === "codeMap")
        ? { domain }
        : {}),
    });
    if (!found.success) throw new LockgateError("REQUEST_INVALID", { at: "domain", reason: "missing" });
    return found.data;
  }
}
