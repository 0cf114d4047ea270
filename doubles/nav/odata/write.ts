// Writes over OData: insert with parts, modify under an ETag, delete; JSON bodies read property by property.

import { refuse } from "../errors.ts";
import { tableOfSet } from "../tables/catalogue.ts";
import { type Field, type Value, valueFromJson } from "../tables/fields.ts";
import type { Row, Table } from "../tables/table.ts";
import type { Transaction } from "../transaction.ts";
import type { Address } from "./address.ts";
import { etagOf, isEtag, type Shape, shapeOf } from "./dialect.ts";
import { contextUrl, recordAt, representRecord } from "./read.ts";
import { empty, json, type ODataRequest, type Reply } from "./reply.ts";

type CollectionAddress = Extract<Address, { kind: "collection" }>;
type RecordAddress = Extract<Address, { kind: "record" }>;

/** POST to a collection. */
export function insertRecord(transaction: Transaction, address: CollectionAddress, request: ODataRequest): Reply {
  const { session } = transaction;
  const { table } = address;
  if (!table.allows.insert) refuse("BadRequest_MethodNotAllowed", "noInsert");
  const shape = shapeOf(table, address.dialect);
  const body = readBody(request.body);
  const parent = address.parentKey && recordAt(session, tableOfSet(table.parent!.entitySet)!, address.parentKey);
  const row = insertWithParts(transaction, shape, body, parent?.id);
  const expand = (table.parts ?? []).filter((part) => part in body);
  const location = `${request.origin}${address.root}/${address.companyPath}/${recordPath(shape, row)}`;
  const context = `${contextUrl(address, request.origin)}/$entity`;
  if (wantsNoContent(request)) return empty(204, { location, ...noContentApplied, etag: etagOf(shape, row) });
  const stored = refreshed(transaction, table, row);
  return json(
    201,
    { "@odata.context": context, ...representRecord(session, shape, stored, undefined, expand) },
    {
      location,
      etag: etagOf(shape, stored),
    },
  );
}

/** PATCH of a record; needs a matching `If-Match` or `*`. */
export function modifyRecord(transaction: Transaction, address: RecordAddress, request: ODataRequest): Reply {
  const { table } = address;
  if (!table.allows.modify) refuse("BadRequest_MethodNotAllowed", "noModify");
  const shape = shapeOf(table, address.dialect);
  const ifMatch = request.header("if-match");
  if (ifMatch === undefined || (ifMatch !== "*" && !isEtag(ifMatch))) refuse("BadRequest_InvalidToken", "invalidToken");
  const row = recordAt(transaction.session, table, address.key);
  checkEtag(shape, row, ifMatch);
  const after = transaction.modify(table, row, readFields(shape, readBody(request.body)));
  const etag = etagOf(shape, after);
  if (wantsNoContent(request)) return empty(204, { ...noContentApplied, etag });
  const context = `${contextUrl(address, request.origin)}/$entity`;
  return json(200, { "@odata.context": context, ...representRecord(transaction.session, shape, after) }, { etag });
}

/** DELETE of a record; the ETag is checked only when the request carries one. */
export function deleteRecord(transaction: Transaction, address: RecordAddress, request: ODataRequest): Reply {
  const { table } = address;
  if (!table.allows.delete) refuse("BadRequest_MethodNotAllowed", "noDelete");
  const row = recordAt(transaction.session, table, address.key);
  const ifMatch = request.header("if-match");
  if (ifMatch !== undefined) {
    if (ifMatch !== "*" && !isEtag(ifMatch)) refuse("BadRequest_InvalidToken", "invalidToken");
    checkEtag(shapeOf(table, address.dialect), row, ifMatch);
  }
  transaction.remove(table, row);
  return empty(204);
}

/** Refuses when an `If-Match` names another state of the record. */
export function checkEtag(shape: Shape, row: Row, ifMatch: string): void {
  if (ifMatch !== "*" && ifMatch !== etagOf(shape, row)) refuse("Request_EntityChanged", "entityChanged");
}

function insertWithParts(
  transaction: Transaction,
  shape: Shape,
  body: Record<string, unknown>,
  parentId: string | undefined,
): Row {
  const { table } = shape;
  const own: Record<string, unknown> = {};
  const parts: [Table, Record<string, unknown>[]][] = [];
  for (const [name, value] of Object.entries(body)) {
    if (!table.parts?.includes(name)) own[name] = value;
    else if (Array.isArray(value) && value.every(isObject)) parts.push([tableOfSet(name)!, value]);
    else refuse("BadRequest", "badJson");
  }
  const row = transaction.insert(table, readFields(shape, own), parentId);
  for (const [part, children] of parts) {
    for (const child of children) insertWithParts(transaction, shapeOf(part, shape.dialect), child, row.id);
  }
  return row;
}

/** The record after its parts were inserted, which may have given it a new row version. */
function refreshed(transaction: Transaction, table: Table, row: Row): Row {
  const { database, company } = transaction.session;
  return database.records(company.id, table.entitySet).get(row.id) ?? row;
}

/** The fields of a body in the order they were sent, each validated; throws NavRefusal on the first bad one. */
export function readFields(shape: Shape, body: Record<string, unknown>): Map<Field, Value> {
  const fields = new Map<Field, Value>();
  for (const [name, input] of Object.entries(body)) {
    if (name.includes("@odata.")) continue;
    const field = shape.byWire.get(name);
    if (!field) return refuse("BadRequest", "unknownProperty", name, shape.typeName);
    if (field.readOnly) refuse("BadRequest_InvalidOperation", "readOnly", field.caption);
    fields.set(field, valueFromJson(field, input));
  }
  return fields;
}

/** A JSON object body; throws NavRefusal for anything else. */
export function readBody(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse("BadRequest", "badJson");
  }
  return isObject(body) ? body : refuse("BadRequest", "badJson");
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function recordPath(shape: Shape, row: Row): string {
  if (shape.dialect === "api") return `${shape.table.entitySet}(${row.id})`;
  return `${shape.table.service}('${encodeURIComponent(String(row.values[shape.table.key])).replaceAll("'", "''")}')`;
}

const noContentApplied = { "preference-applied": "return-no-content" };

const wantsNoContent = (request: ODataRequest): boolean =>
  /return(-no-content|=minimal)/.test(request.header("prefer") ?? "");
