// What the stores say, as HL7 v2.5.1: one new order, an ORC before each of its lines.

import { stamp } from "../message.ts";
import type { Coded } from "./catalogue.ts";
import type { Order } from "./orders.ts";

const dayMs = 86_400_000;

const coded = ({ code, text }: Coded): string => `${code}^${text}^STORES`;

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10).replaceAll("-", "");

/** The order that is placed at that instant. */
export function orderMessageOf({ number, place, lines }: Order, controlId: string, at: number): Buffer {
  const segments = [
    `MSH|^~\\&|STORES|RXX|LOCKGATE|RXX|${stamp(at)}||OMS^O05^OMS_O05|${controlId}|P|2.5.1`,
    ...lines.flatMap(({ item, unit, supplier, quantity, neededInDays }, index) => {
      const needed = neededInDays === undefined ? "" : dayOf(at + neededInDays * dayMs);
      return [
        `ORC|NW|${number}^STORES|||||||${stamp(at)}`,
        `RQD|${index + 1}|${coded(item)}|||${quantity}|${coded(unit)}|||${coded(place)}|${needed}`,
        `RQ1||||${coded(supplier)}`,
      ];
    }),
  ];
  return Buffer.from(`${segments.join("\r")}\r`);
}
