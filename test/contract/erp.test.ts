// The ERP contract on the NAV connector: OData and SOAP, each against a NAV of today and one of older habits.

import { navPatients, navSettings } from "#connectors/nav";
import { systemClock } from "#kernel/clock";
import type { SwitchesInput } from "../../doubles/nav/index.ts";
import { erpContract, newPatient, type PatientsUnderTest } from "./erp.ts";
import { hastyMs, openNavDesk } from "./nav-desk.ts";

async function prepareNav(protocol: "odata" | "soap", switches: SwitchesInput): Promise<PatientsUnderTest> {
  const desk = await openNavDesk("patients", switches);
  const patients = (more: Record<string, unknown> = {}) =>
    navPatients(navSettings.parse({ ...desk.settings(protocol), ...more }), { clock: systemClock });
  const [port, hasty] = [patients(), patients({ timeoutMs: hastyMs })];
  return {
    ...desk,
    port,
    hasty,
    fresh: newPatient,
    change: (variant) => ({ town: `Town ${variant}` }),
    editAsUser: ({ values }) => desk.edit("patients", { mrn: values.mrn, lastName: "Bywater" }),
    close: async () => {
      await Promise.all([port.close(), hasty.close()]);
      await desk.close();
    },
  };
}

erpContract("Business Central over OData", () => prepareNav("odata", {}));
erpContract("older NAV over OData", () =>
  prepareNav("odata", { staleStatus: 412, duplicateKeyStatus: 409, lockStatus: 409, pageSize: 4 }),
);
erpContract("NAV over SOAP", () => prepareNav("soap", { soapOmitsBlankText: false }));
erpContract("NAV over SOAP, blank texts left out", () => prepareNav("soap", { soapOmitsBlankText: true }));
