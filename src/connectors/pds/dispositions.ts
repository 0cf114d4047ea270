// What each way a PDS request can end means: one table from outcome to answer or error code, for reads and for updates.

import type { NationalAnswer } from "#canonical/contracts";
import { type ErrorCode, LockgateError } from "#kernel/errors";
import { listOf, objectOf } from "./json.ts";
import type { Loss } from "./wire.ts";

/** An answer to a read that is no failure. */
export type Told = { readonly outcome: Exclude<NationalAnswer["outcome"], "found"> };
type Meaning = ErrorCode | Told["outcome"];

/** How a request ended without what was asked for. */
export type Ending =
  | Loss
  | {
      readonly phase: "answered";
      readonly status: number;
      /** The service's own code, where the table knows it. */
      readonly code?: string | undefined;
      /** Whether the body is an OperationOutcome: the service itself spoke, or its gateway. */
      readonly isOutcome: boolean;
      readonly retryAfterMs?: number | undefined;
    };

/** One case. What a row does not name, it does not ask about; the first row that fits decides. */
type Row = {
  readonly name: string;
  readonly phase: Ending["phase"];
  /** Lowest and highest status. */
  readonly status?: readonly [number, number];
  readonly codes?: readonly string[];
  readonly isOutcome?: true;
  readonly read: Meaning;
  readonly update: ErrorCode;
};

const only = (status: number): readonly [number, number] => [status, status];
const both = (code: ErrorCode) => ({ read: code, update: code }) as const;
/** A read has no effect; of an update nobody knows. "Does not imply the request failed" (PDS, on 503). */
const unsure = { read: "NATIONAL_UNAVAILABLE", update: "NATIONAL_NO_ANSWER" } as const;

const refusals = [
  "UNSUPPORTED_SERVICE",
  "MISSING_VALUE",
  "INVALID_VALUE",
  "INVALID_UPDATE",
  "INVALID_RESOURCE_ID",
  "INVALID_SEARCH_DATA",
  "VALIDATION_ERROR",
  "UNSUPPORTED_CHARACTERS_IN_FIELD",
  "ADDITIONAL_PROPERTIES",
  "UNSUPPORTED_VALUE",
  "TOO_FEW_VALUES_SUBMITTED",
  "TOO_MANY_VALUES_SUBMITTED",
  "FORBIDDEN_UPDATE",
  "SINGLE_MATCH_FOUND",
  "MULTIPLE_MATCHES_FOUND",
];

export const dispositions: readonly Row[] = [
  { name: "never connected, or given up before sending", phase: "unsent", ...both("NATIONAL_UNAVAILABLE") },
  { name: "no answer in time, connection lost, call aborted", phase: "sent", ...unsure },

  // Decided by code, whatever status it comes under: the two sandboxes of the service differ in theirs.
  { name: "rate limit", phase: "answered", codes: ["TOO_MANY_REQUESTS"], ...both("NATIONAL_THROTTLED") },
  {
    name: "service behind it too slow",
    phase: "answered",
    codes: ["SERVICE_UNAVAILABLE", "UNABLE_TO_CALL_SERVICE"],
    ...unsure,
  },
  {
    name: "credentials refused",
    phase: "answered",
    codes: ["ACCESS_DENIED", "INVALID_METHOD"],
    ...both("NATIONAL_UNAUTHORISED"),
  },
  {
    name: "no such number",
    phase: "answered",
    codes: ["RESOURCE_NOT_FOUND"],
    read: "none",
    update: "NATIONAL_REFUSED",
  },
  {
    name: "record withdrawn",
    phase: "answered",
    codes: ["INVALIDATED_RESOURCE"],
    read: "invalidated",
    update: "NATIONAL_REFUSED",
  },
  {
    name: "several fit",
    phase: "answered",
    codes: ["TOO_MANY_MATCHES"],
    read: "several",
    update: "NATIONAL_BAD_ANSWER",
  },
  {
    name: "record changed",
    phase: "answered",
    codes: ["RESOURCE_VERSION_MISMATCH", "PRECONDITION_FAILED"],
    read: "NATIONAL_BAD_ANSWER",
    update: "NATIONAL_STALE",
  },
  {
    name: "request refused",
    phase: "answered",
    status: [400, 499],
    codes: refusals,
    ...both("NATIONAL_REFUSED"),
  },

  // Decided by status: gateways on the way say no code, or one of their own.
  { name: "rate limit of a gateway", phase: "answered", status: only(429), ...both("NATIONAL_THROTTLED") },
  { name: "credentials refused by a gateway", phase: "answered", status: only(401), ...both("NATIONAL_UNAUTHORISED") },
  { name: "request took too long", phase: "answered", status: only(408), ...unsure },
  {
    name: "record changed, by status alone",
    phase: "answered",
    status: only(409),
    read: "NATIONAL_BAD_ANSWER",
    update: "NATIONAL_STALE",
  },
  {
    name: "precondition failed, by status alone",
    phase: "answered",
    status: only(412),
    read: "NATIONAL_BAD_ANSWER",
    update: "NATIONAL_STALE",
  },
  {
    name: "refused under a code that is new",
    phase: "answered",
    status: [400, 403],
    isOutcome: true,
    ...both("NATIONAL_REFUSED"),
  },
  { name: "fault of the service or of a gateway", phase: "answered", status: [500, 599], ...unsure },

  // Success that is none, redirections, and pages of somebody in between: a wrong address must not read as "none".
  { name: "anything else", phase: "answered", ...both("NATIONAL_BAD_ANSWER") },
];

const known = new Set(dispositions.flatMap(({ codes = [] }) => codes));

/** The row that decides an ending. */
export function rowFor(ending: Ending): Row {
  const isWithin = ([lowest, highest]: readonly [number, number], status: number): boolean =>
    status >= lowest && status <= highest;
  const fits = (row: Row): boolean => {
    if (row.phase !== ending.phase) return false;
    if (ending.phase !== "answered") return true;
    if (row.status && !isWithin(row.status, ending.status)) return false;
    if (row.codes && !row.codes.includes(ending.code ?? "")) return false;
    return !row.isOutcome || ending.isOutcome;
  };
  return dispositions.find(fits)!;
}

/** What an ending says of a read. @throws LockgateError where it says nothing */
export function toldBy(ending: Ending): Told {
  const { read } = rowFor(ending);
  if (read === "none" || read === "several" || read === "invalidated") return { outcome: read };
  throw errorOf(ending, read);
}

/** The error of an update that ended so. */
export const updateError = (ending: Ending): LockgateError => errorOf(ending, rowFor(ending).update);

/** Its reason is a code of the table above, the HTTP status or the socket's code: never a text that was received. */
function errorOf(ending: Ending, code: ErrorCode): LockgateError {
  if (ending.phase !== "answered") return new LockgateError(code, { reason: ending.cause });
  const { retryAfterMs } = ending;
  return new LockgateError(code, {
    reason: ending.code ?? `HTTP ${ending.status}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The first code of an OperationOutcome that the table knows; nothing else may pass for a code. */
export function codeOf(outcome: unknown): string | undefined {
  for (const issue of listOf(objectOf(outcome).issue)) {
    for (const { code } of listOf(objectOf(issue.details).coding)) {
      if (typeof code === "string" && known.has(code)) return code;
    }
  }
  return undefined;
}
