// What each way a NAV request can end means: one table from outcome to error code, for reads and for writes.

import { type ErrorCode, LockgateError } from "#kernel/errors";

/**
 * How far a request came. `unsent`: not a byte of it left this machine. `sent`: it may have left, and no whole answer
 * came back. `answered`: a whole answer came back.
 */
export type Phase = "unsent" | "sent" | "answered";

/**
 * What the English text of a refusal says where NAV's code alone does not tell. The texts come from Microsoft's
 * documentation; requests ask for English. In another language there is no sign, and a write stays ambiguous.
 */
type Sign = "locked" | "changed" | "exists" | "missing";

/** How a request ended. */
export type Outcome = {
  readonly phase: Phase;
  /** HTTP status, once answered. */
  readonly status?: number;
  /** OData error code, or the last name of a SOAP fault code (a .NET exception). Undefined if the body has none. */
  readonly code?: string | undefined;
  readonly sign?: Sign | undefined;
  /** The field of ours that a refusal is about. */
  readonly at?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Why there is no answer, e.g. `ECONNREFUSED`. */
  readonly cause?: string | undefined;
};

/** One case. What a row does not name, it does not ask about; the first row that fits decides. */
type Row = {
  readonly name: string;
  readonly phase: Phase;
  /** Lowest and highest status. */
  readonly status?: readonly [number, number];
  readonly code?: RegExp;
  /** Whether there must be no code at all: a body of a web server, a gateway or nobody. */
  readonly isBare?: true;
  readonly sign?: Sign;
  readonly read: ErrorCode;
  readonly write: ErrorCode;
};

const only = (status: number): readonly [number, number] => [status, status];
const both = (code: ErrorCode) => ({ read: code, write: code }) as const;
/** A read can always be repeated; a write of which nobody knows cannot. */
const lost = { read: "ERP_UNAVAILABLE", write: "ERP_NO_ANSWER" } as const;
const puzzling = { read: "ERP_UNAVAILABLE", write: "ERP_BAD_ANSWER" } as const;

export const dispositions: readonly Row[] = [
  { name: "never connected, or given up before sending", phase: "unsent", ...both("ERP_UNAVAILABLE") },
  { name: "no answer in time, connection lost, call aborted", phase: "sent", ...lost },

  // Answers that come before the ERP's own work, whatever code they carry.
  { name: "rate limit", phase: "answered", status: only(429), ...both("ERP_THROTTLED") },
  {
    name: "service or tenant away, or request queued too long",
    phase: "answered",
    status: only(503),
    ...both("ERP_UNAVAILABLE"),
  },
  {
    name: "tenant away",
    phase: "answered",
    code: /^(Internal_TenantUnavailable|NavTenantNotAccessibleException)$/,
    ...both("ERP_UNAVAILABLE"),
  },
  { name: "credentials refused", phase: "answered", status: only(401), ...both("ERP_UNAUTHORISED") },
  {
    name: "credentials refused by code",
    phase: "answered",
    code: /^(Authentication_|Authorization_|NavInvalidCredential|NavPermission)/,
    ...both("ERP_UNAUTHORISED"),
  },
  { name: "no permission", phase: "answered", status: only(403), ...both("ERP_UNAUTHORISED") },

  // Answers of which nobody knows whether the ERP went on working.
  { name: "operation took too long in the ERP", phase: "answered", status: only(408), ...lost },
  { name: "gateway lost the ERP", phase: "answered", status: only(502), ...lost },
  { name: "gateway waited too long", phase: "answered", status: only(504), ...lost },

  // The record is not what the caller thought. Decided by code: the status differs between versions.
  {
    name: "record changed",
    phase: "answered",
    code: /^(Request_EntityChanged|NavCSideRecordChangedException)$/,
    ...both("ERP_STALE"),
  },
  { name: "record changed, by text", phase: "answered", code: /^Nav/, sign: "changed", ...both("ERP_STALE") },
  { name: "precondition failed, by status alone", phase: "answered", status: only(412), ...both("ERP_STALE") },
  // The ETag is of a form this version does not write, e.g. kept over an upgrade: reading again cures it.
  { name: "ETag not understood", phase: "answered", code: /^BadRequest_InvalidToken$/, ...both("ERP_STALE") },
  {
    name: "key or unique field taken",
    phase: "answered",
    code: /^(Internal_EntityWithSameKeyExists|NavCSideDuplicateKeyException)$/,
    ...both("ERP_DUPLICATE_KEY"),
  },
  {
    name: "record missing",
    phase: "answered",
    code: /^(Internal_RecordNotFound|NavCSideRecordNotFoundException)$/,
    ...both("ERP_NOT_FOUND"),
  },

  // Nothing of that kind is offered.
  {
    name: "page, company or operation not there",
    phase: "answered",
    code: /^(BadRequest_(ResourceNotFound|NotFound|MethodNotAllowed|MethodNotImplemented)|Internal_CompanyNotFound|NavCompanyNotFoundException|NavServiceNotFoundException)$/,
    ...both("ERP_UNSUPPORTED"),
  },
  { name: "endpoint disabled", phase: "answered", status: only(405), ...both("ERP_UNSUPPORTED") },
  { name: "not implemented", phase: "answered", status: only(501), ...both("ERP_UNSUPPORTED") },

  // Refusals: the ERP's business code ran and took everything back.
  { name: "application error", phase: "answered", code: /^Application_/, ...both("ERP_REFUSED") },
  {
    name: "application error over SOAP",
    phase: "answered",
    code: /^Nav(NCL|TestField|Filter|CSideValidate)/,
    ...both("ERP_REFUSED"),
  },
  {
    name: "relation, field or request refused",
    phase: "answered",
    code: /^(Internal_(InvalidTableRelation|DataNotFoundFilter|RecordSetNotFound)|BadRequest)/,
    ...both("ERP_REFUSED"),
  },
  {
    name: "request refused over SOAP",
    phase: "answered",
    code: /^NavODataBadRequestException$/,
    ...both("ERP_REFUSED"),
  },
  { name: "body too large", phase: "answered", status: only(413), ...both("ERP_REFUSED") },
  {
    name: "refused without a code of its own",
    phase: "answered",
    status: only(400),
    code: /^Unknown$/,
    ...both("ERP_REFUSED"),
  },

  // Lock time-outs and deadlocks share their code with every fault of the server; only the text tells them apart.
  { name: "record locked, or chosen as deadlock victim", phase: "answered", sign: "locked", ...both("ERP_LOCKED") },
  {
    name: "key or unique field taken, by text",
    phase: "answered",
    code: /^Nav/,
    sign: "exists",
    ...both("ERP_DUPLICATE_KEY"),
  },
  { name: "record missing, by text", phase: "answered", code: /^Nav/, sign: "missing", ...both("ERP_NOT_FOUND") },

  // What cannot be understood.
  { name: "success that cannot be read", phase: "answered", status: [200, 299], ...both("ERP_BAD_ANSWER") },
  { name: "redirection", phase: "answered", status: [300, 399], ...both("ERP_BAD_ANSWER") },
  { name: "refusal by somebody in between", phase: "answered", status: [400, 499], isBare: true, ...puzzling },
  { name: "server fault after which the work may stand", phase: "answered", ...puzzling },
];

