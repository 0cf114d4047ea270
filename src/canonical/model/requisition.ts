// A line of a stock requisition as a source states it, in the source's own codes.

/** A code of a source, with the source's words for it where it gave any. */
export type SourceCode = {
  /** 1 to 50 of letters, digits, space and `._/-`; no space at either end. */
  readonly code: string;
  /** At most 100 characters. */
  readonly text?: string | undefined;
};

/** One line of one order. Holds nothing of a patient, whatever the message named. */
export type RequisitionLine = {
  /** Whose codes these are: the sender's name for itself, e.g. `STORES`. */
  readonly source: string;
  /** The order as the source numbers it. */
  readonly order: string;
  /** From 1, within the order. */
  readonly line: number;
  /** When the order was placed, as an ISO 8601 instant in UTC. */
  readonly orderedAt: string;
  readonly item: SourceCode;
  readonly supplier?: SourceCode | undefined;
  readonly unit: SourceCode;
  readonly location?: SourceCode | undefined;
  /** More than nothing, with at most five decimals. */
  readonly quantity: number;
  /** ISO date. */
  readonly neededBy?: string | undefined;
};
