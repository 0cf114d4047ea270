// The mapping of requisition lines: what is written comes back, what would not is refused, and whose fault NAV's texts name.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RequisitionLineRecord, requisitionTextLimits } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { type FieldValue, fromFields, toFields } from "../../../src/connectors/nav/fields.ts";
import { refusedValue, requisitionFields } from "../../../src/connectors/nav/requisition-fields.ts";
import { anyValue } from "./any-value.ts";

type Values = Partial<Record<keyof RequisitionLineRecord, FieldValue>>;

const anyValues = fc.record(
  Object.fromEntries(requisitionFields.map(({ canonical, form }) => [canonical, anyValue(form)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Values>;

const refusalOf = (values: Values): unknown => {
  try {
    toFields(requisitionFields, values, "odata");
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("values of a requisition line", () => {
  test("come back over the wire as they were written, and only those that were", () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const wire = JSON.parse(JSON.stringify(toFields(requisitionFields, values, "odata"))) as Record<
          string,
          unknown
        >;
        expect(fromFields(requisitionFields, wire, "odata")).toEqual(values);
      }),
    );
  });

  test("of every canonical text have a field that holds as much as the canonical limit allows, and no more", () => {
    for (const [field, limit] of Object.entries(requisitionTextLimits)) {
      expect(refusalOf({ [field]: "X".repeat(limit) }), field).toBeUndefined();
      expect(refusalOf({ [field]: "X".repeat(limit + 1) }), field).toMatchObject({ reason: "NAV_TOO_LONG", at: field });
    }
  });

  const refusals: readonly (readonly [keyof RequisitionLineRecord, unknown, string])[] = [
    ["quantity", 0, "NAV_NO_NUMBER"],
    ["quantity", -1, "NAV_NO_NUMBER"],
    ["quantity", 0.000001, "NAV_NO_NUMBER"],
    ["quantity", 1.123456, "NAV_NO_NUMBER"],
    ["quantity", 1e9, "NAV_NO_NUMBER"],
    ["quantity", Number.NaN, "NAV_NO_NUMBER"],
    ["quantity", Number.POSITIVE_INFINITY, "NAV_NO_NUMBER"],
    ["quantity", "12", "NAV_NO_NUMBER"],
    ["quantity", null, "NAV_NO_BLANK"],
    ["lineNumber", 0, "NAV_NO_NUMBER"],
    ["lineNumber", 1.5, "NAV_NO_NUMBER"],
    ["lineNumber", 2 ** 31, "NAV_NO_NUMBER"],
    ["orderNumber", " R-1", "NAV_SPACES"],
    ["item", "", "NAV_EMPTY"],
    ["unit", "B\u0007X", "NAV_CHARACTERS"],
    ["neededBy", "2026-02-30", "NAV_NO_DATE"],
  ];
  test.each(refusals)("that NAV cannot hold are refused at their field: %s %#", (field, value, reason) => {
    const error = refusalOf({ [field]: value } as Values);
    expect(error).toBeInstanceOf(LockgateError);
    expect(error).toMatchObject({ code: "ERP_REFUSED", at: field, reason });
  });
});

describe("an English refusal of NAV", () => {
  const texts: readonly (readonly [string, keyof RequisitionLineRecord | undefined])[] = [
    [
      "The field No. of table Requisition Line contains a value (I9) that cannot be found in the related table (Item).",
      "item",
    ],
    [
      "The field Vendor No. of table Requisition Line contains a value (No.) that cannot be found in the related table (Vendor).",
      "supplier",
    ],
    [
      "Unit of Measure Code must have a value in Requisition Line: External Order No.='R-1'. It cannot be empty.",
      "unit",
    ],
    ["Quantity must be positive in Requisition Line External Order No.='R-1',External Line No.='1'.", "quantity"],
    ["External Line No. must have a value in Requisition Line: x.", "lineNumber"],
    ["Blocked must be equal to 'No'  in Item: No.=I00012. Current value is 'Yes'.", "item"],
    ["Privacy Blocked must be equal to 'No'  in Vendor: No.=V1. Current value is 'Yes'.", "supplier"],
    ["You cannot create this type of document when Vendor V00011 is blocked with type All", "supplier"],
    // Of another table, of a field that is not ours, and of what only quotes the words.
    ["The field No. of table Purchase Line contains a value (I9) that cannot be found.", undefined],
    ["Action Message must have a value in Requisition Line: x.", undefined],
    ["Blocked must be equal to 'No'  in Dimension Value: Code=CC100. Current value is 'Yes'.", undefined],
    ["Something went wrong: Quantity must have a value in Requisition Line: x.", undefined],
    ["Das Feld Nr. der Tabelle Bestellvorschlagszeile enthält einen Wert (I9).", undefined],
    ["", undefined],
  ];
  test.each(texts)("%j is about the value it names", (text, value) => {
    expect(refusedValue(text)).toBe(value);
  });
});
