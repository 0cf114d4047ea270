// Operations of a SOAP page: Read, ReadMultiple, Create, Update, Delete, IsUpdated, GetRecIdFromKey, ReadByRecId.

import { refuse } from "../errors.ts";
import { type Field, type Value, valueFromText } from "../tables/fields.ts";
import type { Row, Table } from "../tables/table.ts";
import { inTransaction, type Session, type Transaction } from "../transaction.ts";
import { parseCriteria } from "./criteria.ts";
import { isCurrent, readKey, writeKey } from "./key.ts";
import { childOf, escapeXml, type XmlElement } from "./xml.ts";

/** Runs an operation; returns the XML inside its `<…_Result>` element. */
type PageOperation = (session: Session, table: Table, input: XmlElement) => string;

const operations: Record<string, PageOperation> = {
  Read: (session, table, input) => {
    // The primary key works as a filter: the first record, or an empty result, never a fault.
    const key = primaryField(table);
    const text = childOf(input, key.pageName)?.text ?? "";
    const row = visibleRows(session, table).find(
      (candidate) => candidate.values[key.name] === valueFromText(key, text),
    );
    return row ? record(session, table, row) : "";
  },
  ReadMultiple: readMultiple,
  ReadByRecId: (session, table, input) => {
    const [caption, ...key] = (childOf(input, "recId")?.text ?? "").split(": ");
    if (caption !== table.caption) return "";
    const row = visibleRows(session, table).find((candidate) => String(candidate.values[table.key]) === key.join(": "));
    return row ? record(session, table, row) : "";
  },
  Create: (session, table, input) =>
    inTransaction(session, (transaction) => record(session, table, create(transaction, table, bodyOf(table, input)))),
  CreateMultiple: (session, table, input) =>
    inTransaction(session, (transaction) => each(session, table, input, (body) => create(transaction, table, body))),
  Update: (session, table, input) =>
    inTransaction(session, (transaction) => record(session, table, update(transaction, table, bodyOf(table, input)))),
  UpdateMultiple: (session, table, input) =>
    inTransaction(session, (transaction) => each(session, table, input, (body) => update(transaction, table, body))),
  Delete: (session, table, input) => {
    if (!table.allows.delete) refuse("BadRequest_MethodNotAllowed", "noDelete");
    inTransaction(session, (transaction) => transaction.remove(table, current(session, table, keyOf(input))));
    return "<Delete_Result>true</Delete_Result>";
  },
  IsUpdated: (session, table, input) => {
    const bookmark = readKey(keyOf(input));
    const isUpdated = !isCurrent(bookmark, bookmarked(session, table, keyOf(input)));
    return `<IsUpdated_Result>${isUpdated}</IsUpdated_Result>`;
  },
  GetRecIdFromKey: (session, table, input) => {
    const row = bookmarked(session, table, keyOf(input));
    return `<GetRecIdFromKey_Result>${escapeXml(`${table.caption}: ${row.values[table.key]}`)}</GetRecIdFromKey_Result>`;
  },
};

/** The operation of a name. */
export const pageOperation = (name: string): PageOperation | undefined => operations[name];

/** The record a Key means, whatever its version; throws NavRefusal when it is gone. */
export function bookmarked(session: Session, table: Table, key: string): Row {
  const bookmark = readKey(key);
  if (bookmark.tableNumber !== table.number) return refuse("BadRequest", "badKey");
  const records = session.database.records(session.company.id, table.entitySet);
  const row = records.find(table.key, valueFromText(primaryField(table), bookmark.primaryKey));
  return (
    row ?? refuse("Internal_RecordNotFound", "recordMissing", table.caption, identification(table, bookmark.primaryKey))
  );
}

/** The record a Key means in exactly the version it was read in. */
function current(session: Session, table: Table, key: string): Row {
  const row = bookmarked(session, table, key);
  if (!isCurrent(readKey(key), row)) {
    const name = `${table.caption} ${identification(table, String(row.values[table.key]))}`;
    refuse("Request_EntityChanged", "otherUserModified", name);
  }
  return row;
}

const primaryField = (table: Table): Field => table.fields.find((field) => field.name === table.key)!;

const identification = (table: Table, key: string): string => `${primaryField(table).caption}='${key}'`;

function keyOf(input: XmlElement): string {
  return childOf(input, "Key")?.text ?? refuse("BadRequest_RequiredParamNotProvided", "keyMissing");
}

function bodyOf(table: Table, input: XmlElement): XmlElement {
  return childOf(input, table.service!) ?? refuse("BadRequest", "unknownElement", input.children[0]?.name ?? "");
}

