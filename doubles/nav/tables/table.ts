// What a table is to the double: fields, keys, rights, triggers, and the records of one company.

import type { Field, Value, Values } from "./fields.ts";

/** One record: SystemId, database-wide row version (new on every write) and values. Replaced, never changed in place. */
export interface Row {
  readonly id: string;
  readonly version: number;
  readonly values: Readonly<Values>;
}

/** What triggers see of the running transaction. */
export interface TriggerContext {
  /** Instant of the write, as the ERP writes instants. */
  readonly at: string;
  /** Patient fields a customisation made mandatory. */
  readonly mandatoryFields: readonly string[];
  find(entitySet: string, field: string, value: Value): Row | undefined;
  byIndex(entitySet: string, field: string, value: Value): readonly Row[];
  /** Inserts a record in the same transaction, without ledger line of its own. */
  insertQuietly(entitySet: string, values: Values): Row;
  /** Gives another record a new row version in the same transaction, as an indirect write does. */
  touch(entitySet: string, id: string): void;
}

/** A bound action, called as `Microsoft.NAV.<name>`. */
type BoundAction = "post" | "receiveAndInvoice";

/** Declaration of a table and the pages over it. */
export interface Table {
  number: number;
  /** AL table name, as messages show it. */
  caption: string;
  entityName: string;
  entitySet: string;
  /** Name of the SOAP page and OData V4 web service, when published. */
  service?: string;
  /** API route: the standard API or the hospital's own custom API. */
  route: "standard" | "custom";
  fields: readonly Field[];
  /** JSON name of the primary key field. */
  key: string;
  /** Other fields whose non-blank values are unique. */
  unique: readonly string[];
  /** Fields with an index but no uniqueness. */
  indexed?: readonly string[];
  /** Number series for a blank primary key, and whether numbers may also be entered by hand. */
  series?: { code: string; manual: boolean };
  allows: { insert: boolean; modify: boolean; delete: boolean };
  /** Field whose value, when a write sends it, is the idempotency key of that write. */
  idempotencyField?: string;
  /** Field holding the id of the parent record, and the parent's entity set. */
  parent?: { entitySet: string; field: string };
  /** Child entity sets that can be expanded, read below the record and inserted with it. */
  parts?: readonly string[];
  actions?: readonly BoundAction[];
  /** OnInsert trigger: may change `values` (which has its id and number) or refuse. */
  onInsert?(values: Values, context: TriggerContext): void;
  /** OnModify trigger: may change `values` or refuse. */
  onModify?(values: Values, before: Readonly<Values>, context: TriggerContext): void;
  /** OnDelete trigger. */
  onDelete?(before: Readonly<Values>, context: TriggerContext): void;
}

/** Records of one table in one company, with unique and plain indexes and the primary key order. */
export interface Records {
  readonly table: Table;
  get(id: string): Row | undefined;
  /** The first record with exactly this value; uses an index where there is one. */
  find(field: string, value: Value): Row | undefined;
  /** Records whose indexed field has this value; undefined when the field has no index. */
  byIndex(field: string, value: Value): readonly Row[] | undefined;
  /** A unique field of `values` that another record than `id` already holds. */
  collision(values: Readonly<Values>, id: string): string | undefined;
  put(row: Row): void;
  remove(id: string): void;
  /** All records in primary key order; do not change the array. */
  sorted(): readonly Row[];
  readonly size: number;
}

/** Empty records of a table. */
export function createRecords(table: Table): Records {
  const rows = new Map<string, Row>();
  const indexes = new Map<string, Map<Value, Set<string>>>();
  const uniqueFields = [table.key, ...table.unique];
  for (const name of [...uniqueFields, ...(table.indexed ?? [])]) indexes.set(name, new Map());
  let order: Row[] | undefined;

  const unindex = (row: Row): void => {
    for (const [name, index] of indexes) {
      const value = row.values[name]!;
      const ids = index.get(value);
      ids?.delete(row.id);
      if (ids?.size === 0) index.delete(value);
    }
  };
  const toRows = (ids: Set<string> | undefined): Row[] => (ids ? [...ids].map((id) => rows.get(id)!) : []);
  const place = (row: Row, before: Row | undefined): void => {
    if (!order) return;
    if (!before || before.values[table.key] !== row.values[table.key]) order = undefined;
    else order[positionOf(order, row, table.key)] = row;
  };

  return {
    table,
    get: (id) => rows.get(id),
    find: (name, value) => {
      if (name === "id") return rows.get(String(value));
      const index = indexes.get(name);
      if (index) return toRows(index.get(value))[0];
      for (const row of rows.values()) if (row.values[name] === value) return row;
      return undefined;
    },
    byIndex: (name, value) => {
      const index = indexes.get(name);
      return index && toRows(index.get(value));
    },
    collision: (values, id) =>
      uniqueFields.find((name) => {
        const value = values[name]!;
        if (value === "" && name !== table.key) return false;
        const ids = indexes.get(name)!.get(value);
        return ids !== undefined && [...ids].some((other) => other !== id);
      }),
    put: (row) => {
      const before = rows.get(row.id);
      if (before) unindex(before);
      rows.set(row.id, row);
      for (const [name, index] of indexes) {
        const value = row.values[name]!;
        const ids = index.get(value);
        if (ids) ids.add(row.id);
        else index.set(value, new Set([row.id]));
      }
      place(row, before);
    },
    remove: (id) => {
      const before = rows.get(id);
      if (!before) return;
      unindex(before);
      rows.delete(id);
      order = undefined;
    },
    sorted: () => {
      order ??= [...rows.values()].sort((a, b) => compareValues(a.values[table.key]!, b.values[table.key]!));
      return order;
    },
    get size() {
      return rows.size;
    },
  };
}

/** Position of a record in primary key order, by halving. */
function positionOf(order: readonly Row[], row: Row, key: string): number {
  let low = 0;
  let high = order.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareValues(order[middle]!.values[key]!, row.values[key]!) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Order of two values of one field. */
function compareValues(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
