// The ledger: what truly changed in the ERP, one entry per committed change, for tests to count.

import type { Field, Value } from "./tables/fields.ts";
import { blankOf } from "./tables/fields.ts";
import type { Row, Table } from "./tables/table.ts";

/** What a ledger entry says happened. */
type ChangeKind = "insert" | "modify" | "delete" | "post";

/** One committed change. */
export interface LedgerEntry {
  /** 1, 2, 3 … in commit order, without gaps. */
  seq: number;
  /** ISO instant of the commit. */
  at: string;
  company: string;
  kind: ChangeKind;
  /** Entity set. */
  entity: string;
  /** Primary key value. */
  key: string;
  /** User that made the change: the web service user, or `ERPUSER` for a user of the ERP itself. */
  user: string;
  /** Idempotency key the write carried; null when it carried none. */
  idempotencyKey: string | null;
  /** Real changes by JSON field name; an insert lists every non-blank field with `from` null. */
  changes: Record<string, { from: unknown; to: unknown }>;
}

/** A change waiting for its commit. */
export type PendingEntry = Omit<LedgerEntry, "seq" | "at">;

const counts = (field: Field): boolean => field.name !== "lastModifiedDateTime" && !field.hidden;

/** The real differences between two states of a record; `before` undefined for an insert, `after` for a delete. */
export function changesBetween(table: Table, before: Row | undefined, after: Row | undefined): LedgerEntry["changes"] {
  const changes: LedgerEntry["changes"] = {};
  for (const field of table.fields.filter(counts)) {
    const blank = blankOf(field.type);
    const from: Value = before ? before.values[field.name]! : blank;
    const to: Value = after ? after.values[field.name]! : blank;
    if (from !== to) changes[field.name] = { from: before ? from : null, to: after ? to : null };
  }
  return changes;
}
