// Questions to the policies, as tests put them.

import type { Action, Purpose, Resource } from "../../../src/gateway/policy/actions.ts";
import { openPolicy } from "../../../src/gateway/policy/policy.ts";
import type { Role } from "../../../src/gateway/policy/roles.ts";
import type { Asker, Circumstances, Question } from "../../../src/gateway/policy/types.ts";

export const FOLDER = "resources/policies";
export const policy = openPolicy({ folder: FOLDER });

/** A person with these roles, signed in with a second factor to a client that may do everything for them. */
export const person = (...roles: Role[]): Asker => ({
  kind: "user",
  id: "trust:anna",
  roles,
  scopes: ["lockgate"],
  assuranceLevel: 2,
});

/** A machine with these scopes, registered for direct care and administration. */
export const machine = (...scopes: string[]): Asker => ({
  kind: "client",
  id: "trust:ward-app",
  roles: [],
  scopes,
  purposes: ["direct-care", "administration"],
});

export const item = (domain: string, more: { proposers?: string[]; chosenBy?: string[] } = {}): Resource => ({
  type: "workItem",
  domain,
  proposers: [],
  chosenBy: [],
  ...more,
});

export const ask = (
  principal: Asker,
  action: Action,
  resource: Resource,
  context: Circumstances | Purpose = {},
): Question => ({ principal, action, resource, context: typeof context === "string" ? { purpose: context } : context });
