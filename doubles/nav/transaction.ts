// One transaction of the ERP: validated writes with their triggers, undone together, committed together.

import { randomUUID } from "node:crypto";
import { type Database, type ReplicaLag, type RowChange, stampOf } from "./database.ts";
import { refuse } from "./errors.ts";
import type { Language } from "./language.ts";
import { changesBetween, type PendingEntry } from "./ledger.ts";
import { type Company, fullValues } from "./seed.ts";
import type { Switches } from "./settings.ts";
import { tableOfSet } from "./tables/catalogue.ts";
import type { Field, Value, Values } from "./tables/fields.ts";
import { blankOf } from "./tables/fields.ts";
import type { Row, Table, TriggerContext } from "./tables/table.ts";

/** Who works, in which company and language, and how far behind reads will be of what this request commits. */
export interface Session {
  database: Database;
  switches: Switches;
  company: Company;
  user: string;
  language: Language;
  lag: ReplicaLag | undefined;
  /** Whether a user of the ERP itself is at work, who may enter any number by hand. */
  isErpUser: boolean;
}

/** Writes that succeed or vanish together. Number series are not given back on rollback. */
export interface Transaction {
  readonly session: Session;
  /** Inserts a record from fields in the order they were sent; runs the insert trigger. */
  insert(table: Table, input: ReadonlyMap<Field, Value>, parentId?: string): Row;
  /** Changes the given fields of a record; runs the modify trigger. */
  modify(table: Table, row: Row, input: ReadonlyMap<Field, Value>): Row;
  remove(table: Table, row: Row): void;
  /** Writes a record without trigger and ledger line, as posting does with its entries. */
  insertQuietly(entitySet: string, values: Values): Row;
  /** Gives a record a new row version, as an indirect write does. */
  touch(entitySet: string, id: string): void;
  /** Deletes a record without trigger and ledger line, as posting does with journal lines. */
  removeQuietly(entitySet: string, row: Row): void;
  /** Adds a ledger line of its own. */
  record(entry: Omit<PendingEntry, "company" | "user">): void;
  /** Makes all writes so far permanent; the transaction may go on. */
  commit(): void;
  /** Undoes all writes since the last commit. */
  rollback(): void;
}

/** Begins a transaction of a session. */
export function begin(session: Session): Transaction {
  const { database, company } = session;
  const at = stampOf(database);
  let changes: RowChange[] = [];
  let entries: PendingEntry[] = [];

  const put = (table: Table, before: Row | undefined, after: Row): Row => {
    const records = database.records(company.id, table.entitySet);
    const clash = records.collision(after.values, after.id);
    if (clash !== undefined) refuseDuplicate(table, clash, after.values[clash]!);
    records.put(after);
    changes.push({ companyId: company.id, entitySet: table.entitySet, id: after.id, before, after });
    return after;
  };
  const removeRow = (entitySet: string, row: Row): void => {
    database.records(company.id, entitySet).remove(row.id);
    changes.push({ companyId: company.id, entitySet, id: row.id, before: row, after: undefined });
  };
  const note = (
    kind: PendingEntry["kind"],
    table: Table,
    before: Row | undefined,
    after: Row | undefined,
    key: string | null,
  ) => {
    const changed = changesBetween(table, before, after);
    const number = String((after ?? before)!.values[table.key]);
    entries.push({
      company: company.name,
      user: session.user,
      kind,
      entity: table.entitySet,
      key: number,
      idempotencyKey: key,
      changes: changed,
    });
  };
  const insertQuietly = (entitySet: string, values: Values): Row => {
    const table = tableOfSet(entitySet)!;
    const id = randomUUID();
    const stamped = { ...values, lastModifiedDateTime: at };
    return put(table, undefined, { id, version: database.nextVersion(), values: fullValues(entitySet, id, stamped) });
  };
  const context = contextOf(session, at, insertQuietly, (entitySet, id) => {
    const row = database.records(company.id, entitySet).get(id);
    if (row) put(tableOfSet(entitySet)!, row, { ...row, version: database.nextVersion() });
  });
  const sentKey = (table: Table, input: ReadonlyMap<Field, Value>): string | null => {
    if (session.isErpUser || table.idempotencyField === undefined) return null;
    for (const [field, value] of input) if (field.name === table.idempotencyField && value !== "") return String(value);
    return null;
  };

  return {
    session,
    insert: (table, input, parentId) => {
      const id = randomUUID();
      const values = fullValues(table.entitySet, id, {});
      if (parentId !== undefined && table.parent) values[table.parent.field] = parentId;
      for (const [field, value] of input) assign(session, table, values, field, value);
      number(session, table, values);
      values.lastModifiedDateTime = context.at;
      table.onInsert?.(values, context);
      const row = put(table, undefined, { id, version: database.nextVersion(), values });
      note("insert", table, undefined, row, sentKey(table, input));
      return row;
    },
    modify: (table, row, input) => {
      const values: Values = { ...row.values };
      for (const [field, value] of input) assign(session, table, values, field, value);
      values.lastModifiedDateTime = context.at;
      table.onModify?.(values, row.values, context);
      const after = put(table, row, { id: row.id, version: database.nextVersion(), values });
      note("modify", table, row, after, sentKey(table, input));
      return after;
    },
    remove: (table, row) => {
      table.onDelete?.(row.values, context);
      removeRow(table.entitySet, row);
      note("delete", table, row, undefined, null);
    },
    insertQuietly,
    touch: context.touch,
    removeQuietly: removeRow,
    record: (entry) => entries.push({ company: company.name, user: session.user, ...entry }),
    commit: () => {
      if (changes.length > 0 || entries.length > 0) database.commit(changes, entries, session.lag);
      changes = [];
      entries = [];
    },
    rollback: () => {
      for (const change of changes.reverse()) {
        const records = database.records(company.id, change.entitySet);
        if (change.before) records.put(change.before);
        else records.remove(change.id);
      }
      changes = [];
      entries = [];
    },
  };
}

