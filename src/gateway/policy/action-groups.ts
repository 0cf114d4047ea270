// Which policies are about which action: the scope of a policy names actions, or groups of them that the schema forms.

import { type PolicyJson, schemaToJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { Action } from "./actions.ts";
import type { PolicySource, ReadPolicy } from "./read-policies.ts";

type Named = { readonly id: string } | { readonly __entity: { readonly id: string } };

const idOf = (entity: Named): string => ("id" in entity ? entity.id : entity.__entity.id);

/** What a policy names; undefined: every action. */
function namedBy({ action }: PolicyJson): readonly string[] | undefined {
  if (action.op === "All") return undefined;
  if ("entities" in action) return action.entities.map(idOf);
  return "entity" in action ? [idOf(action.entity)] : undefined;
}

/**
 * Tells the policies that can say anything about an action: any other never applies to it, whatever else is asked, and
 * need not be looked at.
 */
export function policiesByAction({ schema, policies }: PolicySource): (action: Action) => readonly ReadPolicy[] {
  const answer = schemaToJson(schema);
  const declared =
    answer.type === "success" ? Object.assign({}, ...Object.values(answer.json).map((one) => one.actions)) : {};
  const groupsOf = (name: string): string[] => [
    name,
    ...(declared[name]?.memberOf ?? []).flatMap(({ id }: { id: string }) => groupsOf(id)),
  ];
  return (action) => {
    const groups = groupsOf(action);
    return policies.filter(({ json }) => namedBy(json)?.some((name) => groups.includes(name)) ?? true);
  };
}
