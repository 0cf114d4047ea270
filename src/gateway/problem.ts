// An error as RFC 9457 problem details.

import { errorTable, type LockgateError } from "#kernel/errors";

/** What an error is answered with: its code, and words that hold no value of the request. */
export const problemOf = (error: LockgateError, status: number) => ({
  type: `urn:lockgate:error:${error.code}`,
  title: errorTable[error.code].text,
  status,
  code: error.code,
  detail: error.message,
});
