// What both protocols share: the connector's own face, checks that need no ERP, and errors after a write.

import type { CallContext, ErpPatient, ErpPatients, ErpSupplies, PatientCursor } from "#canonical/contracts";
import { asLockgateError, LockgateError } from "#kernel/errors";
import { readVersion, type VersionParts } from "./version.ts";

/** What every part of a NAV connection has beside its port. */
type Connection = {
  /**
   * Proves address, credentials, company, pages and their fields by reading only. Rejects as a read does, and with
   * `ERP_UNSUPPORTED` at the page or field that is missing or holds less than Lockgate writes.
   */
  probe(context: CallContext): Promise<void>;
  /** Lets the calls in hand end; later ones reject with `ERP_UNAVAILABLE`, those of the other parts too. */
  close(): Promise<void>;
};

/** The patients of one NAV company. */
export type NavPatients = ErpPatients & Connection;

/** The requisition worksheet of one NAV company, and the lists behind it. */
export type NavSupplies = ErpSupplies & Connection;

/** The version to update, unless it already shows that the update cannot or need not be sent. */
export function usableVersion(version: string, key: string): VersionParts {
  const parts = readVersion(version);
  if (!parts) throw new LockgateError("ERP_STALE", { reason: "NAV_FOREIGN_VERSION" });
  if (parts.reference === key) throw new LockgateError("ERP_DUPLICATE_KEY", { reason: "NAV_KEY_ON_RECORD" });
  return parts;
}

/** What failed after NAV had answered a write: the write stands, so no failure may say that it does not. */
export async function afterWrite<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const error = asLockgateError(thrown);
    throw error.disposition === "ambiguous" ? error : new LockgateError("ERP_NO_ANSWER", { reason: error.code });
  }
}

/** Cursor order: by time, then by id in code-unit order. */
export const byCursor = (a: PatientCursor, b: PatientCursor): number =>
  a.modifiedAt - b.modifiedAt || (a.externalId < b.externalId ? -1 : a.externalId > b.externalId ? 1 : 0);

/** The patients with that birth date, and the ones without any. */
export const withBirthDate = (patients: readonly ErpPatient[], birthDate: string | undefined): readonly ErpPatient[] =>
  birthDate === undefined ? patients : patients.filter(({ values }) => (values.birthDate ?? birthDate) === birthDate);

/** `texts` in pieces of at most `size`. */
export const inPieces = (texts: readonly string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(texts.length / size) }, (_, index) => texts.slice(index * size, (index + 1) * size));
