// A change of a person as somebody proposes it by request, what is wrong with one, and where one stands.

import type { LocalIdentifier, PersonField, ReasonCode } from "#canonical/model";
import type { Milestone } from "#engine/monitor";
import type { ErrorCode } from "#kernel/errors";

/** What may be proposed: all but the status of a number, which verification finds. */
export type ProposableField = Exclude<PersonField, "nhsNumber" | "nhsNumberStatus">;

/** A change as proposed. Texts are judged by the rules that hold for every source; `null` removes. */
export type ProposedChange = {
  /** In order of preference, the hospital's own number first. */
  readonly identifiers: readonly LocalIdentifier[];
  readonly nhsNumber?: string;
  readonly fields: { readonly [F in ProposableField]?: string | boolean | null };
  /** ISO instant with its offset: since when it is so. */
  readonly eventAt: string;
  /** Why, in the words of whoever proposes it: shown to whoever decides. */
  readonly reason: string;
};

/** What is wrong with a proposal: where, and by which rule. Never a value. */
export type ChangeFault = { readonly at: string; readonly code: ReasonCode | ErrorCode };

/** What became of a proposal when it was handed in. */
export type Proposed =
  | { readonly outcome: "taken"; readonly id: string; readonly notes: readonly ChangeFault[] }
  | { readonly outcome: "refused"; readonly faults: readonly ChangeFault[] };

/**
 * Where a proposed change stands.
 *
 * - `received`, `verifying`, `writing`: under way.
 * - `waiting-for-approval`: somebody else decides. `held`: something else waits for a person.
 * - `applied`: the ERP holds it. `unchanged`: it was so already. `superseded`: something newer is known, or took its place.
 *   `joined`: the same is proposed already, and waits there. `refused`, `expired`: somebody said no, or nobody in time.
 *   `cancelled`: taken out of hand by an operator.
 */
export type ChangeState =
  | "received"
  | "verifying"
  | "waiting-for-approval"
  | "held"
  | "writing"
  | "applied"
  | "unchanged"
  | "superseded"
  | "joined"
  | "refused"
  | "expired"
  | "cancelled";

/** A proposed change as it stands; no value of a person. */
export type Change = {
  /** The journey that it is. */
  readonly id: string;
  readonly state: ChangeState;
  /** Since when it stands there. */
  readonly since: Date;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  /** Why it waits or is held: a reason code or an error code. */
  readonly code?: string;
  /** Whose turn it is. */
  readonly queue?: string;
  readonly dueAt?: Date;
  readonly timeline: readonly Milestone[];
};
