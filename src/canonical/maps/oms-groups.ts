// Which segments of a stock requisition order belong together: each line, the order it stands in, and what is said of its supplier.

import type { Message } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";

/** The segments of one line, each by its occurrence from 1: the `n` of `RQD[n]`. */
export type OrderGroup = { readonly rqd: number; readonly rq1?: number };

/** A segment as a path begins: `RQD`, `RQD[2]`. */
export const placeOf = (segment: string, occurrence: number): string =>
  occurrence === 1 ? segment : `${segment}[${occurrence}]`;

/**
 * The lines of a message. The standard has an ORC before each RQD (HL7 v2.5.1, 4.10.2); many senders write it once, before all
 * of them. Both are read.
 *
 * Throws `HL7_REQUIRED_FIELD` at `ORC-1` for a line outside of any order, at `RQD-1` for an order without a line or an RQ1 without
 * one, and `HL7_BAD_VALUE` at `RQ1[n]-4` for a second RQ1 of one line.
 */
export function orderGroupsOf(message: Message): readonly OrderGroup[] {
  const groups: OrderGroup[] = [];
  /** Whether an order was begun, and whether it has a line already. */
  let order: "none" | "empty" | "filled" = "none";
  for (const { name, occurrence } of message.segments) {
    if (name === "ORC") {
      if (order === "empty") break;
      order = "empty";
    } else if (name === "RQD") {
      if (order === "none") throw new LockgateError("HL7_REQUIRED_FIELD", { at: "ORC-1" });
      order = "filled";
      groups.push({ rqd: occurrence });
    } else if (name === "RQ1") {
      const line = order === "filled" ? groups.pop() : undefined;
      if (line === undefined) throw new LockgateError("HL7_REQUIRED_FIELD", { at: nextLine(groups) });
      if (line.rq1 !== undefined) throw new LockgateError("HL7_BAD_VALUE", { at: `${placeOf("RQ1", occurrence)}-4` });
      groups.push({ ...line, rq1: occurrence });
    }
  }
  if (order === "none") throw new LockgateError("HL7_REQUIRED_FIELD", { at: "ORC-1" });
  if (order === "empty") throw new LockgateError("HL7_REQUIRED_FIELD", { at: nextLine(groups) });
  return groups;
}

const nextLine = (groups: readonly OrderGroup[]): string => `${placeOf("RQD", groups.length + 1)}-1`;