/** The row that decides an outcome. */
export function rowFor(outcome: Outcome): Row {
  const fits = (row: Row): boolean =>
    row.phase === outcome.phase &&
    (!row.status || (outcome.status! >= row.status[0] && outcome.status! <= row.status[1])) &&
    (!row.code || (outcome.code !== undefined && row.code.test(outcome.code))) &&
    (!row.isBare || outcome.code === undefined) &&
    (!row.sign || row.sign === outcome.sign);
  return dispositions.find(fits)!;
}

/** The error of an outcome. Its reason is NAV's code, the HTTP status or the socket's code, never a text of the ERP. */
export function errorFrom(outcome: Outcome, isWrite: boolean): LockgateError {
  const row = rowFor(outcome);
  const reason = outcome.code ?? outcome.cause ?? (outcome.status === undefined ? undefined : `HTTP ${outcome.status}`);
  const code = isWrite ? row.write : row.read;
  return new LockgateError(code, {
    ...(outcome.at === undefined || code !== "ERP_REFUSED" ? {} : { at: outcome.at }),
    ...(reason === undefined ? {} : { reason }),
    ...(outcome.retryAfterMs === undefined ? {} : { retryAfterMs: outcome.retryAfterMs }),
  });
}

const texts: readonly (readonly [Sign, RegExp])[] = [
  ["locked", /^The operation could not complete because a record in the .{1,100} table was locked by another user\./],
  ["locked", /^Your activity was deadlocked with another user modifying the .{1,100} table\./],
  ["changed", /^(Other|Another) user has (already )?(modified|changed) /],
  ["exists", /^The .{1,100} already exists\. Identification fields and values: /],
  ["missing", /^The .{1,100} does not exist\. Identification fields and values: /],
];

/** The sign in an English message of NAV. */
export const signOf = (message: string): Sign | undefined => texts.find(([, form]) => form.test(message))?.[0];

/** A code as it may be shown: NAV's codes are plain identifiers, and nothing else may pass for one. */
export const codeOf = (text: unknown): string | undefined =>
  typeof text === "string" && /^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(text) ? text : undefined;
