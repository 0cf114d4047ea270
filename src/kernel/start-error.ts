// Tells why a data directory or the embedded PostgreSQL could not be used, as one of the START codes.

import { LockgateError } from "./errors.ts";

const diskFullCodes = new Set(["ENOSPC", "EDQUOT"]);
const diskFullText = /No space left on device|Disk quota exceeded/;

/**
 * A failed file operation on the data directory as a LockgateError: `START_DISK_FULL` when the disk or the quota is
 * full, else `START_DATA_UNUSABLE`. `at` is the path to show. A LockgateError passes unchanged.
 */
export function dataDirectoryError(thrown: unknown, at: string): LockgateError {
  if (thrown instanceof LockgateError) return thrown;
  const systemCode = (thrown as NodeJS.ErrnoException | undefined)?.code;
  const full = systemCode !== undefined && diskFullCodes.has(systemCode);
  return new LockgateError(full ? "START_DISK_FULL" : "START_DATA_UNUSABLE", {
    at,
    ...(systemCode === undefined ? {} : { reason: systemCode }),
    cause: thrown,
  });
}

/**
 * A failure of `initdb` or `postgres` as a LockgateError, told from what the program printed: `START_DISK_FULL` or
 * `DATABASE_START_FAILED`. The printed lines become the cause, never the message.
 */
export function serverError(printed: string, at: string, reason?: string): LockgateError {
  const code = diskFullText.test(printed) ? "START_DISK_FULL" : "DATABASE_START_FAILED";
  return new LockgateError(code, { at, ...(reason === undefined ? {} : { reason }), cause: new Error(printed.trim()) });
}
