// What Lockgate asks of an ERP's purchasing: requisition lines to write, and the lists that their codes come from.

import type { CallContext } from "./erp.ts";

/** The ERP's lists whose codes a requisition line names. */
export const supplyLists = ["item", "supplier", "unit", "location"] as const;
export type SupplyList = (typeof supplyLists)[number];

/** One entry of a list, as far as somebody has to know it to choose it. */
export type SupplyEntry = {
  /** The ERP's own code, as a requisition line names it. */
  readonly code: string;
  readonly name: string;
  /** Nothing new may name it. */
  readonly isBlocked: boolean;
};

/** A requisition line in the ERP's own codes. `null` says that the field is blank. */
export type RequisitionLineRecord = {
  /** The order as its sender numbers it. */
  readonly orderNumber: string;
  /** From 1; with `orderNumber` it names the line. */
  readonly lineNumber: number;
  readonly item: string;
  readonly supplier: string | null;
  readonly unit: string;
  /** Where it is delivered. */
  readonly location: string | null;
  /** More than nothing, with at most five decimals. */
  readonly quantity: number;
  /** ISO date. */
  readonly neededBy: string | null;
};

/** The longest text, in UTF-16 code units, that a field may have on its way to any ERP. */
export const requisitionTextLimits = { orderNumber: 35, item: 20, supplier: 20, unit: 10, location: 10 } as const;

/** Values to write or as read. Absent: leave unchanged. `null`: blank. */
export type RequisitionLineValues = Partial<RequisitionLineRecord>;

/** One line of the ERP with what is needed to change it safely. */
export type ErpRequisitionLine = {
  /** The ERP's own permanent id of the record. */
  readonly externalId: string;
  /** Opaque; differs after every write to the record, whoever wrote. Passed back verbatim to `update`. */
  readonly version: string;
  /** When the ERP last changed the record, in milliseconds since the Unix epoch. */
  readonly modifiedAt: number;
  readonly values: RequisitionLineValues;
  /** The key of the last write of ours, where the ERP keeps it on the record. */
  readonly idempotencyKey?: string | undefined;
};

/**
 * An ERP's requisition lines and the lists behind them. Errors, aborts and idempotency keys: as of `ErpPatients`. A line that names an
 * entry that the ERP does not hold, or that is blocked, MUST be refused with `ERP_REFUSED` at that field.
 */
export type ErpSupplies = {
  /** Names the connection in logs, in the outbox and on the console, e.g. `nav-main-supplies`; no other connection has it. */
  readonly name: string;

  /** The line with that id, as of now: MUST NOT come from a cache or a replica. `undefined` if the ERP holds none. */
  read(externalId: string, context: CallContext): Promise<ErpRequisitionLine | undefined>;

  /** As of `ErpPatients`: MUST find the key of any earlier write of ours; `undefined` promises that no such write is visible now. */
  findByIdempotencyKey(key: string, context: CallContext): Promise<ErpRequisitionLine | undefined>;

  /**
   * Adds a line and records `idempotencyKey` with it in the same ERP transaction. A key that was written before MUST be refused with
   * `ERP_DUPLICATE_KEY`, as MUST a line of the same order and number.
   */
  create(values: RequisitionLineValues, idempotencyKey: string, context: CallContext): Promise<ErpRequisitionLine>;

  /** Changes the fields that `values` names and no other; refused as `ErpPatients.update` is. */
  update(
    externalId: string,
    version: string,
    values: RequisitionLineValues,
    idempotencyKey: string,
    context: CallContext,
  ): Promise<ErpRequisitionLine>;

  /** The entry of exactly that code; letter case does not count. */
  entry(list: SupplyList, code: string, context: CallContext): Promise<SupplyEntry | undefined>;

  /**
   * Entries whose code or name holds `text`, letter case aside, blocked ones included, at most `most`, by code; of an empty text the
   * first ones.
   */
  search(list: SupplyList, text: string, most: number, context: CallContext): Promise<readonly SupplyEntry[]>;
};
