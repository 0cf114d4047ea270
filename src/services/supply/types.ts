// The nouns of supply: what its saga needs, and what its steps record.

import type { ErpSupplies, RequisitionLineRecord, RequisitionLineValues, SupplyList } from "#canonical/contracts";
import type { RequisitionLine } from "#canonical/model";
import type { Codes } from "#engine/codes";
import type { StepContext } from "#engine/sagas";
import type { Work } from "#engine/work";
import type { Writeback } from "#engine/writeback";
import type { Clock } from "#kernel/clock";

/** What the saga of requisition lines works with. */
export type SupplyOptions = {
  readonly clock: Clock;
  readonly codes: Codes;
  readonly writeback: Writeback;
};

/** What somebody who maps codes works with. */
export type CodeDeskOptions = {
  readonly codes: Codes;
  readonly work: Pick<Work, "countAbout">;
  readonly supplies: Pick<ErpSupplies, "entry" | "search">;
  /** Calls of the ERP go by its limits. */
  readonly writeback: Pick<Writeback, "ask">;
};

/** The ERP's codes of a line; a list that the line says nothing of has none. */
export type Mapped = Readonly<Partial<Record<SupplyList, string>>>;

/** What a look at the code maps found: all that is mapped, and the first code that is not. */
export type Resolved = { readonly mapped: Mapped; readonly missing?: SupplyList | undefined };

/** The ERP's line as it is, where it holds something else than the line to write. */
export type Found = { readonly version: string; readonly values: RequisitionLineValues };

/** A step's context. */
export type LineContext<Results> = StepContext<RequisitionLine, Results>;

/** A line as work items show it: as its source stated it. */
export type ShownLine = Pick<RequisitionLineRecord, "quantity" | "neededBy"> & {
  readonly order: string;
  readonly line: number;
  readonly item: string;
  readonly itemText?: string | undefined;
  readonly supplier: string | null;
  readonly unit: string;
  readonly location: string | null;
};
