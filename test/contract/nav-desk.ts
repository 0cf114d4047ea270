// A NAV double with the desk that the ERP suites ask faults and changes of, for the records of one page.

import {
  companies,
  demoCredentials,
  type FaultInput,
  type SwitchesInput,
  startNavDouble,
} from "../../doubles/nav/index.ts";
import type { ErpChange, ErpDesk, ErpFault } from "./erp-under-test.ts";

/** A time-out that no answer of a slow NAV keeps. */
export const hastyMs = 300;
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

/** A NAV double for one test. */
export type NavDesk = ErpDesk & {
  /** Settings of a connection to its first company. */
  settings(protocol: "odata" | "soap"): Record<string, unknown>;
  /** Creates or changes a record as a user of the ERP does; a unique field of it names it. */
  edit(entity: string, record: Record<string, unknown>): Promise<void>;
};

/** @param entity the page that faults and changes are about */
export async function openNavDesk(entity: string, switches: SwitchesInput): Promise<NavDesk> {
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
  return {
    settings: (protocol) => ({
      name: "nav-test",
      protocol,
      baseUrl: `http://127.0.0.1:${protocol === "odata" ? double.odataPort : double.soapPort}/BC`,
      company: protocol === "odata" ? { id: company.id, name: company.name } : { name: company.name },
      user: demoCredentials.user,
      accessKey: demoCredentials.secret,
    }),
    edit: async (page, record) => void (await ask(`records/${page}`, "PUT", record)),
    changes: async () => {
      const lines = (await ask("ledger")).split("\n").filter((line) => line !== "");
      const entries = lines.map((line) => JSON.parse(line) as ErpChange & { entity: string });
      return entries.filter((entry) => entry.entity === entity);
    },
    fault: async (fault) => void (await ask("faults", "PUT", faultFrom(fault, entity))),
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
          match: { method, entity },
        }));
      });
      await ask("faults", "PUT", faults);
    },
    calm: async () => void (await ask("faults", "DELETE")),
    close: () => double.close(),
  };
}

const faultFrom = ({ kind, on, retryAfterSeconds }: ErpFault, entity: string): FaultInput => ({
  kind: kinds[kind],
  times: 1,
  match: { method: methods[on], entity },
  ms: kind === "slow" ? slowMs : 0,
  durationMs: 200,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});
