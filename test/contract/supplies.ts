// What any ERP's purchasing must promise. Give it a way to open a fresh ERP whose faults can be called for; it does the rest.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type ErpRequisitionLine,
  type ErpSupplies,
  type RequisitionLineRecord,
  type RequisitionLineValues,
  requisitionTextLimits,
  type SupplyEntry,
  type SupplyList,
  supplyLists,
} from "#canonical/contracts";
import { erpFaultContract } from "./erp-faults.ts";
import { erpRecordContract } from "./erp-records.ts";
import { callsOf, codeOf, context, failure, type RecordsUnderTest } from "./erp-under-test.ts";

/** The purchasing of an ERP under test. */
export type SuppliesUnderTest = RecordsUnderTest<
  RequisitionLineRecord,
  RequisitionLineValues,
  ErpRequisitionLine,
  ErpSupplies
> & {
  /** Adds or changes an entry of a list as a user of the ERP does; units and locations cannot be blocked. */
  addEntry(list: SupplyList, entry: SupplyEntry): Promise<void>;
};

const entry = (code: string, name: string, isBlocked = false): SupplyEntry => ({ code, name, isBlocked });
/** What every ERP of the suite holds before a test. */
const held = {
  item: [entry("CT-GLV", "Gloves, nitrile"), entry("CT-OLD", "Thermometer, mercury", true)],
  supplier: [entry("CT-ALD", "Aldwych Surgical"), entry("CT-SHUT", "Dunmore Medical", true)],
  unit: [entry("CTBX", "Box of one hundred")],
  location: [entry("CTW7", "Ward 7 store")],
} as const satisfies Record<SupplyList, readonly SupplyEntry[]>;

/** The number of the last new order. */
let serial = 0;
/** The first line of an order of its own. */
export const newLine = (more: Partial<RequisitionLineRecord> = {}): RequisitionLineRecord => {
  serial += 1;
  const codes = { item: "CT-GLV", supplier: "CT-ALD", unit: "CTBX", location: "CTW7" };
  return { orderNumber: `CT-${serial}`, lineNumber: 1, ...codes, quantity: 12, neededBy: "2026-12-01", ...more };
};

