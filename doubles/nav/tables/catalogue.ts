// All tables the double serves, by entity set and by published service.

import { integrationKeyTable } from "./integration-key.ts";
import { journalTables } from "./journal.ts";
import { masterTables } from "./master.ts";
import { patientTable } from "./patient.ts";
import { requisitionLineTable } from "./requisition.ts";
import type { Table } from "./table.ts";

/** Every table. */
export const tables: readonly Table[] = [
  patientTable,
  requisitionLineTable,
  integrationKeyTable,
  ...masterTables,
  ...journalTables,
];

const bySet = new Map(tables.map((table) => [table.entitySet, table]));
const byService = new Map(tables.flatMap((table) => (table.service ? [[table.service, table] as const] : [])));

/** The table behind an API entity set, by its exact name. */
export const tableOfSet = (entitySet: string): Table | undefined => bySet.get(entitySet);
/** The table behind a published page, by its exact service name. */
export const tableOfService = (service: string): Table | undefined => byService.get(service);
