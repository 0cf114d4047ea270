// An ERP under test, the desk behind it, and the calls that the contract suite makes of it.

import type { CallContext, ErpPatient, ErpPatients, NewPatientValues, PatientValues } from "#canonical/contracts";
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

/** An ERP under test and the desk behind it. */
export type ErpUnderTest = {
  /** With a time-out that no sound call reaches, however busy the machine. */
  readonly patients: ErpPatients;
  /** The same with a time-out well below what a slow ERP takes. */
  readonly hasty: ErpPatients;
  /** Every change to a patient, in order of commit. */
  changes(): Promise<readonly ErpChange[]>;
  fault(fault: ErpFault): Promise<void>;
  /** From now on one call in a few goes wrong in one of the ways above, by a fixed pseudo-random row. */
  storm(): Promise<void>;
  calm(): Promise<void>;
  /** Changes the family name as a user of the ERP does. */
  editAsUser(patient: ErpPatient, familyName: string): Promise<void>;
  close(): Promise<void>;
};

/** A call of a journey of its own. */
export const context = (): CallContext => ({ traceparent: newTrace() });
export const authority = "RXX";

/** The number of the last new patient. */
let serial = 0;
/** A patient with a local number of its own and little else. */
export const newPatient = (more: Partial<NewPatientValues> = {}): NewPatientValues => {
  serial += 1;
  return { mrn: `CT${serial}`, mrnAuthority: authority, familyName: "Thackeray", givenName: "Iris", ...more };
};

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
export function callsOf(current: () => ErpUnderTest, port = () => current().patients) {
  return {
    create: (more: Partial<NewPatientValues> = {}, key = newId()) => port().create(newPatient(more), key, context()),
    update: (patient: ErpPatient, values: PatientValues, key = newId(), version = patient.version) =>
      port().update(patient.externalId, version, values, key, context()),
    read: (patient: ErpPatient) => port().read(patient.externalId, context()),
    findKey: (key: string) => port().findByIdempotencyKey(key, context()),
    changesUnder: async (key: string) =>
      (await current().changes()).filter((change) => change.idempotencyKey === key).length,
  };
}