function each(session: Session, table: Table, input: XmlElement, write: (body: XmlElement) => Row): string {
  const list = childOf(input, `${table.service}_List`)?.children ?? [];
  return `<${table.service}_List>${list.map((body) => record(session, table, write(body))).join("")}</${table.service}_List>`;
}

function create(transaction: Transaction, table: Table, body: XmlElement): Row {
  if (!table.allows.insert) refuse("BadRequest_MethodNotAllowed", "noInsert");
  return transaction.insert(table, readFields(table, body));
}

function update(transaction: Transaction, table: Table, body: XmlElement): Row {
  if (!table.allows.modify) refuse("BadRequest_MethodNotAllowed", "noModify");
  return transaction.modify(table, current(transaction.session, table, keyOf(body)), readFields(table, body));
}

/** Fields that are present, an empty element being blank; absent and nil ones stay as they are. */
function readFields(table: Table, body: XmlElement): Map<Field, Value> {
  const fields = new Map<Field, Value>();
  for (const element of body.children) {
    if (element.name === "Key" || element.isNil) continue;
    const field = table.fields.find((candidate) => candidate.pageName === element.name && !candidate.hidden);
    if (!field) return refuse("BadRequest", "unknownElement", element.name);
    // A proxy sends a record back whole, read-only fields too; the ERP passes over those.
    if (!field.readOnly) fields.set(field, fromXml(field, element.text));
  }
  return fields;
}

function fromXml(field: Field, text: string): Value {
  const { type } = field;
  if (type.kind !== "option") return valueFromText(field, text);
  const found = type.members.find((member) => optionText(member) === text);
  return (
    found ?? refuse("Application_EvaluateException", "notAnOption", text, type.members.map((m) => m.trim()).join(","))
  );
}

/** An option member as SOAP writes it. */
export const optionText = (member: string): string =>
  member === " " ? "_blank_" : member.replace(/[^A-Za-z0-9]+/g, "_");

function record(session: Session, table: Table, row: Row): string {
  const parts = [`<Key>${escapeXml(writeKey(table, row))}</Key>`];
  for (const field of table.fields) {
    const value = row.values[field.name]!;
    if (field.hidden || (value === "" && session.switches.soapOmitsBlankText)) continue;
    const text = field.type.kind === "option" ? optionText(String(value)) : String(value);
    parts.push(`<${field.pageName}>${escapeXml(text)}</${field.pageName}>`);
  }
  return `<${table.service}>${parts.join("")}</${table.service}>`;
}

function visibleRows(session: Session, table: Table): readonly Row[] {
  const { database } = session;
  const rows = database.records(session.company.id, table.entitySet).sorted();
  return database.lagging() ? rows.flatMap((row) => database.visible(row) ?? []) : rows;
}

/** Records that pass all filters, after a bookmark, at most `setSize` (0: all); a negative size reads backwards. */
function readMultiple(session: Session, table: Table, input: XmlElement): string {
  const tests = input.children
    .filter((child) => child.name === "filter")
    .map((filter) => filterTest(session, table, filter));
  const size = Number(childOf(input, "setSize")?.text || "0");
  if (!Number.isInteger(size)) refuse("Application_EvaluateException", "cannotEvaluate", "setSize", "Integer");
  const matching = visibleRows(session, table).filter((row) => tests.every((test) => test(row)));
  const ordered = size < 0 ? matching.toReversed() : matching;
  const bookmark = childOf(input, "bookmarkKey")?.text ?? "";
  const after = bookmark === "" ? ordered : ordered.slice(startAfter(table, ordered, bookmark, size < 0));
  const page = size === 0 ? after : after.slice(0, Math.abs(size));
  return `<ReadMultiple_Result>${page.map((row) => record(session, table, row)).join("")}</ReadMultiple_Result>`;
}

function startAfter(table: Table, rows: readonly Row[], bookmark: string, isBackwards: boolean): number {
  const last = valueFromText(primaryField(table), readKey(bookmark).primaryKey);
  const found = rows.findIndex(({ values }) => (isBackwards ? values[table.key]! < last : values[table.key]! > last));
  return found === -1 ? rows.length : found;
}

function filterTest(session: Session, table: Table, filter: XmlElement): (row: Row) => boolean {
  const name = childOf(filter, "Field")?.text ?? "";
  const field = table.fields.find((candidate) => candidate.pageName === name);
  if (!field) return refuse("BadRequest", "unknownElement", name);
  const test = parseCriteria(field, childOf(filter, "Criteria")?.text ?? "", session.language);
  return (row) => test(row.values[field.name]!);
}
