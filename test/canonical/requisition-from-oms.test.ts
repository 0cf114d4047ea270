// OMS messages as requisition lines: our own fixtures, what is refused and where, and that nothing of a patient comes along.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderKeysOf, orderSessionOf, requisitionFromOms } from "#canonical/maps";
import { type Message, parse } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";

const today = "2026-03-01";
const fixture = (name: string): Message => parse(readFileSync(new URL(`../fixtures/oms/${name}.hl7`, import.meta.url)));

const MSH = "MSH|^~\\&|STORES|RXX|LOCKGATE|RXX|20260301101500||OMS^O05^OMS_O05|1|P|2.5.1";
const ORC = "ORC|NW|R-1";
const RQD = "RQD|1|GLV-M|||12|BX";
const message = (...segments: string[]): Message => parse(segments.join("\r"));
const read = (...segments: string[]) => requisitionFromOms(message(...segments), { today });
const lineOf = (...segments: string[]) => read(MSH, ORC, ...segments)[0]!;

function refusalOf(...segments: string[]): string {
  try {
    read(...segments);
  } catch (thrown) {
    if (thrown instanceof LockgateError) return `${thrown.code} ${thrown.at}`;
    throw thrown;
  }
  return "none";
}

describe("our OMS fixtures", () => {
  it("give each line of an order with the codes and the words of the sender", () => {
    const common = { source: "STORES", order: "R-1001", orderedAt: "2026-03-01T10:00:00.000Z" };
    expect(requisitionFromOms(fixture("o05-for-a-patient"), { today })).toEqual([
      {
        ...common,
        line: 1,
        item: { code: "GLV-M", text: "Gloves nitrile M" },
        supplier: { code: "ALDW-7", text: "Aldwych Surgical" },
        unit: { code: "BX", text: "Box" },
        location: { code: "W7", text: "Ward 7" },
        quantity: 12,
        neededBy: "2026-03-05",
      },
      {
        ...common,
        line: 2,
        item: { code: "SAL-500", text: "Saline 0.9% 500 ml" },
        unit: { code: "EA", text: "Each" },
        quantity: 2.5,
      },
      {
        ...common,
        line: 10,
        item: { code: "EXT 7", text: "Sheet" },
        supplier: { code: "BRAE", text: "Brae Linen" },
        unit: { code: "PK" },
        location: { code: "MAIN", text: "Main store" },
        quantity: 1,
        neededBy: "2026-03-06",
      },
    ]);
  });

  it("give the lines of an order whose ORC stands once, each with its own supplier only", () => {
    const lines = requisitionFromOms(fixture("o05-one-orc"), { today: "2026-07-01" });
    expect(lines.map(({ line, quantity, supplier }) => [line, quantity, supplier?.code])).toEqual([
      [1, 12, undefined],
      [2, 0.5, "ALDW-7"],
      [3, 1, undefined],
    ]);
    // Written down in summer, in the hospital's own time.
    expect(lines[0]!.orderedAt).toBe("2026-07-01T09:15:00.000Z");
  });

  it("give nothing of the patient whom an order is for", () => {
    const sent = fixture("o05-for-a-patient");
    const without = parse(
      sent.segments
        .filter(({ name }) => !["PID", "PV1", "NTE"].includes(name))
        .map(({ text }) => text)
        .join("\r"),
    );
    expect(sent.count("PID") + sent.count("PV1") + sent.count("NTE")).toBe(3);
    expect(requisitionFromOms(sent, { today })).toEqual(requisitionFromOms(without, { today }));
    const told = JSON.stringify([requisitionFromOms(sent, { today }), orderKeysOf(sent), orderSessionOf(sent)]);
    for (const word of ["BRUNA", "EXAMPLE", "RXX1001", "19790214", "1979-02-14", "Sample", "ADA"])
      expect(told).not.toContain(word);
  });
});