/** Runs `work` in a transaction of its own: committed when it returns, rolled back when it throws. */
export function inTransaction<T>(session: Session, work: (transaction: Transaction) => T): T {
  const transaction = begin(session);
  try {
    const result = work(transaction);
    transaction.commit();
    return result;
  } catch (error) {
    transaction.rollback();
    throw error;
  }
}

function contextOf(
  session: Session,
  at: string,
  insertQuietly: TriggerContext["insertQuietly"],
  touch: TriggerContext["touch"],
): TriggerContext {
  const { database, company } = session;
  return {
    at,
    mandatoryFields: session.switches.mandatoryFields,
    find: (entitySet, field, value) => database.records(company.id, entitySet).find(field, value),
    byIndex: (entitySet, field, value) => database.records(company.id, entitySet).byIndex(field, value) ?? [],
    insertQuietly,
    touch,
  };
}

/** Sets one field as its OnValidate does: numbers by hand, then the table relation. */
function assign(session: Session, table: Table, values: Values, field: Field, value: Value): void {
  if (value === values[field.name]) return;
  const mayNumber = session.isErpUser || session.switches.manualNumbers || table.series?.manual;
  if (table.series && field.name === table.key && !mayNumber) {
    refuse("Application_DialogException", "manualNumber", table.series.code);
  }
  const related = field.relation;
  if (related && value !== blankOf(field.type)) {
    const found = session.database.records(session.company.id, related.entitySet).find(related.field, value);
    if (!found) {
      const relatedCaption = tableOfSet(related.entitySet)!.caption;
      refuse("Internal_InvalidTableRelation", "relation", field.caption, table.caption, String(value), relatedCaption);
    }
  }
  values[field.name] = value;
}

function number(session: Session, table: Table, values: Values): void {
  if (!table.series || values[table.key] !== "") return;
  const next = session.database.nextNumber(session.company.id, table.series.code);
  values[table.key] = next ?? refuse("Application_DialogException", "seriesExhausted", table.series.code);
}

function refuseDuplicate(table: Table, field: string, value: Value): never {
  const caption = table.fields.find((candidate) => candidate.name === field)?.caption ?? field;
  refuse("Internal_EntityWithSameKeyExists", "recordExists", table.caption, `${caption}='${value}'`);
}
