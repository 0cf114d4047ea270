// The ERP contract on the NAV connector: OData and SOAP, each against a NAV of today and one of older habits.

import { navPatients, navSettings } from "#connectors/nav";
import { systemClock } from "#kernel/clock";
import {
  companies,
  demoCredentials,
  type FaultInput,
  type SwitchesInput,
  startNavDouble,
} from "../../doubles/nav/index.ts";
import { erpContract } from "./erp.ts";
import type { ErpChange, ErpFault, ErpUnderTest } from "./erp-under-test.ts";

const hastyMs = 300;
const slowMs = 500;
const kinds = {
  "commit-then-drop": "commitThenDrop",
  "commit-then-error": "commitThenError",
  "commit-then-cut-answer": "truncatedBody",
  "drop-before-commit": "dropBeforeCommit",
  lock: "lock",
  deadlock: "deadlock",
  throttle: "throttle",
  unavailable: "unavailable",
  slow: "slow",
  html: "html",
  unauthorised: "unauthorized",
  "edited-meanwhile": "staleEtag",
  restart: "restart",
} as const satisfies Record<ErpFault["kind"], string>;
const methods = { read: "GET", create: "POST", update: "PATCH" } as const;

const faultFrom = ({ kind, on, retryAfterSeconds }: ErpFault): FaultInput => ({
  kind: kinds[kind],
  times: 1,
  match: { method: methods[on], entity: "patients" },
  ms: kind === "slow" ? slowMs : 0,
  durationMs: 200,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

const stormKinds = [
  "commitThenDrop",
  "commitThenError",
  "dropBeforeCommit",
  "lock",
  "throttle",
  "unavailable",
  "truncatedBody",
  "html",
  "notFoundAfterWrite",
] as const;

async function prepareNav(protocol: "odata" | "soap", switches: SwitchesInput): Promise<ErpUnderTest> {
  const double = await startNavDouble({ switches });
  const admin = `http://127.0.0.1:${double.odataPort}/admin`;
  const company = companies[0]!;
  const ask = async (path: string, method = "GET", body?: unknown): Promise<string> => {
    const response = await fetch(`${admin}/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the double's desk answered ${response.status}: ${text}`);
    return text;
  };
  const settings = {
    name: "nav-test",
    protocol,
    baseUrl: `http://127.0.0.1:${protocol === "odata" ? double.odataPort : double.soapPort}/BC`,
    company: protocol === "odata" ? { id: company.id, name: company.name } : { name: company.name },
    user: demoCredentials.user,
    accessKey: demoCredentials.secret,
  };
  const patients = navPatients(navSettings.parse(settings), { clock: systemClock });
  const hasty = navPatients(navSettings.parse({ ...settings, timeoutMs: hastyMs }), { clock: systemClock });
  return {
    patients,
    hasty,
    changes: async () => {
      const lines = (await ask("ledger")).split("\n").filter((line) => line !== "");
      const entries = lines.map((line) => JSON.parse(line) as ErpChange & { entity: string });
      return entries.filter((entry) => entry.entity === "patients");
    },
    fault: async (fault) => void (await ask("faults", "PUT", faultFrom(fault))),
    storm: async () => {
      const faults = stormKinds.flatMap((kind, index): FaultInput[] => {
        const probability = 0.06;
        const both = ["throttle", "unavailable", "truncatedBody", "html"].includes(kind)
          ? (["POST", "GET"] as const)
          : (["POST"] as const);
        return both.map((method) => ({
          kind,
          probability,
          seed: index + 1,
          durationMs: 50,
          match: { method, entity: "patients" },
        }));
      });
      await ask("faults", "PUT", faults);
    },
    calm: async () => void (await ask("faults", "DELETE")),
    editAsUser: async (patient, lastName) =>
      void (await ask("records/patients", "PUT", { mrn: patient.values.mrn, lastName })),
    close: async () => {
      await Promise.all([patients.close(), hasty.close()]);
      await double.close();
    },
  };
}

erpContract("Business Central over OData", () => prepareNav("odata", {}));
erpContract("older NAV over OData", () =>
  prepareNav("odata", { staleStatus: 412, duplicateKeyStatus: 409, lockStatus: 409, pageSize: 4 }),
);
erpContract("NAV over SOAP", () => prepareNav("soap", { soapOmitsBlankText: false }));
erpContract("NAV over SOAP, blank texts left out", () => prepareNav("soap", { soapOmitsBlankText: true }));