describe("what is not taken", () => {
  it.each([
    ["another type", [MSH.replace("OMS^O05", "ORM^O01"), ORC, RQD], "HL7_UNSUPPORTED_TYPE MSH-9.1"],
    ["no event", [MSH.replace("OMS^O05^OMS_O05", "OMS"), ORC, RQD], "HL7_REQUIRED_FIELD MSH-9.2"],
    ["another event", [MSH.replace("OMS^O05", "OMS^O06"), ORC, RQD], "HL7_UNSUPPORTED_EVENT MSH-9.2"],
    ["no order", [MSH, RQD], "HL7_REQUIRED_FIELD ORC-1"],
    ["nothing at all", [MSH], "HL7_REQUIRED_FIELD ORC-1"],
    ["no order control", [MSH, "ORC||R-1", RQD], "HL7_REQUIRED_FIELD ORC-1"],
    ["a cancellation", [MSH, "ORC|CA|R-1", RQD], "HL7_UNSUPPORTED_EVENT ORC-1"],
    ["a change behind a new line", [MSH, ORC, RQD, "ORC|XO|R-1", "RQD|2|A|||1|B"], "HL7_UNSUPPORTED_EVENT ORC[2]-1"],
    ["no order number", [MSH, "ORC|NW", RQD], "HL7_REQUIRED_FIELD ORC-2"],
    ["an order number that is none", [MSH, "ORC|NW|R:1", RQD], "HL7_BAD_VALUE ORC-2"],
    ["two order numbers", [MSH, "ORC|NW|R-1~R-2", RQD], "HL7_BAD_VALUE ORC-2"],
    ["two orders", [MSH, ORC, RQD, "ORC|NW|R-2", "RQD|2|A|||1|B"], "HL7_BAD_VALUE ORC[2]-2"],
    ["a second order without a number", [MSH, ORC, RQD, "ORC|NW", "RQD|2|A|||1|B"], "HL7_REQUIRED_FIELD ORC[2]-2"],
    ["an order without a line", [MSH, ORC], "HL7_REQUIRED_FIELD RQD-1"],
    ["an order without a line before another", [MSH, ORC, ORC, RQD], "HL7_REQUIRED_FIELD RQD-1"],
    ["an order without a line at the end", [MSH, ORC, RQD, ORC], "HL7_REQUIRED_FIELD RQD[2]-1"],
    ["a supplier of no line", [MSH, ORC, "RQ1||||ALDW", RQD], "HL7_REQUIRED_FIELD RQD-1"],
    ["a supplier before the line", [MSH, ORC, RQD, ORC, "RQ1||||ALDW"], "HL7_REQUIRED_FIELD RQD[2]-1"],
    ["two suppliers of a line", [MSH, ORC, RQD, "RQ1||||ALDW", "RQ1||||BRAE"], "HL7_BAD_VALUE RQ1[2]-4"],
    ["a line number that stands twice", [MSH, ORC, RQD, "RQD|01|B|||1|BX"], "HL7_BAD_VALUE RQD[2]-1"],
    ["no sender", [MSH.replace("STORES", ""), ORC, RQD], "HL7_REQUIRED_FIELD MSH-3"],
    ["a sender that is no code", [MSH.replace("STORES", "STÖRES"), ORC, RQD], "HL7_BAD_VALUE MSH-3"],
    ["no time", [MSH.replace("20260301101500", ""), ORC, RQD], "HL7_REQUIRED_FIELD MSH-7"],
    ["a time that is none", [MSH, "ORC|NW|R-1|||||||20261301", RQD], "HL7_BAD_VALUE ORC-9"],
    ["a time to come", [MSH, "ORC|NW|R-1|||||||20260303000100", RQD], "HL7_BAD_VALUE ORC-9"],
    ["no line number", [MSH, ORC, "RQD||GLV-M|||12|BX"], "HL7_REQUIRED_FIELD RQD-1"],
    ["line nought", [MSH, ORC, "RQD|0|GLV-M|||12|BX"], "HL7_BAD_VALUE RQD-1"],
    ["a line number with a fraction", [MSH, ORC, "RQD|1.5|GLV-M|||12|BX"], "HL7_BAD_VALUE RQD-1"],
    ["no item", [MSH, ORC, "RQD|1|^Gloves|||12|BX"], "HL7_REQUIRED_FIELD RQD-2"],
    ["an item that is null", [MSH, ORC, 'RQD|1|""|||12|BX'], "HL7_REQUIRED_FIELD RQD-2"],
    ["two items", [MSH, ORC, "RQD|1|GLV-M~GLV-L|||12|BX"], "HL7_BAD_VALUE RQD-2"],
    ["an item of the receiver's that is no code", [MSH, ORC, "RQD|1||A%B||12|BX"], "HL7_BAD_VALUE RQD-3"],
    ["an item of the hospital's that is no code", [MSH, ORC, "RQD|1|||A*|12|BX"], "HL7_BAD_VALUE RQD-4"],
    ["no quantity", [MSH, ORC, RQD, "RQD|2|GLV-M||||BX"], "HL7_REQUIRED_FIELD RQD[2]-5"],
    ["no unit", [MSH, ORC, "RQD|1|GLV-M|||12"], "HL7_REQUIRED_FIELD RQD-6"],
    ["a unit that is no code", [MSH, ORC, RQD, "RQD|2|GLV-M|||12|B&X"], "HL7_BAD_VALUE RQD[2]-6"],
    ["a place that is no code", [MSH, ORC, `${RQD}|||W\\T\\7`], "HL7_BAD_VALUE RQD-9"],
    ["a day that is none", [MSH, ORC, `${RQD}||||20260230`], "HL7_BAD_VALUE RQD-10"],
    ["a month", [MSH, ORC, `${RQD}||||202602`], "HL7_BAD_VALUE RQD-10"],
    ["a supplier that is no code", [MSH, ORC, RQD, `RQD|2|A|||1|B`, "RQ1||||A;B"], "HL7_BAD_VALUE RQ1-4"],
  ])("names the field: %s", (_what, segments, refusal) => {
    expect(refusalOf(...segments)).toBe(refusal);
  });

  it.each(["0", "0.00000", "-1", "1.000001", "1e3", "0x10", "1,5", "12^BX", "12~13", "1234567890", "NaN", "."])(
    "the quantity %s",
    (quantity) => {
      expect(refusalOf(MSH, ORC, `RQD|1|GLV-M|||${quantity}|BX`)).toBe("HL7_BAD_VALUE RQD-5");
    },
  );

  it("is looked at before any line is given: one bad line gives none", () => {
    expect(refusalOf(MSH, ORC, RQD, "RQD|2|B|||none|BX", "RQD|3|C|||1|BX")).toBe("HL7_BAD_VALUE RQD[2]-5");
  });
});

