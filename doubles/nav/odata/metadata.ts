// Service documents and `$metadata` (CSDL XML) of the OData routes, written from the tables.

import { tables } from "../tables/catalogue.ts";
import { edmTypeOf } from "../tables/fields.ts";
import type { Table } from "../tables/table.ts";
import type { Address } from "./address.ts";
import { type Shape, shapeOf } from "./dialect.ts";
import { json, type ODataRequest, type Reply } from "./reply.ts";

function tablesOf(address: Address): readonly Table[] {
  if (address.dialect === "page") return tables.filter((table) => table.service !== undefined);
  return tables.filter((table) => address.root.endsWith("v2.0") === (table.route === "standard"));
}

const setName = (shape: Shape): string => (shape.dialect === "api" ? shape.table.entitySet : shape.table.service!);

/** The list of entity sets. */
export function serviceDocument(address: Address, request: ODataRequest): Reply {
  const names = tablesOf(address).map((table) => setName(shapeOf(table, address.dialect)));
  const value = ["companies", ...names].map((name) => ({ name, kind: "EntitySet", url: name }));
  return json(200, { "@odata.context": `${request.origin}${address.root}/$metadata`, value });
}

/** The CSDL document. */
export function metadataReply(address: Address): Reply {
  const shapes = tablesOf(address).map((table) => shapeOf(table, address.dialect));
  const sets = shapes.map(
    (shape) => `<EntitySet Name="${setName(shape)}" EntityType="Microsoft.NAV.${shape.typeName}"/>`,
  );
  const body = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>',
    '<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">',
    ...shapes.map(entityType),
    ...shapes.flatMap(actions),
    `<EntityContainer Name="NAV">${sets.join("")}</EntityContainer>`,
    "</Schema></edmx:DataServices></edmx:Edmx>",
  ].join("\n");
  return { status: 200, headers: { "content-type": "application/xml", "odata-version": "4.0" }, body };
}

function entityType(shape: Shape): string {
  const key = shape.properties.find(({ field }) => field.name === (shape.dialect === "api" ? "id" : shape.table.key));
  const properties = shape.properties.map(({ wire, field }) => {
    const maxLength = "max" in field.type ? ` MaxLength="${field.type.max}"` : "";
    const nullable = wire === key?.wire ? ' Nullable="false"' : "";
    return `<Property Name="${wire}" Type="${edmTypeOf(field.type)}"${nullable}${maxLength}/>`;
  });
  const reference = key ? `<Key><PropertyRef Name="${key.wire}"/></Key>` : "";
  return `<EntityType Name="${shape.typeName}">${reference}${properties.join("")}</EntityType>`;
}

const actions = (shape: Shape): string[] =>
  (shape.table.actions ?? []).map(
    (action) =>
      `<Action Name="${action}" IsBound="true"><Parameter Name="bindingParameter" Type="Microsoft.NAV.${shape.typeName}"/></Action>`,
  );
