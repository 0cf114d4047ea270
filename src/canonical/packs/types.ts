// The nouns of a decision: what it is made on, what the comparison shows, and what is decided.

import type { NationalAnswer, PatientValues } from "#canonical/contracts";
import type { NhsNumberStatus, PersonChanges, PersonField } from "#canonical/model";
import type { ComparisonCode } from "./codes.ts";
import type { PackField } from "./fields.ts";
import type { Approval, Pack, Risk, Stance, Verdict } from "./pack-schema.ts";
import type { Value } from "./same-value.ts";

/** What the national service said: its answer, or that there was too little to ask by, or that it was not asked. */
export type NationalWord = NationalAnswer | { readonly outcome: "insufficient" } | { readonly outcome: "unasked" };

/** What a decision is made on: plain JSON, so that it can be recorded and decided again under other rules. Personal data. */
export type DecisionInput = {
  /** The ERP's record as of now; `null`: it holds none and the person is new, `{}`: none, of a person known here. */
  readonly erp: PatientValues | null;
  readonly proposed: PersonChanges;
  readonly national: NationalWord;
  /** The person's whereabouts are known to be withheld, whatever the answer says now. */
  readonly restricted?: boolean;
  /** Fields that somebody changed in the ERP after what is proposed became true. */
  readonly moved?: readonly PersonField[];
  /** Another local person goes by the number that the national service gives. */
  readonly duplicate?: boolean;
};

/**
 * What the national service says of the person as a whole.
 *
 * - `found`: its record is the person's; birth date and names agree as far as both tell them.
 * - `superseded`: as `found`, and the number was replaced by another.
 * - `conflict`: the record is another's by birth date, by both names or by number.
 * - `insufficient`: too little is known to ask by, or to tell whose record it is.
 */
export type PersonStance =
  | "found"
  | "superseded"
  | "conflict"
  | "invalidated"
  | "several"
  | "none"
  | "insufficient"
  | "unasked";

/** What writing the proposed value would do to the ERP's. */
export type ChangeKind = "none" | "fill" | "respelling" | "replace" | "remove";

/** One field on three sides. */
export type ComparedField = {
  readonly field: PackField;
  /** The ERP's value now. */
  readonly current: Value;
  /** What is to be written, if the decision is to; absent: nobody proposes anything, or it is withheld. */
  readonly proposed?: Value;
  /** Who proposes it: the statement, or the national service where its word counts and the statement is silent. */
  readonly by?: "local" | "national";
  /** Absent: the national service does not tell, which never means that there is none. */
  readonly national?: Value;
  readonly change: ChangeKind;
  readonly code: ComparisonCode;
  /** What the national service says of the proposed value, or of the current one where nothing is proposed. */
  readonly stance: Stance;
  /** Tells where a restricted person is: no value is given. */
  readonly withheld: boolean;
};

/** The three sides of a person: every field that is proposed, or that the national service tells otherwise than the ERP. */
export type Comparison = {
  readonly isNew: boolean;
  readonly restricted: boolean;
  readonly person: { readonly stance: PersonStance; readonly code: ComparisonCode | null };
  /** What follows for the number's status, once the number stands in the record. */
  readonly nhsNumberStatus: NhsNumberStatus;
  /** The national service knows the person to be dead, and nobody here says so. */
  readonly isDeathNews: boolean;
  readonly moved: readonly PersonField[];
  readonly duplicate: boolean;
  readonly fields: readonly ComparedField[];
};

/** What is decided on one field. */
export type DecidedField = {
  readonly field: PackField;
  /** `same`: nothing to do. */
  readonly verdict: Verdict | "same";
  readonly code: ComparisonCode;
  readonly risk: Risk;
  readonly stance: Stance;
};

/** What people are asked: one question for all fields that need one, as strict as the strictest of them. */
export type Ask = Pick<Approval, "queue" | "domain" | "roles" | "quorum" | "criticality"> & {
  readonly kind: "approve" | "steward";
  readonly dueMs: number;
  readonly expiresMs: number;
  /** Why: the code of the part that leads: a steward's before an approver's, then the gravest. */
  readonly reason: ComparisonCode;
  readonly fields: readonly PackField[];
};

/** What is decided, and by which rules. Holds no value of a person. */
export type Decision = {
  readonly pack: Pick<Pack, "name" | "version" | "digest">;
  /** `steward`: nothing is written before a steward has looked at the person. */
  readonly person: {
    readonly stance: PersonStance;
    readonly verdict: "proceed" | "steward";
    readonly code: ComparisonCode | null;
  };
  readonly fields: readonly DecidedField[];
  readonly ask: Ask | null;
  /** Something is applied that the national service does not agree with. */
  readonly unverified: boolean;
  /** The status to hold now. `06`: the number that was found waits for a person. */
  readonly nhsNumberStatus: NhsNumberStatus;
};
