// Addresses of the OData port: which company, page, record or action a path means.

import { refuse } from "../errors.ts";
import type { Company } from "../seed.ts";
import type { Switches } from "../settings.ts";
import { tableOfService, tableOfSet } from "../tables/catalogue.ts";
import { valueFromText } from "../tables/fields.ts";
import type { Table } from "../tables/table.ts";
import type { Dialect } from "./dialect.ts";

/** A record's key as an address names it: SystemId on API pages, primary key on page services. */
export interface RecordKey {
  field: "id" | "primary";
  text: string;
}

/** What a path addresses. `root` is the service root, from which context URLs are made. */
export type Address = { root: string; dialect: Dialect } & (
  | { kind: "service" | "metadata" | "batch" }
  | { kind: "companies"; id?: string }
  | { kind: "collection"; company: Company; companyPath: string; table: Table; parentKey?: RecordKey }
  | { kind: "record"; company: Company; companyPath: string; table: Table; key: RecordKey }
  | { kind: "action"; company: Company; companyPath: string; table: Table; key: RecordKey; action: string }
);

interface Segment {
  name: string;
  /** Text between the parentheses, undefined without any. */
  argument: string | undefined;
  raw: string;
}

const instance = "BC";

/** Reads a path (still %-encoded, without query); throws NavRefusal for what the server does not know. */
export function readAddress(
  path: string,
  query: ReadonlyMap<string, string>,
  companies: readonly Company[],
  switches: Switches,
): Address {
  const segments = path
    .split("/")
    .filter((part) => part !== "")
    .map(readSegment);
  if (segments.shift()?.name !== instance) return noSegment(path);
  const entry = segments.shift()?.name.toLowerCase();
  if (entry === "odatav4")
    return readRest("page", `/${instance}/ODataV4`, tableOfService, segments, query, companies, switches);
  if (entry !== "api") return noSegment(entry ?? "");
  const route = routeOf(segments);
  const find = (name: string): Table | undefined => {
    const table = tableOfSet(name);
    return table?.route === route.kind ? table : undefined;
  };
  return readRest("api", `/${instance}/api/${route.path}`, find, segments, query, companies, switches);
}

function routeOf(segments: Segment[]): { kind: Table["route"]; path: string } {
  if (segments[0]?.name === "v2.0") {
    segments.shift();
    return { kind: "standard", path: "v2.0" };
  }
  const custom = segments
    .splice(0, 3)
    .map((segment) => segment.name)
    .join("/");
  if (custom !== "lockgate/integration/v1.0") return noSegment(custom);
  return { kind: "custom", path: custom };
}

function readRest(
  dialect: Dialect,
  root: string,
  find: (name: string) => Table | undefined,
  segments: Segment[],
  query: ReadonlyMap<string, string>,
  companies: readonly Company[],
  switches: Switches,
): Address {
  const base = { root, dialect };
  const first = segments[0];
  if (!first) return { ...base, kind: "service" };
  if (first.name === "$metadata") return { ...base, kind: "metadata" };
  if (first.name === "$batch") return { ...base, kind: "batch" };
  const companySegment = dialect === "api" ? "companies" : "Company";
  if (first.name !== companySegment) {
    return readPage(base, find, segments, companyFromQuery(query, companies), first.raw);
  }
  if (first.argument === undefined) return { ...base, kind: "companies" };
  if (dialect === "page" && switches.refuseEncodedCompany && /%27|%2c/i.test(first.raw)) return noSegment("Company");
  const company = dialect === "api" ? companyById(first.argument, companies) : companyByName(first.argument, companies);
  if (segments.length === 1) return { ...base, kind: "companies", id: company.id };
  return readPage(base, find, segments.slice(1), company, first.raw);
}

function readPage(
  base: { root: string; dialect: Dialect },
  find: (name: string) => Table | undefined,
  segments: Segment[],
  company: Company,
  companyPath: string,
): Address {
  const [page, below, beyond] = segments;
  const table = find(page!.name);
  if (!table) return noSegment(page!.name);
  const place = { ...base, company, companyPath, table };
  if (page!.argument === undefined) return below ? noSegment(below.name) : { ...place, kind: "collection" };
  const key = readKey(base.dialect, page!.argument);
  if (!below) return { ...place, kind: "record", key };
  const action = /^(?:Microsoft\.)?NAV\.(\w+)$/.exec(below.name)?.[1];
  if (action !== undefined) return { ...place, kind: "action", key, action };
  const part = table.parts?.includes(below.name) ? find(below.name) : undefined;
  if (!part || beyond) return noSegment(below.name);
  if (below.argument !== undefined)
    return { ...place, table: part, kind: "record", key: readKey(base.dialect, below.argument) };
  return { ...place, table: part, kind: "collection", parentKey: key };
}

function readKey(dialect: Dialect, argument: string): RecordKey {
  if (dialect === "api") {
    const text = argument.replace(/^id=/, "");
    return { field: "id", text: String(valueFromText(guidField, text)) };
  }
  const literal = /^(?:\w+=)?'((?:[^']|'')*)'$/.exec(argument)?.[1];
  if (literal === undefined) refuse("BadRequest_NotFound", "syntax");
  return { field: "primary", text: literal.replaceAll("''", "'") };
}

const guidField = { name: "id", pageName: "Id", caption: "Id", type: { kind: "guid" }, readOnly: true } as const;

function companyById(argument: string, companies: readonly Company[]): Company {
  const id = String(valueFromText(guidField, argument.replace(/^id=/, "")));
  return companies.find((company) => company.id === id) ?? refuse("Internal_CompanyNotFound", "companyUnknown", id);
}

function companyByName(argument: string, companies: readonly Company[]): Company {
  const name = (/^(?:Name=)?'((?:[^']|'')*)'$/.exec(argument)?.[1] ?? "").replaceAll("''", "'");
  return (
    companies.find((company) => company.name === name) ?? refuse("Internal_CompanyNotFound", "companyUnknown", name)
  );
}

function companyFromQuery(query: ReadonlyMap<string, string>, companies: readonly Company[]): Company {
  const wanted = query.get("company");
  if (wanted === undefined) return refuse("Internal_CompanyNotFound", "companyMissing");
  const found = companies.find((company) => company.name === wanted || company.id === wanted.toLowerCase());
  return found ?? refuse("Internal_CompanyNotFound", "companyUnknown", wanted);
}

function readSegment(raw: string): Segment {
  let text: string;
  try {
    text = decodeURIComponent(raw);
  } catch {
    return refuse("BadRequest_NotFound", "syntax");
  }
  const match = /^([^(]+)\((.*)\)$/s.exec(text);
  return match ? { name: match[1]!, argument: match[2]!, raw } : { name: text, argument: undefined, raw };
}

function noSegment(name: string): never {
  refuse("BadRequest_ResourceNotFound", "noSegment", name);
}
