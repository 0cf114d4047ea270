// `lockgate reconcile`: what the ERP holds against what was written to it; reports and changes nothing.

import type { Discrepancy } from "#gateway";
import { type Caller, call } from "../client.ts";
import { EXIT, show, table } from "../output.ts";

/** @returns 0 when nothing differs and nothing is outstanding */
export async function reconcileNav(caller: Caller, json: boolean): Promise<number> {
  const report = await call<{ compared: number; discrepancies: Discrepancy[] }>(caller, "POST", "/reconcile/nav", {});
  const rows = report.discrepancies.map((one) => [one.kind, one.externalId, one.subject, one.fields.join(", ")]);
  show(json, report, () =>
    [
      `${report.compared} records compared, ${rows.length} discrepancies`,
      ...(rows.length > 0 ? [table(rows)] : []),
    ].join("\n"),
  );
  return report.discrepancies.length > 0 ? EXIT.refused : EXIT.done;
}
