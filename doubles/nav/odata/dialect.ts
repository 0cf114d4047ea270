// How a table looks on the wire: property names and key of API pages and of OData V4 page services, records as JSON, ETags.

import { encodeMember, type Field, type Values } from "../tables/fields.ts";
import type { Row, Table } from "../tables/table.ts";

/** API pages use lower camel names and SystemId keys; page services use caption names and primary keys. */
export type Dialect = "api" | "page";

interface Property {
  wire: string;
  field: Field;
  /** Wire form of each option member, for option fields. */
  members?: Map<string, string>;
}

/** The visible shape of a table in a dialect. */
export interface Shape {
  table: Table;
  dialect: Dialect;
  properties: readonly Property[];
  byWire: ReadonlyMap<string, Field>;
  /** Name of the type in messages and metadata. */
  typeName: string;
}

const idField: Field = {
  name: "id",
  pageName: "SystemId",
  caption: "SystemId",
  type: { kind: "guid" },
  readOnly: true,
};
const shapes = new Map<string, Shape>();

/** The shape of a table, made once. */
export function shapeOf(table: Table, dialect: Dialect): Shape {
  const name = `${dialect}:${table.entitySet}`;
  const known = shapes.get(name);
  if (known) return known;
  const shown = table.fields.filter((field) => !field.hidden);
  const fields = dialect === "api" ? [idField, ...shown] : shown;
  const properties = fields.map((field): Property => {
    const wire = dialect === "api" ? field.name : field.pageName;
    if (field.type.kind !== "option") return { wire, field };
    return { wire, field, members: new Map(field.type.members.map((member) => [member, encodeMember(member)])) };
  });
  const byWire = new Map(properties.map(({ wire, field }) => [wire, field]));
  const typeName = dialect === "api" ? table.entityName : table.service!;
  const shape: Shape = { table, dialect, properties, byWire, typeName };
  shapes.set(name, shape);
  return shape;
}

/** A record as JSON properties in page order; `select` keeps only the named ones. */
export function representRow(
  shape: Shape,
  values: Readonly<Values>,
  select?: ReadonlySet<string>,
): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const { wire, field, members } of shape.properties) {
    if (select && !select.has(wire)) continue;
    const value = values[field.name]!;
    json[wire] = members ? members.get(value as string) : value;
  }
  return json;
}

/** The ETag of a record: the API form carries the row version, the page form the primary key too. */
export function etagOf(shape: Shape, row: Row): string {
  const version = `1${String(row.version).padStart(18, "0")}`;
  if (shape.dialect === "api") return weak(`'20;${version}0;00;'`);
  const key = Buffer.from(String(row.values[shape.table.key]), "utf16le").toString("base64");
  return weak(`'28;${key};${version}0;'`);
}

const weak = (text: string): string => `W/"${Buffer.from(text, "latin1").toString("base64")}"`;

/** Whether text has the outer form of an ETag of this ERP. */
export function isEtag(text: string): boolean {
  const inner = /^W\/"([A-Za-z0-9+/]+={0,2})"$/.exec(text)?.[1];
  return inner !== undefined && /^'\d\d;.+;'$/.test(Buffer.from(inner, "base64").toString("latin1"));
}
