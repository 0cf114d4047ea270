// Custom table 50101 "Integration Key": the idempotency keys of every write, recorded by the triggers of other tables.

import { code, plain, textField, type Values } from "./fields.ts";
import type { Table, TriggerContext } from "./table.ts";

/** Idempotency keys of every write ever made, filled by the triggers of the tables that have one. */
export const integrationKeyTable: Table = {
  number: 50_101,
  caption: "Integration Key",
  entityName: "integrationKey",
  entitySet: "integrationKeys",
  service: "IntegrationKeyList",
  route: "custom",
  key: "key",
  unique: [],
  indexed: ["recordId", "number"],
  allows: { insert: false, modify: false, delete: false },
  fields: [
    // A page field named Key would collide with the record key that every SOAP page has.
    textField("key", "Key", 100, { pageName: "Key_Value" }),
    plain("tableNo", "Table No.", "integer"),
    plain("recordId", "Record ID", "guid"),
    code("number", "No.", 20),
    plain("createdAt", "Created At", "dateTime"),
    plain("lastModifiedDateTime", "Last Modified Date Time", "dateTime", { readOnly: true }),
  ],
};

/**
 * Records the `externalReference` of a record of table `tableNo` when it is not blank and not the one it had `before`;
 * throws NavRefusal when any write recorded it earlier. `number` names the record where its table has a No.
 */
export function recordKey(
  tableNo: number,
  number: string,
  values: Values,
  before: Readonly<Values> | undefined,
  context: TriggerContext,
): void {
  const key = values.externalReference!;
  if (key === "" || key === before?.externalReference) return;
  context.insertQuietly("integrationKeys", { key, tableNo, recordId: values.id!, number, createdAt: context.at });
}
