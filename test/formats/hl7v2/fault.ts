// What a call throws, as a LockgateError; anything else that is thrown fails the test.

import { type ErrorCode, LockgateError } from "#kernel/errors";

/** Code and place of the error that `call` throws; `undefined` when it throws none. */
export function errorOf(call: () => unknown): { code: ErrorCode; at: string | undefined } | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!(error instanceof LockgateError)) throw error;
    return { code: error.code, at: error.at };
  }
}

/** The code alone. */
export const codeOf = (call: () => unknown): ErrorCode | undefined => errorOf(call)?.code;
