// What demographics works with, and what the steps of `demographics.update` record.

import type {
  ErpPatient,
  ErpPatients,
  MatchVerdict,
  NationalDemographics,
  NationalQuery,
  NationalRecord,
  PatientValues,
  PersonMatching,
} from "#canonical/contracts";
import type { NhsNumberStatus, PersonField, PersonUpdate } from "#canonical/model";
import type { Decision, DecisionInput, Pack } from "#canonical/packs";
import type { StepContext } from "#engine/sagas";
import type { Action, Criticality, Work } from "#engine/work";
import type { Writeback } from "#engine/writeback";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { FoundBy } from "./find.ts";
import type { Review } from "./matched/types.ts";
import type { KnownFields, Proposal, Said } from "./person.ts";

/** What demographics needs of the platform. */
export type DemographicsOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly erp: ErpPatients;
  readonly writeback: Writeback;
  readonly national: NationalDemographics;
  readonly matching: PersonMatching;
  /** The pack in force goes by `demographics`. */
  readonly rules: { current(name: string): Promise<Pack> };
  readonly work: Work;
};

/** A step of `demographics.update`, with what it may look back on. */
export type UpdateContext<Results> = StepContext<PersonUpdate, Results>;

/** What a statement says against what is known: something, nothing, only older things, or what is proposed already. */
export type News = "changed" | "unchanged" | "superseded" | "joined";

/** Whom the statement is about. */
export type Identified = {
  readonly personId: string;
  readonly found: "known" | "adopted" | "new";
  /** How: `FoundBy`, or the code that matching decided by. */
  readonly by: FoundBy | (string & {});
  /** What matching made of it, where nothing was certain. */
  readonly verdict?: MatchVerdict;
  /** A steward has to say whom it is about; until then it is the id of somebody who may turn out to be new. */
  readonly review?: Review;
  /** The item whose answer this has used. */
  readonly answered?: string;
  /** An NHS number said that is another's, as a steward found. */
  readonly notOwn?: string;
  /** Persons whom a steward said it is not, and never will be. */
  readonly apart?: readonly string[];
  /** The ERP's id of a record that is taken over. */
  readonly externalId?: string;
  /** Identifiers that are not known to be the person's yet. */
  readonly newKeys: readonly string[];
  readonly news: News;
  /** What the national service is to be asked; absent where there is too little to ask by. */
  readonly question?: Question;
};

export type Question = { readonly nhsNumber: string } | NationalQuery;

/** What the national service answered. */
export type Traced = {
  readonly outcome: "found" | "none" | "several" | "invalidated" | "insufficient";
  readonly code: string;
  readonly by: "number" | "demographics" | "nothing";
  /** Without whereabouts where the record is restricted. */
  readonly record?: NationalRecord;
  /** The number asked for, where the record now goes by another. */
  readonly supersedes?: string;
};

/** A record of the ERP as it was read for a comparison. */
export type ErpNow = Pick<ErpPatient, "externalId" | "version" | "modifiedAt"> & { readonly values: PatientValues };

/** Another saga's proposal about the same person, which this statement takes over. */
export type TakenOver = Pick<Proposal, "instanceId" | "journeyId" | "state">;

/** What is compared, and what a decision may rely on. */
export type Compared = {
  readonly personId: string;
  /** Version of the person that this was told from; absent for a new one. */
  readonly personVersion?: number;
  readonly proposed: KnownFields;
  /** Absent where the ERP holds no record that we know of. */
  readonly erp?: ErpNow;
  /** Fields that somebody changed in the ERP after the event: write-back found it so. */
  readonly moved: readonly PersonField[];
  /** It looks as if somebody had, or as if a write of ours were under way: write-back has to look before it writes. */
  readonly doubtful: boolean;
  readonly restricted: boolean;
  /** Another local person goes by the number that the national service gives. */
  readonly duplicate: boolean;
  readonly takesOver?: TakenOver;
  /** Where this saga's own proposal stands. */
  readonly own?: Proposal["state"];
};

/** One field as the decider sees it. */
export type Row = {
  readonly field: PersonField;
  readonly current: Said["value"];
  readonly proposed: Said["value"];
  /** Absent where the national service tells nothing. */
  readonly national?: Said["value"];
  /** Of a merge: what the retired record holds. */
  readonly retired?: Said["value"];
  /** Who says what is proposed, and when that happened; absent of a merge. */
  readonly source?: string;
  readonly saidAt?: string;
  readonly code: string;
  readonly risk: string;
};

/** What was decided under which rules, and on what: for dry runs of others. */
export type Decided = {
  readonly decision: Decision;
  readonly input: DecisionInput;
  /** What the person store took in, and what it held before of those fields. */
  readonly applied: KnownFields;
  readonly before: KnownFields;
  /** What the ERP is to hold; empty: nothing is written. */
  readonly values: PatientValues;
  /** A person approved exactly these values at exactly this version. */
  readonly strict: boolean;
  readonly ask?: AskedFor;
  /** The item whose answer this decision has used. */
  readonly answered?: string;
  /** Fields that the rules refuse, or a person. */
  readonly refused: readonly PersonField[];
  /** Of those, the ones that a person refused, in this round or before. */
  readonly declined?: readonly PersonField[];
  /** Fields changed by earlier rounds. */
  readonly changedBefore: readonly PersonField[];
  /** Of the NHS number, after this round. */
  readonly status: NhsNumberStatus;
};

/** A question to a person, all but the words around it. */
export type AskedFor = {
  readonly rows: readonly Row[];
  /** The ERP's record and its version that the rows were told from; absent where it has none yet. */
  readonly externalId?: string;
  readonly erpVersion?: string;
  readonly erpChangedAt?: string;
  readonly reasons: readonly string[];
  readonly wentStale: boolean;
  /** Who proposed it. */
  readonly sources: readonly string[];
  readonly queue: string;
  readonly domain: string;
  readonly reason: string;
  readonly criticality: Criticality;
  readonly actions: readonly Action[];
  readonly dueMs: number;
  readonly expiresMs?: number;
};
