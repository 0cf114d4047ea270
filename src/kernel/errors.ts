// The error every part of Lockgate throws: a code from the table and where it happened, never a value.

import { type Disposition, type ErrorCode, type ErrorRow, errorTable } from "./error-table.ts";

export { type Disposition, type ErrorCode, type ErrorRow, errorTable };

/** What may accompany a code. Values from messages are not among it. */
export type ErrorDetail = {
  /** Where: a setting's path, a field path such as `PID-7`, a file, a host and port. */
  readonly at?: string;
  /** A reason code of the rules, e.g. `DQ-NHS-003`, or the other side's own code. */
  readonly reason?: string;
  /** The other side asked to wait this long before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
};

/** An error with a code of the table; `message` is safe to log and to show. */
export class LockgateError extends Error {
  override readonly name = "LockgateError";
  readonly code: ErrorCode;
  readonly at: string | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    const where = [detail.at, detail.reason].filter(Boolean).join(", ");
    super(where ? `${errorTable[code].text} (${where})` : errorTable[code].text, { cause: detail.cause });
    this.code = code;
    this.at = detail.at;
    this.reason = detail.reason;
    this.retryAfterMs = detail.retryAfterMs;
  }

  get row(): ErrorRow {
    return errorTable[this.code];
  }

  get disposition(): Disposition {
    return errorTable[this.code].disposition;
  }
}

/** Anything thrown, as a LockgateError; what is not one becomes `INTERNAL` with the original as its cause. */
export function asLockgateError(thrown: unknown): LockgateError {
  return thrown instanceof LockgateError ? thrown : new LockgateError("INTERNAL", { cause: thrown });
}
