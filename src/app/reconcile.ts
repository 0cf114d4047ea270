// Reconciliation: what we last saw at the ERP against what it holds now; reports, and changes nothing.

import type { ErpPatients } from "#canonical/contracts";
import { decide, readOutstanding, readReferenceOf } from "#engine/writeback";
import type { Discrepancy } from "#gateway";
import type { Db } from "#kernel/db";
import { newTrace } from "#kernel/trace";

const MOST_OUTSTANDING = 1_000;

/** Compares every patient of the ERP that we have written with what we last saw, and lists changes still outstanding. */
export async function reconcilePatients(
  db: Db,
  erp: ErpPatients,
): Promise<{ compared: number; discrepancies: Discrepancy[] }> {
  const discrepancies: Discrepancy[] = [];
  let compared = 0;
  for await (const patient of erp.list(undefined, { traceparent: newTrace() })) {
    const reference = await readReferenceOf(db, erp.name, patient.externalId);
    if (!reference) continue;
    compared += 1;
    const wanted = {
      subject: reference.subject,
      idempotencyKey: "",
      values: reference.held,
      eventAt: Number.POSITIVE_INFINITY,
    };
    const decision = decide(wanted, patient, undefined);
    if (decision.write === "values") {
      discrepancies.push({
        subject: reference.subject,
        externalId: patient.externalId,
        kind: "differs",
        fields: Object.keys(decision.values),
      });
    }
  }
  for (const change of await readOutstanding(db, erp.name, MOST_OUTSTANDING)) {
    discrepancies.push({ subject: change.subject, externalId: "", kind: "outstanding", fields: [] });
  }
  return { compared, discrepancies };
}
