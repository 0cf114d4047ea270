// Records of an ERP under test, the desk behind it, and the calls that the contract suites make of them.

import type { CallContext } from "#canonical/contracts";
import { type ErrorCode, LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { newTrace } from "#kernel/trace";

/** A change the ERP has truly made. */
export type ErpChange = { readonly kind: "insert" | "modify"; readonly idempotencyKey: string | null };

/** What goes wrong with the next call of the kind named. */
export type ErpFault = {
  readonly kind:
    | "commit-then-drop"
    | "commit-then-error"
    | "commit-then-cut-answer"
    | "drop-before-commit"
    | "lock"
    | "deadlock"
    | "throttle"
    | "unavailable"
    | "slow"
    | "html"
    | "unauthorised"
    | "edited-meanwhile"
    | "restart";
  readonly on: "read" | "create" | "update";
  readonly retryAfterSeconds?: number;
};

/** One record of the ERP, whatever it is of. */
export type ErpRecord = { readonly externalId: string; readonly version: string; readonly modifiedAt: number };

/** What every port that writes records under idempotency keys has. */
type RecordPort<New, Values, Kept> = {
  read(externalId: string, context: CallContext): Promise<Kept | undefined>;
  findByIdempotencyKey(key: string, context: CallContext): Promise<Kept | undefined>;
  create(values: New, key: string, context: CallContext): Promise<Kept>;
  update(externalId: string, version: string, values: Values, key: string, context: CallContext): Promise<Kept>;
};

/** The desk behind an ERP under test, about records of one kind. */
export type ErpDesk = {
  /** Every change to a record of the kind, in order of commit. */
  changes(): Promise<readonly ErpChange[]>;
  fault(fault: ErpFault): Promise<void>;
  /** From now on one call in a few goes wrong in one of the ways above, by a fixed pseudo-random row. */
  storm(): Promise<void>;
  calm(): Promise<void>;
  close(): Promise<void>;
};

/** Records of one kind of an ERP under test. */
export type RecordsUnderTest<
  New,
  Values,
  Kept extends ErpRecord,
  Port extends RecordPort<New, Values, Kept> = RecordPort<New, Values, Kept>,
> = ErpDesk & {
  /** With a time-out that no sound call reaches, however busy the machine. */
  readonly port: Port;
  /** The same with a time-out well below what a slow ERP takes. */
  readonly hasty: Port;
  /** The values of a record that the ERP does not have yet. */
  fresh(more?: Partial<New>): New;
  /** The values of an update; another number, another update. */
  change(variant: number): Values;
  /** Changes something as a user of the ERP does. */
  editAsUser(record: Kept): Promise<void>;
};

/** A call of a journey of its own. */
export const context = (): CallContext => ({ traceparent: newTrace() });
/** The error of a call that must fail. */
export async function failure(work: Promise<unknown>): Promise<LockgateError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LockgateError) return error;
    throw error;
  }
  throw new Error("the call did not fail");
}

/** The code of a call that must fail. */
export const codeOf = async (work: Promise<unknown>): Promise<ErrorCode> => (await failure(work)).code;

/** The calls of the port under test, each under a context and, where it writes, a key of its own. */
export function callsOf<New, Values, Kept extends ErpRecord>(
  current: () => RecordsUnderTest<New, Values, Kept>,
  port = () => current().port,
) {
  return {
    create: (more: Partial<New> = {}, key = newId()) => port().create(current().fresh(more), key, context()),
    update: (record: ErpRecord, values: Values, key = newId(), version = record.version) =>
      port().update(record.externalId, version, values, key, context()),
    read: (record: ErpRecord) => port().read(record.externalId, context()),
    findKey: (key: string) => port().findByIdempotencyKey(key, context()),
    changesUnder: async (key: string) =>
      (await current().changes()).filter((change) => change.idempotencyKey === key).length,
  };
}
