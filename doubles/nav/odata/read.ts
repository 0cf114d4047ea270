// Reads over OData: collections with filter, order and server-driven paging; single records; the record a key means.

import { refuse } from "../errors.ts";
import { tableOfSet } from "../tables/catalogue.ts";
import type { Row, Table } from "../tables/table.ts";
import type { Session } from "../transaction.ts";
import type { Address, RecordKey } from "./address.ts";
import { etagOf, representRow, type Shape, shapeOf } from "./dialect.ts";
import { sortable } from "./filter.ts";
import { expandOf, type ReadOptions, readOptions, selectOf, writeToken } from "./query.ts";
import { json, type ODataRequest, type Reply } from "./reply.ts";

type CollectionAddress = Extract<Address, { kind: "collection" }>;
type RecordAddress = Extract<Address, { kind: "record" }>;
type PageAddress = Extract<Address, { companyPath: string }>;

/** The `@odata.context` of a page. */
export const contextUrl = (address: PageAddress, origin: string): string =>
  `${origin}${address.root}/$metadata#${address.companyPath}/${setNameOf(address)}`;

const setNameOf = (address: PageAddress): string =>
  address.dialect === "api" ? address.table.entitySet : address.table.service!;

/** The record a key means, as writes see it; throws NavRefusal when there is none. */
export function recordAt(session: Session, table: Table, key: RecordKey): Row {
  const records = session.database.records(session.company.id, table.entitySet);
  const primary = table.fields.find((field) => field.name === table.key)!;
  const wanted =
    primary.type.kind === "code"
      ? key.text.toUpperCase()
      : primary.type.kind === "integer"
        ? Number(key.text)
        : key.text;
  const row = key.field === "id" ? records.get(key.text) : records.find(table.key, wanted);
  return row ?? refuse("Internal_RecordNotFound", "recordMissing", table.caption, identification(table, key));
}

function identification(table: Table, key: RecordKey): string {
  if (key.field === "id") return `SystemId='{${key.text.toUpperCase()}}'`;
  return `${table.fields.find((field) => field.name === table.key)!.caption}='${key.text}'`;
}

/** A record as JSON with its ETag and the expanded parts. */
export function representRecord(
  session: Session,
  shape: Shape,
  row: Row,
  select?: ReadonlySet<string>,
  expand: string[] = [],
): object {
  const body: Record<string, unknown> = {
    "@odata.etag": etagOf(shape, row),
    ...representRow(shape, row.values, select),
  };
  for (const name of expand) {
    const part = partShape(shape, name);
    const children = childrenOf(session, part.table, row.id);
    body[name] = children.map((child) => representRecord(session, part, child));
  }
  return body;
}

function partShape(shape: Shape, entitySet: string): Shape {
  return shapeOf(tableOfSet(entitySet)!, shape.dialect);
}

/** GET of one record. */
export function readRecord(
  session: Session,
  address: RecordAddress,
  request: ODataRequest,
  query: ReadonlyMap<string, string>,
): Reply {
  const shape = shapeOf(address.table, address.dialect);
  const row = session.database.visible(recordAt(session, address.table, address.key));
  if (!row)
    return refuse(
      "Internal_RecordNotFound",
      "recordMissing",
      address.table.caption,
      identification(address.table, address.key),
    );
  const body = representRecord(session, shape, row, selectOf(shape, query), expandOf(shape, query));
  const context = `${contextUrl(address, request.origin)}/$entity`;
  return json(200, { "@odata.context": context, ...body }, { etag: etagOf(shape, row) });
}

/** GET of a collection: one page, with a next link when more records follow and no `$top` was given. */
export function readCollection(
  session: Session,
  address: CollectionAddress,
  request: ODataRequest,
  query: ReadonlyMap<string, string>,
): Reply {
  const shape = shapeOf(address.table, address.dialect);
  const options = readOptions(shape, query);
  const parentId = address.parentKey && parentOf(session, address.table, address.parentKey).id;
  const matching = matchingRows(session, shape, options, parentId);
  const start = options.skip + (options.after ? firstAfter(matching, shape, options) : 0);
  const size = Math.min(options.top ?? Number.POSITIVE_INFINITY, pageSizeOf(request, session.switches.pageSize));
  const page = matching.slice(start, start + size);
  const body: Record<string, unknown> = { "@odata.context": contextUrl(address, request.origin) };
  if (options.count) body["@odata.count"] = matching.length;
  body.value = page.map((row) => representRecord(session, shape, row, options.select, options.expand));
  const last = page.at(-1);
  if (last && options.top === undefined && start + size < matching.length) {
    body["@odata.nextLink"] = nextLink(request, sortKeyOf(last, shape, options));
  }
  return json(200, body, preferenceApplied(request));
}

