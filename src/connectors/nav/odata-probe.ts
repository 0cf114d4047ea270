// Proves that the custom API pages are published and hold what Lockgate writes.

import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { CallContext } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import type { NamedField } from "./fields.ts";
import type { ODataCompany } from "./odata-company.ts";

const asList = ["EntityType", "EntitySet", "Property", "Schema"];
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && asList.includes(name),
});

type Property = { readonly Name?: string; readonly MaxLength?: string };
type Schema = {
  readonly EntityType?: readonly { readonly Name?: string; readonly Property?: readonly Property[] }[];
  readonly EntityContainer?: {
    readonly EntitySet?: readonly { readonly Name?: string; readonly EntityType?: string }[];
  };
};

/** What a page must have: fields that only need to be there, and fields that must hold what is written to them. */
type Demand = {
  readonly page: string;
  readonly names: readonly string[];
  readonly fields: readonly NamedField<string>[];
};

/** @throws `ERP_UNSUPPORTED` at the page or field that is missing (`NAV_MISSING`) or too short (`NAV_TOO_SHORT`) */
export async function probePage(
  { custom: wire, at }: ODataCompany,
  { page, names, fields }: Demand,
  context: CallContext,
): Promise<void> {
  const schemas = schemasOf(await wire.text("$metadata", context));
  const properties = propertiesOf(schemas, page);
  for (const name of names) demand(properties.has(name), `${page}.${name}`, "NAV_MISSING");
  for (const { name, form } of fields) {
    const property = properties.get(name);
    demand(property !== undefined, `${page}.${name}`, "NAV_MISSING");
    const holds = Number(property?.MaxLength ?? Number.POSITIVE_INFINITY);
    demand(!("maxLength" in form) || holds >= form.maxLength, `${page}.${name}`, "NAV_TOO_SHORT");
  }
  const keys = propertiesOf(schemas, "integrationKeys");
  for (const name of ["key", "recordId"]) demand(keys.has(name), `integrationKeys.${name}`, "NAV_MISSING");
  // Metadata shows what is published; only reading shows what this user may read, by both ways in use.
  await wire.page(await at(context, "integrationKeys?$top=1&$select=number"), 1, context);
  await wire.rows(await at(context, `${page}?$top=1&$select=id`), context);
}

function schemasOf(text: string): readonly Schema[] {
  if (/<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) {
    throw new LockgateError("ERP_BAD_ANSWER", { at: "$metadata", reason: "UNREADABLE" });
  }
  const document = parser.parse(text) as { Edmx?: { DataServices?: { Schema?: readonly Schema[] } } };
  return document.Edmx?.DataServices?.Schema ?? [];
}

function propertiesOf(schemas: readonly Schema[], entitySet: string): ReadonlyMap<string, Property> {
  const sets = schemas.flatMap((schema) => schema.EntityContainer?.EntitySet ?? []);
  const typeName = sets
    .find((set) => set.Name === entitySet)
    ?.EntityType?.split(".")
    .at(-1);
  const types = schemas.flatMap((schema) => schema.EntityType ?? []);
  const type = types.find((candidate) => candidate.Name === typeName);
  demand(typeName !== undefined && type !== undefined, entitySet, "NAV_MISSING");
  return new Map((type?.Property ?? []).map((property) => [property.Name ?? "", property]));
}

function demand(holds: boolean, at: string, reason: string): void {
  if (!holds) throw new LockgateError("ERP_UNSUPPORTED", { at, reason });
}
