// Why somebody may or may not do something: which policies say so, and what is missing, in words.

import { type PolicyJson, preparsePolicySet } from "@cedar-policy/cedar-wasm/nodejs";
import type { PolicySource, ReadPolicy } from "./read-policies.ts";
import type { Decision, Explanation, PolicyText, Question } from "./types.ts";

/** Asks the policies of a set that was parsed; the ids of those that apply. */
export type AskSet = (set: string, question: Question) => readonly string[];

const textOf = ({ id, effect, says, needs }: PolicyText): PolicyText => ({ id, effect, says, needs });

/** Explains decisions over `source`; parses each condition as a policy of its own at the first question. */
export function explainer(source: PolicySource, ask: AskSet): (question: Question, decision: Decision) => Explanation {
  const set = `lockgate-conditions-${source.digest}`;
  let isParsed = false;
  return (question, decision) => {
    if (!isParsed) preparsePolicySet(set, { staticPolicies: conditionsOf(source) });
    isParsed = true;
    const holding = new Set(ask(set, question));
    const judged = source.policies.map((policy) => ({ policy, verdict: judge(policy, holding) }));
    const applying = judged.flatMap(({ policy, verdict }) => (verdict?.length === 0 ? [policy] : []));
    const permits = applying.filter(({ effect }) => effect === "permit");
    return {
      allowed: decision.allowed,
      obligations: decision.obligations,
      permits: permits.map(textOf),
      forbids: applying.filter(({ effect }) => effect === "forbid").map(textOf),
      nearest: permits.length > 0 ? [] : nearest(judged),
    };
  };
}

/** `policy.scope` applies where the policy is about such a question at all, `policy.0` where its first condition holds. */
function conditionsOf({ policies }: PolicySource): Record<string, PolicyJson> {
  return Object.fromEntries(
    policies.flatMap(({ id, json }) => [
      [`${id}.scope`, { ...json, effect: "permit", conditions: [] }] as const,
      ...json.conditions.map(
        (clause, index) => [`${id}.${index}`, { ...json, effect: "permit", conditions: [clause] }] as const,
      ),
    ]),
  );
}

type Judged = { readonly policy: ReadPolicy; readonly verdict: readonly number[] | undefined };

/** Conditions that do not hold, by their place; undefined: the policy is about other askers or actions. */
function judge({ id, json }: ReadPolicy, holding: ReadonlySet<string>): readonly number[] | undefined {
  if (!holding.has(`${id}.scope`)) return undefined;
  return json.conditions.flatMap((_, index) => (holding.has(`${id}.${index}`) ? [] : [index]));
}

/** The permits of which fewest conditions are unmet. */
function nearest(judged: readonly Judged[]): Explanation["nearest"] {
  const near = judged.flatMap(({ policy, verdict }) =>
    policy.effect === "permit" && verdict ? [{ policy, verdict }] : [],
  );
  const least = Math.min(...near.map(({ verdict }) => verdict.length));
  return near
    .filter(({ verdict }) => verdict.length === least)
    .map(({ policy, verdict }) => ({ ...textOf(policy), unmet: verdict.map((index) => policy.needs[index]!) }));
}
