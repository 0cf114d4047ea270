// The requisition worksheet, table 246 "Requisition Line", as the hospital's custom API page shows it, with its triggers.

import { refuse } from "../errors.ts";
import { code, plain, textField, type Values } from "./fields.ts";
import { recordKey } from "./integration-key.ts";
import type { Row, Table, TriggerContext } from "./table.ts";

const readOnly = { readOnly: true } as const;
const caption = "Requisition Line";

/**
 * Lines of the one batch that integrations write to. The sender's order and line number are fields of the hospital's own,
 * unique together as SQL Server compares texts, letter case aside; NAV's own line number is on no page.
 */
export const requisitionLineTable: Table = {
  number: 246,
  caption,
  entityName: "requisitionLine",
  entitySet: "requisitionLines",
  route: "custom",
  key: "lineKey",
  unique: ["externalReference"],
  indexed: ["orderNumber"],
  allows: { insert: true, modify: true, delete: false },
  idempotencyField: "externalReference",
  fields: [
    textField("lineKey", "External Order No., External Line No.", 60, { hidden: true }),
    code("journalBatchName", "Journal Batch Name", 10, readOnly),
    textField("orderNumber", "External Order No.", 35),
    plain("lineNumber", "External Line No.", "integer"),
    code("itemNumber", "No.", 20, { relation: { entitySet: "items", field: "number" } }),
    textField("description", "Description", 100, readOnly),
    code("vendorNumber", "Vendor No.", 20, { relation: { entitySet: "vendors", field: "number" } }),
    code("unitOfMeasureCode", "Unit of Measure Code", 10, {
      relation: { entitySet: "unitsOfMeasure", field: "code" },
    }),
    code("locationCode", "Location Code", 10, { relation: { entitySet: "locations", field: "code" } }),
    plain("quantity", "Quantity", "decimal"),
    plain("dueDate", "Due Date", "date"),
    textField("externalReference", "External Reference", 100),
    plain("lastModifiedDateTime", "Last Modified Date Time", "dateTime", readOnly),
  ],
  onInsert: (values, context) => {
    values.journalBatchName = "DEFAULT";
    check(values, undefined, context);
  },
  onModify: check,
};

function check(values: Values, before: Readonly<Values> | undefined, context: TriggerContext): void {
  const where = `External Order No.='${values.orderNumber}',External Line No.='${values.lineNumber}'`;
  const need = (isThere: boolean, field: string): void => {
    if (!isThere) refuse("Application_FieldValidationException", "mustHaveValue", field, caption, where);
  };
  need(values.orderNumber !== "", "External Order No.");
  need(values.lineNumber !== 0, "External Line No.");
  need(values.itemNumber !== "", "No.");
  if (values.itemNumber !== before?.itemNumber) takeItem(values, context.find("items", "number", values.itemNumber!)!);
  need(values.unitOfMeasureCode !== "", "Unit of Measure Code");
  if (values.vendorNumber !== "" && values.vendorNumber !== before?.vendorNumber) {
    checkVendor(context.find("vendors", "number", values.vendorNumber!)!);
  }
  need(values.quantity !== 0, "Quantity");
  for (const [name, field] of [
    ["quantity", "Quantity"],
    ["lineNumber", "External Line No."],
  ] as const) {
    if (Number(values[name]) < 0) {
      refuse("Application_FieldValidationException", "mustBePositive", field, caption, where);
    }
  }
  values.lineKey = `${String(values.orderNumber).toUpperCase()}|${String(values.lineNumber).padStart(10, "0")}`;
  recordKey(requisitionLineTable.number, "", values, before, context);
}

/** What validating the item does: refuses a blocked one, copies its description, and its unit where none was entered. */
function takeItem(values: Values, { values: item }: Row): void {
  if (item.blocked === true) {
    const where = `No.=${item.number}`;
    refuse("Application_FieldValidationException", "mustBeEqual", "Blocked", "No", "Item", where, "Yes");
  }
  values.description = item.displayName!;
  if (values.unitOfMeasureCode === "") values.unitOfMeasureCode = item.baseUnitOfMeasureCode!;
}

function checkVendor({ values: vendor }: Row): void {
  if (vendor.blocked !== "All") return;
  refuse("Application_DialogException", "vendorBlocked", "create", String(vendor.number), "All");
}
