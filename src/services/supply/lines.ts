// A requisition line in other words: the codes that it names, what it is called, and how people are shown it.

import { type SupplyList, supplyLists } from "#canonical/contracts";
import type { RequisitionLine, SourceCode } from "#canonical/model";
import type { CodeKey } from "#engine/codes";
import type { ShownLine } from "./types.ts";

/** The codes that a line names, in the order in which people are asked for them. */
export const codesOf = (line: RequisitionLine): readonly (readonly [SupplyList, SourceCode])[] =>
  supplyLists.flatMap((list) => (line[list] ? [[list, line[list]] as const] : []));

/** Where a code of a line is looked up. */
export const keyOf = ({ source }: RequisitionLine, map: SupplyList, { code }: SourceCode): CodeKey => ({
  map,
  system: source,
  code,
});

/** The line's name for write-back: the same for every message about it. */
export const subjectOf = ({ source, order, line }: RequisitionLine): string => `${source}:${order}:${line}`;

/** A line as its source stated it. */
export const shown = (line: RequisitionLine): ShownLine => ({
  order: line.order,
  line: line.line,
  item: line.item.code,
  ...(line.item.text === undefined ? {} : { itemText: line.item.text }),
  supplier: line.supplier?.code ?? null,
  unit: line.unit.code,
  location: line.location?.code ?? null,
  quantity: line.quantity,
  neededBy: line.neededBy ?? null,
});
