// What the steps of `demographics.merge` record.

import type { PatientValues } from "#canonical/contracts";
import type { PersonField, PersonMerge } from "#canonical/model";
import type { StepContext } from "#engine/sagas";
import type { Action, Criticality } from "#engine/work";
import type { FoundBy } from "../find.ts";
import type { KnownFields } from "../person.ts";
import type { ErpNow, Row } from "../types.ts";

/** A step of `demographics.merge`, with what it may look back on. */
export type MergeContext<Results> = StepContext<PersonMerge, Results>;

/** One of the two whom a merge names. */
export type Named = {
  readonly personId: string;
  readonly found: "known" | "adopted" | "new";
  readonly by: FoundBy;
  /** The ERP's id of a record that is taken over. */
  readonly externalId?: string;
  readonly newKeys: readonly string[];
};

/**
 * What a merge comes to.
 *
 * - `merge`: two known persons become one.
 * - `rename`: a survivor nobody has met takes the place of the retired one.
 * - `record`: nobody knew the retired one; the survivor goes by both numbers from now on.
 */
export type MergeKind = "merge" | "rename" | "record";

export type MergeIdentified = {
  readonly kind: MergeKind;
  /** Who lives on: of a rename, the one that was known. */
  readonly survivor: Named;
  readonly retired?: Named;
};

/** One of the two as compared: which versions a decision is about. */
export type Side = { readonly personVersion?: number; readonly erp?: ErpNow };

export type MergeCompared = {
  readonly survivor: Side;
  readonly retired?: Side;
  /** What the survivor is known as afterwards, of the fields that change; and before. */
  readonly changed: KnownFields;
  readonly before: KnownFields;
  /** A person has to decide, and has not decided on exactly this. */
  readonly ask?: {
    readonly rows: readonly Row[];
    readonly reasons: readonly string[];
    readonly wentStale: boolean;
    /** Where one of them is may not be told; the rows do not tell it. */
    readonly restricted: boolean;
    /** Who said that the two are never the same, and when. */
    readonly apart?: { readonly by: readonly string[]; readonly at: Date | string };
    readonly queue: string;
    readonly domain: string;
    readonly reason: string;
    readonly criticality: Criticality;
    readonly actions: readonly Action[];
    readonly dueMs: number;
    readonly expiresMs?: number;
  };
  /** The item whose answer this comparison has used. */
  readonly answered?: string;
};

/** What was merged. */
export type Merged = {
  readonly changed: readonly PersonField[];
  /** What the survivor's record is to hold; empty: nothing is written there. */
  readonly values: PatientValues;
};

/** A change of one of the two records, with what it takes to undo it. */
export type MergeWritten = {
  readonly subject: string;
  readonly restores?: PatientValues;
  readonly idempotencyKey: string;
};
