// Reconciliation: what we last saw at the ERP against what it holds now; reports, and changes nothing.

import type { ErpPatients } from "#canonical/contracts";
import { readOutstanding, readReferences, unheld } from "#engine/writeback";
import type { Discrepancy } from "#gateway";
import type { Db } from "#kernel/db";
import { newTrace } from "#kernel/trace";

const MOST_OUTSTANDING = 1_000;

/** Compares every record that we have written with what the ERP holds now, and lists changes still outstanding. */
export async function reconcilePatients(
  db: Db,
  erp: ErpPatients,
): Promise<{ compared: number; discrepancies: Discrepancy[] }> {
  const unseen = new Map((await readReferences(db, erp.name)).map((reference) => [reference.externalId, reference]));
  const compared = unseen.size;
  const discrepancies: Discrepancy[] = [];
  for await (const patient of erp.list(undefined, { traceparent: newTrace() })) {
    const reference = unseen.get(patient.externalId);
    if (!reference) continue;
    unseen.delete(patient.externalId);
    const fields = unheld(reference.held, patient.values);
    if (fields.length > 0) {
      discrepancies.push({ subject: reference.subject, externalId: patient.externalId, kind: "differs", fields });
    }
  }
  for (const { subject, externalId } of unseen.values())
    discrepancies.push({ subject, externalId, kind: "missing", fields: [] });
  for (const { subject } of await readOutstanding(db, erp.name, MOST_OUTSTANDING)) {
    discrepancies.push({ subject, externalId: "", kind: "outstanding", fields: [] });
  }
  return { compared, discrepancies };
}
