// The port to matching: who a record may be among the persons we know, and what keeps each person findable.

import type { PersonChanges, PersonField } from "#canonical/model";
import type { Tx } from "#kernel/db";

/** The fields that matching looks at, and that whoever judges a match is shown. */
export const matchedFields = [
  "nhsNumber",
  "familyName",
  "givenName",
  "middleNames",
  "birthDate",
  "gender",
  "addressLine1",
  "town",
  "postcode",
  "phone",
  "email",
] as const satisfies readonly PersonField[];

/** What one comparison gives a candidate, in bits; negative speaks against. `said` tells it in words, without values. */
export type MatchReason = {
  readonly comparison: string;
  readonly level: string;
  readonly weight: number;
  readonly said: string;
};

/** Somebody it may be, as judged. The weight is the sum of `prior`, the reasons and `kinship`. */
export type MatchCandidate = {
  readonly personId: string;
  readonly decision: "link" | "review" | "none";
  readonly code: string;
  readonly weight: number;
  readonly prior: number;
  readonly reasons: readonly MatchReason[];
  readonly kinship: number;
  /** Only of a model that was calibrated. */
  readonly probability?: number;
};

/** What matching decided, by what and as of when. Holds no value of a person. */
export type MatchVerdict = {
  readonly decision: "link" | "review" | "none";
  readonly code: string;
  /** Why it is doubtful, or why not, in one sentence. */
  readonly said: string;
  /** Whom it is linked to; null unless the decision is `link`. */
  readonly link: string | null;
  /** Best first, at most ten; those that a veto keeps apart come last. */
  readonly candidates: readonly MatchCandidate[];
  readonly runnerUp: number | null;
  readonly margin: number | null;
  readonly thresholds: { readonly auto: number; readonly review: number };
  readonly model: { readonly name: string; readonly version: string };
  readonly rules: { readonly name: string; readonly version: string };
  /** ISO instant of the state that was matched against. */
  readonly asAt: string;
  /** The state itself: whoever keeps a new person on the strength of this verdict hands it back. */
  readonly mark: string;
};

/** A person as matching is to find it from now on. */
export type FindablePerson = {
  readonly personId: string;
  readonly fields: PersonChanges;
  /** NHS numbers that others have replaced, under which the person is found as well. */
  readonly formerNumbers?: readonly string[];
  /** Of a person that is new on the strength of a verdict: its mark. */
  readonly newSince?: string;
};

/** Two persons that are never the same, and who said so. */
export type KeptApart = {
  readonly oneId: string;
  readonly otherId: string;
  readonly by: readonly string[];
  readonly journeyId: string;
};

/** A verdict and what became of it. */
export type SettledMatch = {
  readonly journeyId: string;
  /** The verdict that was acted on, or that a steward was asked about. */
  readonly verdict: MatchVerdict;
  /** The record as it came, without whereabouts where a candidate is restricted. Only coarse groups of it are kept. */
  readonly fields: PersonChanges;
  /**
   * Its candidates as they were known before, as far as the caller has read them: a second reviewer is shown these.
   * Without whereabouts of anybody restricted.
   */
  readonly candidates: readonly { readonly personId: string; readonly fields: PersonChanges }[];
  readonly settledBy: "auto" | "steward";
  /** The stewards; nobody where it was settled without one. */
  readonly by: readonly string[];
  /** The person it was settled as; null: somebody new. */
  readonly choice: string | null;
  /** How often the person moved, as far as is known; of somebody new, the person that it most likely was. */
  readonly addressChanges?: number;
};

/** A match that was found to be wrong: the journey that settled it, and who said so. */
export type OverturnedMatch = { readonly journeyId: string; readonly by: readonly string[] };

/** The index of persons and the judgement over it. */
export type PersonMatching = {
  /**
   * Judges whom these fields speak of.
   * @param asPerson whose fields they are already, if anybody's: not its own candidate, and kept apart from whom a steward
   *   said
   */
  match(fields: PersonChanges, asPerson?: Pick<FindablePerson, "personId" | "formerNumbers">): Promise<MatchVerdict>;
  /** How many others than `asPerson` are found by a telephone number, as far as it makes a difference: at most 20. */
  countPhone(phone: string, asPerson: string): Promise<number>;
  /**
   * Keeps persons findable, in the transaction that keeps what is known of them. Two transactions that keep new persons
   * whom it may be wait for each other.
   * @throws PERSON_CHANGED when somebody was kept since `newSince` whom a new person may be: match again
   */
  keep(tx: Tx, persons: readonly FindablePerson[]): Promise<void>;
  /** Persons that are no longer found: merged into another, or never kept. */
  drop(tx: Tx, personIds: readonly string[]): Promise<void>;
  /** Remembers for ever that two are never the same; said again it changes nothing. */
  keepApart(tx: Tx, apart: KeptApart): Promise<void>;
  /**
   * Records how matches were settled, for quality and bias, and has a share of them reviewed again; said again it changes
   * nothing.
   */
  outcomes(tx: Tx, settled: readonly SettledMatch[]): Promise<void>;
  /** Records that what a journey settled was taken back; nothing where it settled no match. */
  overturned(tx: Tx, match: OverturnedMatch): Promise<void>;
};
