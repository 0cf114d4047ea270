// Orders of the stock system as a test says them: whatever is not said is something that the demo's ERP takes.

import { stamp } from "../journeys/adt.ts";

/** One line; codes with the stock system's words for them after a caret. */
type OrderedLine = {
  readonly item?: string;
  readonly supplier?: string;
  readonly unit?: string;
  readonly quantity?: number;
};

/** One order. */
export type Order = {
  readonly number: string;
  readonly lines: readonly OrderedLine[];
  /** MSH-10; default the order's number. */
  readonly controlId?: string;
  /** Of a patient for whom it is ordered: segments that say who that is. */
  readonly patient?: readonly string[];
};

const A_DAY_MS = 86_400_000;

/** The message as bytes. */
export function orderMessage({ number, lines, controlId = number, patient = [] }: Order): Buffer {
  const at = stamp(Date.now() - A_DAY_MS);
  const day = stamp(Date.now() + 7 * A_DAY_MS).slice(0, 8);
  const segments = [
    `MSH|^~\\&|STORES|RXX|LOCKGATE|RXX|${at}||OMS^O05^OMS_O05|${controlId}|P|2.5.1`,
    ...patient,
    ...lines.flatMap(
      ({ item = "GLV-M^Gloves nitrile M", supplier = "OFAR-3", unit = "BX^Box", quantity = 12 }, nth) => [
        `ORC|NW|${number}^STORES|||||||${at}`,
        `RQD|${nth + 1}|${item}^STORES|||${quantity}|${unit}|||W7^Ward 7|${day}`,
        `RQ1||||${supplier}`,
      ],
    ),
  ];
  return Buffer.from(`${segments.join("\r")}\r`);
}
