// Why somebody may or may not do something, over HTTP: the policies that say so, and what is missing, in words.

import type { FastifyInstance } from "fastify";
import { LockgateError } from "#kernel/errors";
import { readRoles } from "../colleagues/store.ts";
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

/** Registers `/ops/v1/access/questions` and `/ops/v1/access/explain`. */
export function questionRoutes(server: FastifyInstance, { contracts, db, work, gate, colleagues }: RouteOptions): void {
  contracts.route(server, "listQuestions", async (request) => {
    await gate.allow(request, "access.explain", { type: "access", subject: request.principal.id });
    const known = { actions: actionNames.map((name) => ({ name, about: actions[name] })), roles, purposes, domains };
    // Who else works here is told to those who may ask about them.
    return gate.may(request, "access.explain", { type: "access" })
      ? { ...known, people: await colleagues.list() }
      : known;
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
      ...(domain !== undefined && (type === "workItem" || type === "workQueue") ? { domain } : {}),
    });
    if (!found.success) throw new LockgateError("REQUEST_INVALID", { at: "domain", reason: "missing" });
    return found.data;
  }
}