/** Registers the suite for one kind of ERP. */
export function suppliesContract(kind: string, prepare: () => Promise<SuppliesUnderTest>): void {
  describe(`the purchasing of ${kind}`, () => {
    let erp: SuppliesUnderTest;
    let supplies: ErpSupplies;
    beforeEach(async () => {
      erp = await prepare();
      supplies = erp.port;
      for (const list of supplyLists) for (const one of held[list]) await erp.addEntry(list, one);
    });
    afterEach(() => erp.close());

    const { create, update, read } = callsOf(() => erp);
    const search = (list: SupplyList, text: string, most = 50) => supplies.search(list, text, most, context());

    test.each([12, 0.00001, 2.5, 1234.56789, 999_999])(
      "a created line of %d is read back with every value as it was written",
      async (quantity) => {
        const values = newLine({ orderNumber: "ST/0042 'ü' 5%", lineNumber: 2_000_000_000, quantity });
        const created = await supplies.create(values, "key-full", context());
        expect(created.values).toEqual(values);
        expect(created.idempotencyKey ?? "key-full").toBe("key-full");
        expect(await read(created)).toEqual(created);
      },
    );

    test("what may be blank is blank, and blank is null", async () => {
      const blanks = { supplier: null, location: null, neededBy: null };
      expect((await create(blanks)).values).toMatchObject(blanks);
      const { supplier: _supplier, location: _location, neededBy: _neededBy, ...values } = newLine();
      expect((await supplies.create(values, "key-absent", context())).values).toEqual({ ...values, ...blanks });
    });

    test("codes are found in any case and come back as the ERP writes them", async () => {
      expect((await create({ item: "ct-glv", unit: "ctbx" })).values).toMatchObject({ item: "CT-GLV", unit: "CTBX" });
    });

    test("an update changes the fields it names, blanks those it names with null, and leaves the rest", async () => {
      await erp.addEntry("item", entry("CT-MSK", "Masks"));
      const created = await create();
      const named = { item: "CT-MSK", supplier: null, quantity: 7 };
      const updated = await update(created, named);
      expect(updated.values).toEqual({ ...created.values, ...named });
      expect(await read(created)).toEqual(updated);
    });

    test("a line of an order is there once, whatever the key, and beside the other lines of the order", async () => {
      const values = newLine();
      const first = await supplies.create(values, "key-line-1", context());
      const again = supplies.create({ ...values, quantity: 99 }, "key-line-1b", context());
      expect(await codeOf(again)).toBe("ERP_DUPLICATE_KEY");
      expect(await read(first)).toEqual(first);
      const second = await supplies.create({ ...values, lineNumber: 2 }, "key-line-2", context());
      expect(await codeOf(update(second, { lineNumber: 1 }))).toBe("ERP_DUPLICATE_KEY");
      expect(await read(second)).toEqual(second);
    });

    const unfit: readonly (readonly [keyof RequisitionLineRecord, unknown, string])[] = [
      ...supplyLists.map((list) => [list, "CT-NONE", "unknown"] as const),
      ["item", "CT-OLD", "blocked"],
      ["supplier", "CT-SHUT", "blocked"],
      ["quantity", 0, "no"],
      ["quantity", -1, "negative"],
      ["quantity", 1.000001, "too fine a"],
      ["quantity", 1e21, "immense"],
      ["quantity", Number.NaN, "impossible"],
      ["lineNumber", 0, "no"],
      ["lineNumber", 1.5, "broken"],
      ["orderNumber", "", "empty"],
      ["orderNumber", "R\u00021", "unprintable"],
      ["neededBy", "2026-02-30", "impossible"],
      ...Object.entries(requisitionTextLimits).map(
        ([field, limit]) => [field as keyof typeof requisitionTextLimits, "X".repeat(limit + 1), "too long"] as const,
      ),
    ];
    test.each(unfit)("is refused at %s, on both kinds of write, if its value is %j (%s)", async (field, value) => {
      const created = await create();
      const before = (await erp.changes()).length;
      const values = { [field]: value } as RequisitionLineValues;
      for (const work of [create(values as Partial<RequisitionLineRecord>), update(created, values)]) {
        const error = await failure(work);
        expect(error).toMatchObject({ code: "ERP_REFUSED", at: field });
        expect(JSON.stringify([error.message, error.reason])).not.toMatch(/CT-|XXX/);
      }
      expect(await read(created)).toEqual(created);
      expect((await erp.changes()).length).toBe(before);
    });

    test.each(["orderNumber", "lineNumber", "item", "quantity"] as const)(
      "a line without its %s is refused at that",
      async (field) => {
        const { [field]: _left, ...values } = newLine();
        const work = supplies.create(values, "key-without", context());
        expect(await failure(work)).toMatchObject({ code: "ERP_REFUSED", at: field });
        expect(await supplies.findByIdempotencyKey("key-without", context())).toBeUndefined();
      },
    );

    const all = supplyLists.flatMap((list) => held[list].map((one) => [list, one] as const));
    test.each(all)("the entry of a %s's code is found in any case: %j", async (list, wanted) => {
      for (const code of [wanted.code, wanted.code.toLowerCase()]) {
        expect(await supplies.entry(list, code, context())).toEqual(wanted);
      }
    });

    test.each(supplyLists)("a code that no %s has finds no entry", async (list) => {
      const parts = held[list][0].code.slice(0, -1);
      for (const code of [parts, "CT*", "", "x".repeat(200), "CT-GLV' or code ne '", "a\u0000b"]) {
        expect(await supplies.entry(list, code, context())).toBeUndefined();
      }
    });

    test("codes and names hold what they hold, whatever the characters mean to the ERP", async () => {
      const odd = ["O'MALLEY", "50%", "A*B", "A?B", "A|B&C", "(X)", "A_B", "#1", "Ü"];
      const names = odd.map((text, index) => entry(`CT-Z${index}`, `Zander ${text} Ltd`));
      for (const one of names) await erp.addEntry("supplier", one);
      for (const [index, code] of odd.entries()) await erp.addEntry("item", entry(code, `Zonk ${index}`));
      for (const [index, text] of odd.entries()) {
        expect(await supplies.entry("item", text, context())).toEqual(entry(text, `Zonk ${index}`));
        expect(await search("supplier", `zander ${text}`)).toEqual([names[index]]);
        expect(await search("item", text)).toContainEqual(entry(text, `Zonk ${index}`));
      }
      expect(await search("supplier", "zander %")).toEqual([]);
      expect(await search("supplier", "zander _")).toEqual([]);
    });

    test("a search finds text in codes and names, letter case aside, blocked entries among them, by code", async () => {
      await erp.addEntry("item", entry("CT-ZZ", "ct-old's successor"));
      expect((await search("item", "Ct-")).map(({ code }) => code)).toEqual(["CT-GLV", "CT-OLD", "CT-ZZ"]);
      expect((await search("item", "CT-OLD")).map(({ code }) => code)).toEqual(["CT-OLD", "CT-ZZ"]);
      expect(await search("item", "MERCURY")).toContainEqual(held.item[1]);
      expect(await search("location", "wARD 7 sTORE")).toContainEqual(held.location[0]);
      expect(await search("unit", "no such unit anywhere")).toEqual([]);
      for (const joint of ["", " ", "\u0000"]) expect(await search("item", `CT-GLV${joint}Gloves`)).toEqual([]);
    });

    test("a search gives as many entries as are asked for at most, the first ones of an empty text", async () => {
      for (let index = 10; index < 30; index += 1) {
        await erp.addEntry("location", entry(`CTL${index}`, `Bay ${index}`));
      }
      const every = await search("location", "", 1_000);
      expect(every.length).toBeGreaterThanOrEqual(21);
      const codes = every.map(({ code }) => code);
      expect(codes).toEqual(codes.toSorted((a, b) => (a < b ? -1 : 1)));
      expect(await search("location", "", 3)).toEqual(every.slice(0, 3));
      expect((await search("location", "bay", 5)).map(({ code }) => code)).toEqual(
        [10, 11, 12, 13, 14].map((n) => `CTL${n}`),
      );
      expect(await search("location", "bay")).toHaveLength(20);
    });

    erpRecordContract(() => erp);
    erpFaultContract(() => erp);
  });
}
