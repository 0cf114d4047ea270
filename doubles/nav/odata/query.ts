// Query options of a collection read: filter, order, select, top, skip, count, expand, and the page token.

import { refuse } from "../errors.ts";
import type { Field } from "../tables/fields.ts";
import type { Shape } from "./dialect.ts";
import { type Filter, parseFilter } from "./filter.ts";

/** A collection read as asked for. */
export interface ReadOptions {
  filter?: Filter;
  orderBy: { field: Field; descending: boolean }[];
  select?: ReadonlySet<string>;
  top?: number;
  skip: number;
  count: boolean;
  expand: string[];
  /** Sort values and SystemId of the last record of the page before. */
  after?: (string | number)[];
}

/** The query of a URL as names and values; `+` and %20 both mean a space. */
export function parseQuery(search: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) options.set(name, value);
  return options;
}

/** Reads the options of a collection; throws NavRefusal on a bad one. */
export function readOptions(shape: Shape, query: ReadonlyMap<string, string>): ReadOptions {
  const options: ReadOptions = { orderBy: [], skip: 0, count: query.get("$count") === "true", expand: [] };
  const filter = query.get("$filter");
  if (filter !== undefined && filter.trim() !== "") options.filter = parseFilter(shape, filter);
  const order = query.get("$orderby");
  if (order !== undefined) options.orderBy = order.split(",").map((part) => readOrder(shape, part.trim()));
  const select = selectOf(shape, query);
  if (select) options.select = select;
  const top = wholeNumber(query.get("$top"));
  if (top !== undefined) options.top = top;
  options.skip = wholeNumber(query.get("$skip")) ?? 0;
  options.expand = expandOf(shape, query);
  const token = query.get("$skiptoken");
  if (token !== undefined) options.after = readToken(token);
  return options;
}

/** The properties of `$select`, undefined without one. */
export function selectOf(shape: Shape, query: ReadonlyMap<string, string>): Set<string> | undefined {
  const select = query.get("$select");
  if (select === undefined || select === "*") return undefined;
  const names = select.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!shape.byWire.has(name)) refuse("BadRequest", "unknownFilterProperty", name, shape.typeName);
  }
  return new Set(names);
}

/** The parts of `$expand`; each must be a part of the table. */
export function expandOf(shape: Shape, query: ReadonlyMap<string, string>): string[] {
  const names =
    query
      .get("$expand")
      ?.split(",")
      .map((name) => name.trim()) ?? [];
  for (const name of names) {
    if (!shape.table.parts?.includes(name)) refuse("BadRequest", "unknownFilterProperty", name, shape.typeName);
  }
  return names;
}

function readOrder(shape: Shape, part: string): ReadOptions["orderBy"][number] {
  const [, name = "", direction] = /^(\S+)(?:\s+(asc|desc))?$/.exec(part) ?? [];
  const field = shape.byWire.get(name);
  if (!field) return refuse("BadRequest", "unknownFilterProperty", name, shape.typeName);
  return { field, descending: direction === "desc" };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) refuse("BadRequest_NotFound", "syntax");
  return Number(text);
}

/** An opaque page token. */
export const writeToken = (after: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(after)).toString("base64url");

function readToken(token: string): (string | number)[] {
  try {
    const after: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (Array.isArray(after)) return after as (string | number)[];
  } catch {
    // An unreadable token is refused below like any other bad one.
  }
  return refuse("BadRequest_NotFound", "syntax");
}
