// A question in Cedar's words, and what of it the policies can tell apart.

import type { CedarValueJson, EntityJson, PolicyJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { Resource } from "./actions.ts";
import type { Question } from "./types.ts";

const NAMESPACE = "Lockgate";
/** The asker's id where no policy of the action looks at it. Holds a character that no issuer's name has. */
const ANYBODY = "*";
const LEAST_REASON = 10;

const entityTypes: Readonly<Record<Resource["type"], string>> = {
  journey: "Journey",
  message: "Message",
  deadletter: "DeadLetter",
  workQueue: "WorkQueue",
  workItem: "WorkItem",
  channel: "Channel",
  codeMap: "CodeMap",
  rulePack: "RulePack",
  saga: "Saga",
  auditLog: "AuditLog",
  platform: "Platform",
  person: "Person",
  change: "Change",
  catalogue: "Catalogue",
  access: "Access",
  export: "Export",
};

/** All that Cedar is given of one question. */
export type CedarRequest = {
  readonly principal: TypeAndId;
  readonly action: TypeAndId;
  readonly resource: TypeAndId;
  readonly context: Record<string, CedarValueJson>;
  readonly entities: EntityJson[];
};

/** Whether a reason was given that says something. */
export const hasReason = ({ reason }: Question["context"]): boolean => (reason?.trim().length ?? 0) >= LEAST_REASON;

const named = (type: string, id: string): TypeAndId => ({ type: `${NAMESPACE}::${type}`, id });
const users = (ids: readonly string[]): CedarValueJson[] => ids.map((id) => ({ __entity: named("User", id) }));

/**
 * The question for Cedar. With `anonymous` the asker goes by no id, so that askers of the same rights ask the same: only for
 * actions of which no policy asks who exactly somebody is.
 */
export function cedarRequest({ principal, action, resource, context }: Question, anonymous: boolean): CedarRequest {
  const who = named(principal.kind === "user" ? "User" : "Client", anonymous ? ANYBODY : principal.id);
  const what = named(entityTypes[resource.type], "*");
  return {
    principal: who,
    action: named("Action", action),
    resource: what,
    context: {
      action,
      area: action.split(".", 1)[0]!,
      hasReason: hasReason(context),
      ...(context.purpose === undefined ? {} : { purpose: context.purpose }),
    },
    entities: [
      { uid: who, attrs: attributesOfAsker(principal), parents: [] },
      { uid: what, attrs: attributesOf(resource), parents: [] },
    ],
  };
}

function attributesOfAsker(principal: Question["principal"]): Record<string, CedarValueJson> {
  const { kind, roles, scopes, assuranceLevel = 1, purposes = [], organisation } = principal;
  return {
    scopes: [...scopes],
    ...(kind === "user" ? { roles: [...roles], assuranceLevel } : { purposes: [...purposes] }),
    ...(organisation === undefined ? {} : { organisation }),
  };
}

function attributesOf(resource: Resource): Record<string, CedarValueJson> {
  switch (resource.type) {
    case "workQueue":
    case "codeMap":
      return { domain: resource.domain };
    case "workItem":
      return {
        domain: resource.domain,
        proposers: users(resource.proposers),
        chosenBy: users(resource.chosenBy),
      };
    case "access":
      return resource.subject === undefined ? {} : { subject: { __entity: named("User", resource.subject) } };
    case "change":
      return { own: resource.own };
    case "export":
      return { personal: resource.personal };
    default:
      return {};
  }
}

/** Whether a policy asks who exactly the principal is, and not only what it is like. */
export function asksWho({ principal, conditions }: PolicyJson): boolean {
  return principal.op === "==" || principal.op === "in" || conditions.some(({ body }) => namesPrincipal(body));
}

/** `principal` anywhere but as the bearer of an attribute, or in a test of its type. */
function namesPrincipal(expression: unknown): boolean {
  if (typeof expression !== "object" || expression === null) return false;
  if (Array.isArray(expression)) return expression.some(namesPrincipal);
  return Object.entries(expression).some(([operator, inner]) => {
    if (operator === "Var") return inner === "principal";
    const isOfBearer = operator === "." || operator === "has" || (operator === "is" && !("in" in Object(inner)));
    return isOfBearer && isPrincipal((inner as { left?: unknown }).left) ? false : namesPrincipal(inner);
  });
}

const isPrincipal = (expression: unknown): boolean =>
  typeof expression === "object" && expression !== null && "Var" in expression && expression.Var === "principal";
