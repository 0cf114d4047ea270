// What the steps of `demographics.unmerge` record.

import type { PatientValues } from "#canonical/contracts";
import type { LocalIdentifier, PersonField } from "#canonical/model";
import type { StepContext } from "#engine/sagas";
import type { Link } from "../links/store.ts";
import type { ErpNow, Row } from "../types.ts";

/** Somebody wants a link taken back: what a message on `unlink.requested` says, as JSON. */
export type UnlinkRequest = {
  readonly linkId: string;
  /** The person that the link is one of. */
  readonly personId: string;
  /** Name of whoever wants it, and why in that person's own words. */
  readonly by: string;
  readonly comment: string;
};

/** A step of `demographics.unmerge`, with what it may look back on. */
export type UnmergeContext<Results> = StepContext<UnlinkRequest, Results>;

/** A link as it would be taken back, for those who decide. */
export type Looked = {
  readonly link: Pick<Link, "id" | "kind" | "personId" | "otherId" | "by" | "code" | "journeyId"> & {
    readonly at: string;
  };
  /** What changes of each. */
  readonly rows: readonly Row[];
  readonly otherRows: readonly Row[];
  /** Where the person is may not be told; the rows do not tell it. */
  readonly restricted: boolean;
  /** Identifiers that go with the other. */
  readonly keys: readonly string[];
};

/** One of the two, and what its record is to hold; empty: nothing is written. */
export type TakenSide = {
  readonly personId: string;
  readonly changed: readonly PersonField[];
  readonly values: PatientValues;
  /** Absent where the ERP holds no record: one is made. */
  readonly erp?: ErpNow;
};

/** What was taken back. */
export type TakenBack = { readonly person: TakenSide; readonly other?: TakenSide };

/** An identifier by its key: an authority may hold a colon, a number does not. */
export function identifierOf(key: string): LocalIdentifier {
  const colon = key.lastIndexOf(":");
  return { system: key.slice(0, colon), value: key.slice(colon + 1) };
}