/** The parent record a nested path names. */
function parentOf(session: Session, table: Table, key: RecordKey): Row {
  return recordAt(session, tableOfSet(table.parent!.entitySet)!, key);
}

function matchingRows(
  session: Session,
  shape: Shape,
  options: ReadOptions,
  parentId: string | undefined,
): readonly Row[] {
  const rows = candidates(session, shape.table, options, parentId);
  const { filter, orderBy } = options;
  const kept = filter ? rows.filter((row) => filter.matches(row.values)) : rows;
  return orderBy.length === 0
    ? kept
    : kept.toSorted((a, b) => compareBy(sortKeyOf(a, shape, options), sortKeyOf(b, shape, options), options));
}

/** Rows a read has to look at: those an index names, or all, in primary key order and as the replica shows them. */
function candidates(
  session: Session,
  table: Table,
  options: ReadOptions,
  parentId: string | undefined,
): readonly Row[] {
  if (parentId !== undefined) return childrenOf(session, table, parentId);
  const { database } = session;
  const records = database.records(session.company.id, table.entitySet);
  if (database.lagging()) return records.sorted().flatMap((row) => database.visible(row) ?? []);
  const oneOf = options.filter?.oneOf;
  if (!oneOf) return records.sorted();
  const { field, values } = oneOf;
  if (field !== "id" && !records.byIndex(field, values[0]!)) return records.sorted();
  const named = values.flatMap((value) =>
    field === "id" ? (records.get(String(value)) ?? []) : records.byIndex(field, value)!,
  );
  return named.toSorted(byPrimaryKey(table));
}

/** The records below a parent, in primary key order. */
function childrenOf(session: Session, table: Table, parentId: string): readonly Row[] {
  const records = session.database.records(session.company.id, table.entitySet);
  return (records.byIndex(table.parent!.field, parentId) ?? []).toSorted(byPrimaryKey(table));
}

const byPrimaryKey =
  (table: Table) =>
  (a: Row, b: Row): number =>
    a.values[table.key]! < b.values[table.key]! ? -1 : 1;

/** The values a record is ordered by: those asked for, then the primary key. */
function sortKeyOf(row: Row, shape: Shape, options: ReadOptions): (string | number)[] {
  const asked = options.orderBy.map(({ field }) => sortable(field, row.values[field.name]!));
  return [...asked, row.values[shape.table.key] as string | number];
}

function compareBy(a: readonly (string | number)[], b: readonly (string | number)[], options: ReadOptions): number {
  for (const [index, value] of a.entries()) {
    const other = b[index]!;
    if (value === other) continue;
    const rises = value < other ? -1 : 1;
    return options.orderBy[index]?.descending ? -rises : rises;
  }
  return 0;
}

function firstAfter(rows: readonly Row[], shape: Shape, options: ReadOptions): number {
  const found = rows.findIndex((row) => compareBy(sortKeyOf(row, shape, options), options.after!, options) > 0);
  return found === -1 ? rows.length : found;
}

function pageSizeOf(request: ODataRequest, serverSize: number): number {
  const wanted = /odata\.maxpagesize=(\d{1,9})/.exec(request.header("prefer") ?? "")?.[1];
  return wanted === undefined ? serverSize : Math.max(1, Math.min(Number(wanted), serverSize));
}

function preferenceApplied(request: ODataRequest): Record<string, string> {
  const applied = /odata\.maxpagesize=\d+/.exec(request.header("prefer") ?? "")?.[0];
  return applied === undefined ? {} : { "preference-applied": applied };
}

function nextLink(request: ODataRequest, after: readonly (string | number)[]): string {
  const kept = request.search.split("&").filter((part) => part !== "" && !/^(\$|%24)(skiptoken|skip)=/i.test(part));
  return `${request.origin}${request.path}?${[...kept, `$skiptoken=${writeToken(after)}`].join("&")}`;
}
