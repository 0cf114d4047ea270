// What the hospital's stores order: the same for a seed, with everything in it that the supply team has to say something of.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { requisitionFromOms } from "#canonical/maps";
import type { RequisitionLine } from "#canonical/model";
import { parse } from "#formats/hl7v2";
import { companies, seedCompany } from "../../../doubles/nav/seed.ts";
import { OPENING_ORDERS, type Order, openOrders, orderMessageOf } from "../../../doubles/pas/index.ts";

type CodeMap = { readonly map: string; readonly system: string; readonly codes: Readonly<Record<string, string>> };
const codesFile = new URL("../../../integrations/demo/codes.yaml", import.meta.url);
const codeMaps = parseYaml(readFileSync(codesFile, "utf8")) as readonly CodeMap[];

const NOW = Date.UTC(2026, 5, 1, 12);
const today = "2026-06-01";

const ordersOf = (seed: number, count: number): Order[] => {
  const story = openOrders(seed);
  return Array.from({ length: count }, () => story.next());
};
const linesOf = (orders: readonly Order[]): RequisitionLine[] =>
  orders.flatMap((order) => requisitionFromOms(parse(orderMessageOf(order, "STORES1-1", NOW)), { today }));
/** The first code of a line that the demo site does not bring along, as people are asked for them. */
const unmapped = (line: RequisitionLine): string | undefined =>
  (["item", "supplier", "unit", "location"] as const).flatMap((map) => {
    const code = line[map]?.code;
    const known = codeMaps.find((one) => one.map === map && one.system === line.source)!.codes;
    return code === undefined || Object.hasOwn(known, code) ? [] : [`${map} ${code}`];
  })[0];
const countsOf = (texts: readonly (string | undefined)[]) =>
  texts.reduce((counts, text) => counts.set(text, (counts.get(text) ?? 0) + 1), new Map<string | undefined, number>());

describe("the stores' orders", () => {
  it("are the same at every telling of one seed, and share no number with those of another", () => {
    expect(ordersOf(7, 300)).toEqual(ordersOf(7, 300));
    const numbers = [1, 2, 11, 499].flatMap((seed) => ordersOf(seed, 1_000).map(({ number }) => number));
    expect(new Set(numbers).size).toBe(4_000);
  });

  it.each([1, 2, 3, 499])("open with about forty lines that wait for one supplier's code (seed %i)", (seed) => {
    const waiting = countsOf(linesOf(ordersOf(seed, OPENING_ORDERS)).map(unmapped));
    expect(waiting.get("supplier ALDW-7")).toBeGreaterThanOrEqual(36);
    expect(waiting.get("supplier ALDW-7")).toBeLessThanOrEqual(48);
    expect([...waiting.keys()].some((cause) => cause?.startsWith("item "))).toBe(true);
    expect(waiting.get("unit CT")).toBe(1);
    expect(waiting.get(undefined)).toBeGreaterThanOrEqual(5);
  });

  it("hold something that the ERP blocks once, by a code that is mapped", () => {
    const withdrawn = linesOf(ordersOf(1, 2_000)).filter(({ item }) => item.code === "THM-HG");
    expect(withdrawn).toHaveLength(1);
    expect(withdrawn.map(unmapped)).toEqual([undefined]);
  });

  it("ask the more rarely the more they asked, and never stop", () => {
    const orders = ordersOf(1, 4_000);
    const asking = (some: readonly Order[]) => linesOf(some).filter((line) => unmapped(line) !== undefined).length;
    const early = asking(orders.slice(OPENING_ORDERS, 520));
    expect(early).toBeGreaterThan(20);
    expect(asking(orders.slice(-500))).toBeLessThan(early / 2);
  });

  it("name nothing new for ever: who maps a handful of codes has mapped them all", () => {
    const causes = new Set(linesOf(ordersOf(1, 2_000)).map(unmapped));
    causes.delete(undefined);
    expect([...causes].sort()).toEqual(["item GLU-500", "item MSK-2R", "supplier ALDW-7", "unit CT"]);
  });
});

describe("the codes that the demo site brings along", () => {
  const { rows } = seedCompany(companies[0]!);
  const entries = (set: string) => rows.filter(({ entitySet }) => entitySet === set).map(({ values }) => values);
  const lists = { item: entries("items"), supplier: entries("vendors"), unit: entries("unitsOfMeasure") };
  const all: Readonly<Record<string, typeof lists.item>> = { ...lists, location: entries("locations") };
  const entryOf = (map: string, code: string) => {
    const target = codeMaps.find((one) => one.map === map)!.codes[code]!;
    return all[map]!.find(({ number, code: own }) => (number ?? own) === target);
  };

  it("stand for entries of the ERP's double, of which it blocks the one that is ordered no more", () => {
    const named = codeMaps.flatMap(({ map, codes }) => Object.keys(codes).map((code) => [map, code] as const));
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter(([map, code]) => entryOf(map, code) === undefined)).toEqual([]);
    const blocked = named.filter(
      ([map, code]) => ![undefined, false, " "].includes(entryOf(map, code)!.blocked as string),
    );
    expect(blocked).toEqual([["item", "THM-HG"]]);
  });

  it("name each item's own unit, as it is ordered", () => {
    for (const { item, unit } of linesOf(ordersOf(1, 200)).filter((line) => unmapped(line) === undefined)) {
      expect(entryOf("unit", unit.code)!.code, item.code).toBe(entryOf("item", item.code)!.baseUnitOfMeasureCode);
    }
  });
});

describe("an order", () => {
  it("is a message that a channel reads line by line, placed at the instant at which it is said", () => {
    for (const order of ordersOf(2, 300)) {
      const message = parse(orderMessageOf(order, "STORES2-1", NOW));
      expect(message.get("MSH-10")).toBe("STORES2-1");
      const lines = requisitionFromOms(message, { today });
      expect(lines).toHaveLength(order.lines.length);
      expect(lines.length).toBeLessThanOrEqual(4);
      for (const [index, line] of lines.entries()) {
        const { item, unit, supplier, quantity, neededInDays } = order.lines[index]!;
        expect(line).toEqual({
          ...{ source: "STORES", order: order.number, line: index + 1, orderedAt: "2026-06-01T12:00:00.000Z" },
          ...{ item, unit, supplier, quantity, location: order.place },
          ...(neededInDays === undefined
            ? {}
            : { neededBy: new Date(NOW + neededInDays * 86_400_000).toISOString().slice(0, 10) }),
        });
      }
    }
  });
});
