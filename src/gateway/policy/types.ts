// The nouns of policy: who asks, what is decided, and why.

import type { Action, Obligation, Purpose, Resource } from "./actions.ts";
import type { Role } from "./roles.ts";

/** Who asks. */
export type Asker = {
  readonly kind: "user" | "client";
  /** `issuer:subject`: proposers and deciders go by the same. */
  readonly id: string;
  /** Of a person; a machine has none. */
  readonly roles: readonly Role[];
  /** Of a machine all that it may do, of a person what was delegated to the client that carries the token. */
  readonly scopes: readonly string[];
  /** Of a person: 1 a password alone, 2 with a second factor, 3 with one that cannot be phished. */
  readonly assuranceLevel?: 1 | 2 | 3;
  /** Of a machine: what it is registered for. */
  readonly purposes?: readonly Purpose[];
  /** ODS code. */
  readonly organisation?: string;
};

/** In which circumstances. */
export type Circumstances = {
  readonly purpose?: Purpose;
  /** Why, in the asker's words; the policies see only whether there is one. At least ten characters count. */
  readonly reason?: string;
};

/** One question to the policies. */
export type Question = {
  readonly principal: Asker;
  readonly action: Action;
  readonly resource: Resource;
  readonly context: Circumstances;
};

/** What was allowed to whom: all that the serialiser goes by. Comes from a decision and from nowhere else. */
export type Access = {
  readonly action: Action;
  readonly roles: readonly Role[];
  readonly scopes: readonly string[];
  readonly purpose: Purpose | undefined;
};

/** Why a request is refused, as the wire says it. */
export const refusals = ["PURPOSE_REQUIRED", "SECOND_FACTOR_REQUIRED", "ACCESS_REFUSED"] as const;
export type Refusal = (typeof refusals)[number];

/** The answer. `reasons` are ids of policies: those that permit, or those that forbid; none where nothing permits. */
export type Decision =
  | {
      readonly allowed: true;
      readonly reasons: readonly string[];
      /** What the caller owes for it. */
      readonly obligations: readonly Obligation[];
      readonly access: Access;
    }
  | {
      readonly allowed: false;
      readonly reasons: readonly string[];
      readonly obligations: readonly [];
      readonly refusal: Refusal;
    };

/** A policy in a reader's words. */
export type PolicyText = {
  readonly id: string;
  readonly effect: "permit" | "forbid";
  readonly says: string;
  /** In words: of a permit each of its conditions, of a forbid what lifts it. */
  readonly needs: readonly string[];
};

/** Why somebody may or may not do something. */
export type Explanation = {
  readonly allowed: boolean;
  readonly obligations: readonly Obligation[];
  /** Policies that permit it, whether or not another forbids it. */
  readonly permits: readonly PolicyText[];
  readonly forbids: readonly PolicyText[];
  /** Where nothing permits it: the policies that come nearest, with what each still needs. */
  readonly nearest: readonly (PolicyText & { readonly unmet: readonly string[] })[];
};

/** The policy decision point. */
export type Policy = {
  /** Every policy, in the order of the files. */
  readonly policies: readonly PolicyText[];
  /** Default deny; a policy that forbids wins. Fails closed: where a policy cannot be evaluated, nothing is allowed. */
  decide(question: Question): Decision;
  explain(question: Question): Explanation;
};
