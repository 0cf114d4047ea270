// A system of record in memory, as write-back needs one, with the faults that a real one has.

import type { Held, Target, Values } from "#engine/writeback";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";

/** What goes wrong with one write. */
export type Fault =
  /** Somebody writes another field of the record just before. */
  | "stale"
  /** It is written, and the answer is lost. */
  | "commit-then-drop"
  /** Nothing is written, and the answer is lost. */
  | "drop"
  | "refused"
  | "locked"
  | "unsupported"
  /** It is written, but blank. */
  | "mismatch";

const FAULTS = {
  refused: "ERP_REFUSED",
  locked: "ERP_LOCKED",
  unsupported: "ERP_UNSUPPORTED",
  drop: "ERP_NO_ANSWER",
} as const;

type Row = { values: Values; revision: number; modifiedAt: number; lastKey: string | undefined };

/** A target that counts what is asked of it. */
export function fakeTarget(name = "fake") {
  const rows = new Map<string, Row>();
  const keys = new Map<string, string>();
  const faults: Fault[] = [];
  const calls: string[] = [];
  const writes: { readonly externalId: string; readonly key: string; readonly values: Values }[] = [];
  let isDown = false;

  const called = (what: string): void => {
    calls.push(what);
    if (isDown) throw new LockgateError("ERP_UNAVAILABLE");
  };
  const heldOf = (externalId: string | undefined): Held | undefined => {
    const row = externalId === undefined ? undefined : rows.get(externalId);
    if (!row || externalId === undefined) return undefined;
    const { revision, modifiedAt, lastKey, values } = row;
    return { externalId, version: `v${revision}`, modifiedAt, values: { ...values }, idempotencyKey: lastKey };
  };
  const put = (externalId: string, values: Values, key: string | undefined): Held => {
    const row = rows.get(externalId);
    rows.set(externalId, {
      values: { ...row?.values, ...values },
      revision: (row?.revision ?? 0) + 1,
      modifiedAt: Date.now(),
      lastKey: key ?? row?.lastKey,
    });
    return heldOf(externalId)!;
  };
  /** Somebody else's change. */
  const edit = (externalId: string, values: Values): Held => put(externalId, values, undefined);

  const write = (externalId: string, values: Values, key: string, fault: Fault | undefined): Held => {
    const blank = Object.fromEntries(Object.keys(values).map((field) => [field, null]));
    const held = put(externalId, fault === "mismatch" ? blank : values, key);
    keys.set(key, externalId);
    writes.push({ externalId, key, values });
    if (fault === "commit-then-drop") throw new LockgateError("ERP_NO_ANSWER");
    return held;
  };
  const refuse = (fault: Fault | undefined, key: string): void => {
    if (fault && fault in FAULTS) throw new LockgateError(FAULTS[fault as keyof typeof FAULTS]);
    if (keys.has(key)) throw new LockgateError("ERP_DUPLICATE_KEY");
  };

  const target: Target = {
    name,
    async read(externalId) {
      called("read");
      return heldOf(externalId);
    },
    async findByIdempotencyKey(key) {
      called("find");
      return heldOf(keys.get(key));
    },
    async create(values, key) {
      called("create");
      const fault = faults.shift();
      refuse(fault, key);
      return write(newId(), values, key, fault);
    },
    async update(externalId, version, values, key) {
      called("update");
      const fault = faults.shift();
      if (fault === "stale") edit(externalId, { touched: String(calls.length) });
      refuse(fault, key);
      const current = heldOf(externalId);
      if (!current) throw new LockgateError("ERP_NOT_FOUND");
      if (current.version !== version) throw new LockgateError("ERP_STALE");
      return write(externalId, values, key, fault);
    },
  };
  return {
    target,
    /** Every call, in order. */
    calls,
    /** Every write of ours that took place, in order. */
    writes,
    edit,
    held: (externalId: string) => heldOf(externalId)!,
    /** A record that was there before we were. */
    existing: (values: Values): Held => edit(newId(), values),
    remove: (externalId: string) => void rows.delete(externalId),
    /** Faults of the writes to come, one each. */
    fail: (...next: Fault[]) => void faults.push(...next),
    down(value: boolean) {
      isDown = value;
    },
  };
}
