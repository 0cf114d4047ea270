// Who may do what, as a table: every role and every action asked for under the best of circumstances.

import {
  type Action,
  actionNames,
  actions,
  domains,
  type Purpose,
  purposes,
  type Resource,
  type ResourceType,
} from "./actions.ts";
import { type Role, roles } from "./roles.ts";
import type { Policy, Question } from "./types.ts";

/** One resource that makes a difference, with the words for it; none where it is the only kind. */
type Variant = { readonly called: string; readonly resource: Resource };

const variants: { readonly [Type in ResourceType]?: readonly Variant[] } = {
  codeMap: domains.map((domain) => ({ called: domain, resource: { type: "codeMap", domain } })),
  workQueue: domains.map((domain) => ({ called: domain, resource: { type: "workQueue", domain } })),
  workItem: domains.flatMap((domain) => [
    { called: domain, resource: { type: "workItem", domain, proposers: [], chosenBy: [] } },
    {
      called: `${domain} as the second`,
      resource: { type: "workItem", domain, proposers: [], chosenBy: ["somebody else"] },
    },
  ]),
  change: [
    { called: "own", resource: { type: "change", own: true } },
    { called: "others'", resource: { type: "change", own: false } },
  ],
  export: [
    { called: "without data of patients", resource: { type: "export", personal: false } },
    { called: "with data of patients", resource: { type: "export", personal: true } },
  ],
};

const variantsOf = (action: Action): readonly Variant[] =>
  variants[actions[action]] ?? [{ called: "", resource: { type: actions[action] } as Resource }];

/** One role, signed in with a second factor, with a reason, and proposer of nothing. */
const asked = (role: Role, action: Action, resource: Resource, purpose: Purpose | undefined): Question => ({
  principal: { kind: "user", id: "matrix:somebody", roles: [role], scopes: ["lockgate"], assuranceLevel: 2 },
  action,
  resource,
  context: { reason: "a reason in words", ...(purpose === undefined ? {} : { purpose }) },
});

/** In which cases a role may do an action, in words: `yes`, or what with and what for. None: never. */
export function casesOf(policy: Policy, role: Role, action: Action): readonly string[] {
  const found = variantsOf(action).map(({ called, resource }) => {
    const may = (purpose?: Purpose) => policy.decide(asked(role, action, resource, purpose)).allowed;
    const stated = purposes.filter(may);
    return { called, said: may() ? ["yes"] : stated };
  });
  const everywhere = found.every(({ said }) => said.length > 0 && `${said}` === `${found[0]?.said}`);
  const told = everywhere ? found.slice(0, 1).map(({ said }) => ({ called: "", said })) : plain(found);
  return told.flatMap(({ called, said }) =>
    said.map((one) => (called === "" ? one : one === "yes" ? called : `${called} (${one})`)),
  );
}

/** Without second choices that say what the first says. */
function plain<Found extends { readonly called: string; readonly said: readonly string[] }>(found: readonly Found[]) {
  return found.filter(({ called, said }) => {
    const first = found.find((one) => called === `${one.called} as the second`);
    return said.length > 0 && (first === undefined || `${first.said}` !== `${said}`);
  });
}

/** A row for each action: its name, then its cases for each role in their order. */
export const permissionMatrix = (policy: Policy): (readonly [Action, ...string[]])[] =>
  actionNames.map((action) => [action, ...roles.map((role) => casesOf(policy, role, action).join("; "))]);
