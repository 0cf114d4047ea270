// The policy decision point: what the policies say of a question, remembered for askers of the same rights.

import {
  preparsePolicySet,
  preparseSchema,
  type Response,
  statefulIsAuthorized,
} from "@cedar-policy/cedar-wasm/nodejs";
import { LockgateError } from "#kernel/errors";
import { policiesByAction } from "./action-groups.ts";
import { type Action, actions, type Obligation } from "./actions.ts";
import { asksWho, cedarRequest, hasReason } from "./cedar-request.ts";
import { explainer } from "./explain.ts";
import { type PolicySource, type ReadPolicy, readPolicies, staticPolicies } from "./read-policies.ts";
import { type Asker, type Decision, type Policy, type Question, refusals } from "./types.ts";

const MOST_REMEMBERED = 10_000;

type Outcome = { readonly allowed: boolean; readonly reasons: readonly string[] };

/**
 * Reads and checks the policies of a folder. A decision hangs on nothing but its question and the policies, neither clock
 * nor database; so one that was made may be made again from memory, under a key that holds all that Cedar was given.
 * @throws POLICY_INVALID
 */
export function openPolicy(options: { readonly folder: string }): Policy {
  const source = readPolicies(options.folder);
  const byId = new Map(source.policies.map((one) => [one.id, one]));
  const name = `lockgate-${source.digest}`;
  const prepared = prepare(source, name);
  const remembered = new Map<string, Decision>();
  const fresh = (question: Question): Decision => {
    const { set, asksWho: isIdentifying } = prepared(question.action);
    const outcome = outcomeOf(evaluate(name, set, question, !isIdentifying));
    return outcome.allowed ? allowedBy(question, outcome, byId) : refusedBy(outcome, byId);
  };
  const explain = explainer(source, (set, question) => evaluate(name, set, question, false).diagnostics.reason);
  return {
    policies: source.policies.map(({ id, effect, says, needs }) => ({ id, effect, says, needs })),
    decide(question) {
      refuseMismatch(question);
      const key = keyOf(question, prepared(question.action).asksWho);
      const known = remembered.get(key);
      if (known) return known;
      const decision = deeplyFrozen(fresh(question));
      if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value!);
      remembered.set(key, decision);
      return decision;
    },
    explain(question) {
      refuseMismatch(question);
      return explain(question, fresh(question));
    },
  };
}

/** @throws REQUEST_INVALID when the action is not about such a resource */
function refuseMismatch({ action, resource }: Question): void {
  if (!Object.hasOwn(actions, action)) throw new LockgateError("REQUEST_INVALID", { at: "action" });
  if (actions[action] !== resource.type) throw new LockgateError("REQUEST_INVALID", { at: "resource.type" });
}

/** Holds all that can make a difference; the serialised form cannot be ambiguous, and orders are as given. */
const keyOf = ({ principal, action, resource, context }: Question, withId: boolean): string =>
  rightsOf(principal) +
  JSON.stringify([withId ? principal.id : "", action, resource, context.purpose, hasReason(context)]);

/** An asker is never changed, and asks again and again. */
const rights = new WeakMap<Asker, string>();

function rightsOf(who: Asker): string {
  let text = rights.get(who);
  if (text === undefined) {
    text = JSON.stringify([who.kind, who.roles, who.scopes, who.assuranceLevel, who.purposes, who.organisation]);
    rights.set(who, text);
  }
  return text;
}

/** One action's policies as Cedar holds them, and whether one of them asks who exactly the asker is. */
type Prepared = { readonly set: string; readonly asksWho: boolean };

/** Parses each action's policies at its first question. Names are digests: the same policies opened twice are one set. */
function prepare(source: PolicySource, name: string): (action: Action) => Prepared {
  if (preparseSchema(name, source.schema).type === "failure") throw notTaken();
  const about = policiesByAction(source);
  const known = new Map<Action, Prepared>();
  return (action) => {
    const had = known.get(action);
    if (had) return had;
    const policies = about(action);
    const prepared = { set: `${name}-${action}`, asksWho: policies.some(({ json }) => asksWho(json)) };
    const taken = preparsePolicySet(prepared.set, { staticPolicies: staticPolicies(policies) });
    if (taken.type === "failure") throw notTaken();
    known.set(action, prepared);
    return prepared;
  };
}

const notTaken = (): LockgateError => new LockgateError("POLICY_INVALID", { reason: "not taken" });

/** What the policies of a parsed set say, by Cedar's own evaluation of a question that fits the schema. */
function evaluate(schema: string, set: string, question: Question, anonymous: boolean): Response {
  const answer = statefulIsAuthorized({
    ...cedarRequest(question, anonymous),
    preparsedPolicySetId: set,
    preparsedSchemaName: schema,
    validateRequest: true,
  });
  // Cedar's own words may hold a value of the question.
  if (answer.type === "failure") throw new Error("the question is not of the form that the schema asks for");
  return answer.response;
}

/** Cedar leaves out a policy that fails; had it forbidden, leaving it out would allow. So nothing is allowed then. */
function outcomeOf({ decision, diagnostics }: Response): Outcome {
  if (diagnostics.errors.length > 0) return { allowed: false, reasons: [] };
  return { allowed: decision === "allow", reasons: diagnostics.reason.toSorted() };
}

function allowedBy(
  { principal, action, context }: Question,
  { reasons }: Outcome,
  byId: ReadonlyMap<string, ReadPolicy>,
): Decision {
  const obligations = new Set<Obligation>(reasons.flatMap((id) => byId.get(id)?.obliges ?? []));
  const { roles, scopes, kind } = principal;
  return {
    allowed: true,
    reasons,
    obligations: [...obligations],
    // Of a person only roles count for what is shown, of a machine only scopes.
    access: {
      action,
      roles: kind === "user" ? [...roles] : [],
      scopes: kind === "client" ? [...scopes] : [],
      purpose: context.purpose,
    },
  };
}

/** The plainest of what stands against it: a question without a purpose is put wrong, whoever asks. */
function refusedBy({ reasons }: Outcome, byId: ReadonlyMap<string, ReadPolicy>): Decision {
  const codes = new Set(reasons.map((id) => byId.get(id)?.code));
  const refusal = refusals.find((code) => codes.has(code)) ?? "ACCESS_REFUSED";
  return { allowed: false, reasons, obligations: [], refusal };
}

/** It is handed out again and again. */
function deeplyFrozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === "object" && member !== null) deeplyFrozen(member);
  return Object.freeze(value);
}
