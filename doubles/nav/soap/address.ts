// Addresses of the SOAP port: services of a company, a page, the codeunit, or the system service.

import { refuse } from "../errors.ts";
import type { Company } from "../seed.ts";
import { tableOfService } from "../tables/catalogue.ts";
import type { Table } from "../tables/table.ts";
import { codeunit } from "./codeunit.ts";

/** What a path of the SOAP port addresses. */
export type SoapAddress =
  | { kind: "system" }
  | { kind: "services"; company: Company }
  | { kind: "page"; company: Company; table: Table }
  | { kind: "codeunit"; company: Company };

/** Reads a path that is still %-encoded; throws NavRefusal for what is not there. */
export function readSoapAddress(path: string, companies: readonly Company[]): SoapAddress {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  const [instance, entry, companyName, kind, service] = parts;
  if (instance !== "BC" || entry?.toUpperCase() !== "WS" || companyName === undefined) return noService(path);
  if (companyName === "SystemService" && parts.length === 3) return { kind: "system" };
  const company = companies.find((candidate) => candidate.name === companyName);
  if (!company) return refuse("Internal_CompanyNotFound", "companyUnknown", companyName);
  if (kind?.toLowerCase() === "services" && parts.length === 4) return { kind: "services", company };
  if (parts.length !== 5) return noService(path);
  const table = kind === "Page" ? tableOfService(service!) : undefined;
  if (table) return { kind: "page", company, table };
  return kind === "Codeunit" && service === codeunit.service ? { kind: "codeunit", company } : noService(service!);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return noService(part);
  }
}

const noService = (name: string): never => refuse("BadRequest_ResourceNotFound", "noSegment", name);
