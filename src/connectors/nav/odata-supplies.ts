// A NAV company's requisition worksheet over its custom API page `requisitionLines`.

import type { ErpRequisitionLine, RequisitionLineValues } from "#canonical/contracts";
import type { Clock } from "#kernel/clock";
import { fromFields, keepableKey, recordNames, toFields } from "./fields.ts";
import type { ODataCompany } from "./odata-company.ts";
import { odataLists } from "./odata-lists.ts";
import { probePage } from "./odata-probe.ts";
import { frameOf, odataRecords } from "./odata-records.ts";
import type { Json } from "./odata-wire.ts";
import { afterWrite, type NavSupplies } from "./port.ts";
import { refusedValue, requisitionFields } from "./requisition-fields.ts";

const page = "requisitionLines";

export function odataSupplies(company: ODataCompany, name: string, clock: Clock): Omit<NavSupplies, "close"> {
  const records = odataRecords(company, page, refusedValue);
  const lists = odataLists(company, clock);
  const bodyOf = (values: RequisitionLineValues, key: string): Json => ({
    ...toFields(requisitionFields, values, "odata"),
    [recordNames.reference]: keepableKey(key),
  });
  const written = (row: Json): Promise<ErpRequisitionLine> => afterWrite(Promise.resolve(row).then(lineOf));

  return {
    name,
    read: async (externalId, context) => {
      const row = await records.read(externalId, context);
      return row && lineOf(row);
    },
    findByIdempotencyKey: async (key, context) => {
      const row = await records.findByKey(key, context);
      return row && lineOf(row);
    },
    create: async (values, key, context) => written(await records.insert(bodyOf(values, key), context)),
    update: async (externalId, version, values, key, context) =>
      written(await records.modify(externalId, version, key, () => bodyOf(values, key), context)),
    entry: lists.entry,
    search: lists.search,
    probe: async (context) => {
      await probePage(company, { page, names: Object.values(recordNames), fields: requisitionFields }, context);
      await lists.probe(context);
    },
  };
}

const lineOf = (row: Json): ErpRequisitionLine => ({
  ...frameOf(row),
  values: fromFields(requisitionFields, row, "odata") as RequisitionLineValues,
});
