// Which value of a requisition line is which NAV field, and which of them an English refusal of NAV is about.

import { requisitionTextLimits as limits, type RequisitionLineRecord } from "#canonical/contracts";
import { code, type FieldForm, type NamedField, text } from "./fields.ts";

type Name = keyof RequisitionLineRecord;
/** A field of the API page `requisitionLines`, with the caption that NAV's messages call it by. */
type FieldRow = NamedField<Name> & { readonly caption: string };

const row = (canonical: Name, name: string, caption: string, form: FieldForm): FieldRow => ({
  canonical,
  name,
  caption,
  form,
});
const number = (most: number, decimals: number): FieldForm => ({ kind: "number", most, decimals });

/** The order is the order of writing: the item brings its unit, which ours then replaces. */
export const requisitionFields: readonly FieldRow[] = [
  row("orderNumber", "orderNumber", "External Order No.", text(limits.orderNumber)),
  row("lineNumber", "lineNumber", "External Line No.", number(2 ** 31 - 1, 0)),
  row("item", "itemNumber", "No.", code(limits.item)),
  row("supplier", "vendorNumber", "Vendor No.", code(limits.supplier)),
  row("unit", "unitOfMeasureCode", "Unit of Measure Code", code(limits.unit)),
  row("location", "locationCode", "Location Code", code(limits.location)),
  // As far as a double keeps all five decimals.
  row("quantity", "quantity", "Quantity", number(999_999_999, 5)),
  row("neededBy", "dueDate", "Due Date", { kind: "date" }),
];

/** Whose record a refusal names when the fault is there, e.g. a blocked item. */
const tables: Readonly<Record<string, Name>> = {
  Item: "item",
  Vendor: "supplier",
  "Unit of Measure": "unit",
  Location: "location",
};

/** The texts of table relations, of `TestField` and `FieldError` on the line, of `TestField` on a related record, of a blocked vendor. */
const refusals: readonly RegExp[] = [
  /^The field (?<caption>.{1,60}?) of table Requisition Line contains a value \(/,
  /^(?<caption>.{1,60}?) must (have a value|be positive) in Requisition Line\b/,
  /^.{1,60}? must be equal to '.{0,60}?' {1,2}in (?<table>Item|Vendor|Unit of Measure|Location): /,
  /^You cannot [a-z]{1,20} this type of document when (?<table>Vendor) /,
];

/** The value that NAV's English refusal of a requisition line is about. */
export function refusedValue(message: string): Name | undefined {
  const { caption, table } = refusals.map((form) => form.exec(message)?.groups).find((groups) => groups) ?? {};
  return table === undefined ? requisitionFields.find((field) => field.caption === caption)?.canonical : tables[table];
}