describe("a line", () => {
  it("goes by the sender's code of its item, then the hospital's, then the receiver's", () => {
    const itemOf = (codes: string) => lineOf(`RQD|1|${codes}|12|BX`).item.code;
    expect(itemOf("OWN|OURS|ALL")).toBe("OWN");
    expect(itemOf("^Gloves|OURS|ALL")).toBe("ALL");
    expect(itemOf('""|OURS|')).toBe("OURS");
  });

  it("has no supplier, place or day that nobody named by a code", () => {
    const line = lineOf('RQD|1|GLV-M|||12|BX|||^Ward 7|""', "RQ1||||^Aldwych Surgical");
    expect(Object.keys(line).sort()).toEqual(["item", "line", "order", "orderedAt", "quantity", "source", "unit"]);
  });

  it("holds texts of one line, without what shows nothing, and no longer than 100 characters", () => {
    const textOf = (text: string) => lineOf(`RQD|1|A^${text}|||1|B`).item.text;
    expect(textOf("  Gloves\\X0A\\\\X09\\ &\u00a0aprons\u202e \u200b")).toBe("Gloves & aprons");
    expect(textOf(`${"x".repeat(99)}  😀😀`)).toBe("x".repeat(99));
    expect(textOf("😀".repeat(101))).toBe("😀".repeat(100));
    expect(textOf("\\X00\\ \u200b")).toBeUndefined();
  });
});

/** A code of the documented form. */
const codes = fc
  .string({ unit: fc.constantFrom(..."AZaz09 ._/-"), minLength: 1, maxLength: 50 })
  .filter((code) => code === code.trim());
const quantities = fc
  .tuple(fc.nat(999_999_999), fc.nat(99_999))
  .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(5, "0")}`)
  .filter((text) => Number(text) > 0);
const lines = fc.uniqueArray(
  fc.record({
    line: fc.integer({ min: 1, max: 9_999 }),
    item: codes,
    unit: codes,
    quantity: quantities,
    supplier: fc.option(codes, { nil: undefined }),
  }),
  { selector: ({ line }) => line, minLength: 1, maxLength: 6 },
);

describe("any order", () => {
  it("comes out line by line as it was written, whether its ORC stands once or before each line", () => {
    fc.assert(
      fc.property(lines, codes, fc.boolean(), (written, order, isOnce) => {
        const orc = `ORC|NW|${order}`;
        const segments = written.flatMap(({ line, item, unit, quantity, supplier }, index) => [
          ...(isOnce && index > 0 ? [] : [orc]),
          `RQD|${line}|${item}|||${quantity}|${unit}`,
          ...(supplier ? [`RQ1||||${supplier}`] : []),
        ]);
        const expected = written.map(({ line, item, unit, quantity, supplier }) => ({
          ...{ source: "STORES", order, orderedAt: "2026-03-01T10:15:00.000Z", line, quantity: Number(quantity) },
          ...{ item: { code: item }, unit: { code: unit } },
          ...(supplier ? { supplier: { code: supplier } } : {}),
        }));
        expect(read(MSH, ...segments)).toEqual(expected);
        expect(orderSessionOf(message(MSH, ...segments))).toBe(`STORES:${order}`);
      }),
    );
  });

  it("is read or refused with a code and a place, whatever stands in its fields", () => {
    const anything = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/g, ""));
    const segment = fc.tuple(fc.constantFrom("ORC", "RQD", "RQ1", "PID"), fc.array(anything, { maxLength: 11 }));
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (some) => {
        const segments = some.map(([name, fields]) => [name, ...fields].join("|"));
        expect(refusalOf(MSH, ...segments)).toMatch(/^(none|HL7_[A-Z_]+ [A-Z0-9]{3}(\[\d+\])?-\d+(\.\d)?)$/);
      }),
    );
  });
});

describe("the keys of an order", () => {
  it("are its number with and without whose it is", () => {
    expect(orderSessionOf(message(MSH, ORC, RQD))).toBe("STORES:R-1");
    expect(orderKeysOf(message(MSH, ORC, RQD))).toEqual([
      { kind: "order", value: "STORES:R-1" },
      { kind: "order", value: "R-1" },
    ]);
  });

  it("are known of an order whose lines are refused, and of none without a number that could be one", () => {
    expect(orderKeysOf(message(MSH, ORC, "RQD|1|GLV-M|||none|BX"))).toHaveLength(2);
    for (const orc of ["ORC|NW", "ORC|NW|R:1", "ORC|NW|R\\X\\"]) {
      expect(orderKeysOf(message(MSH, orc, RQD))).toEqual([]);
      expect(orderSessionOf(message(MSH, orc, RQD))).toBeUndefined();
    }
  });
});
