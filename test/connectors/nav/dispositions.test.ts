// Every way a NAV request can end, and the code it must get: written out apart from the table it checks.

import { describe, expect, test } from "vitest";
import { type ErrorCode, errorTable } from "#kernel/errors";
import {
  codeOf,
  dispositions,
  errorFrom,
  type Outcome,
  rowFor,
  signOf,
} from "../../../src/connectors/nav/dispositions.ts";

type Case = readonly [end: string, outcome: Outcome, read: ErrorCode, write?: ErrorCode];
const answered = (status: number, code?: string, sign?: Outcome["sign"]): Outcome => ({
  phase: "answered",
  status,
  code,
  sign,
});

const cases: readonly Case[] = [
  ["connection refused", { phase: "unsent", cause: "ECONNREFUSED" }, "ERP_UNAVAILABLE"],
  ["no connection free in time", { phase: "unsent", cause: "TIMED_OUT" }, "ERP_UNAVAILABLE"],
  ["connection lost after sending", { phase: "sent", cause: "UND_ERR_SOCKET" }, "ERP_UNAVAILABLE", "ERP_NO_ANSWER"],
  ["no answer in time", { phase: "sent", cause: "TIMED_OUT" }, "ERP_UNAVAILABLE", "ERP_NO_ANSWER"],
  ["call aborted after sending", { phase: "sent", cause: "ABORTED" }, "ERP_UNAVAILABLE", "ERP_NO_ANSWER"],

  ["rate limit", answered(429, "Unknown"), "ERP_THROTTLED"],
  ["rate limit of a gateway", answered(429), "ERP_THROTTLED"],
  ["rate limit over SOAP", answered(429, "NavException"), "ERP_THROTTLED"],
  ["queued too long", answered(503, "Unknown"), "ERP_UNAVAILABLE"],
  ["maintenance page", answered(503), "ERP_UNAVAILABLE"],
  ["tenant upgrade", answered(503, "Internal_TenantUnavailable"), "ERP_UNAVAILABLE"],
  ["tenant upgrade under another status", answered(500, "Internal_TenantUnavailable"), "ERP_UNAVAILABLE"],
  ["tenant upgrade over SOAP", answered(500, "NavTenantNotAccessibleException"), "ERP_UNAVAILABLE"],
  ["wrong access key", answered(401, "Authentication_InvalidCredentials"), "ERP_UNAUTHORISED"],
  ["wrong access key, said by the web server", answered(401), "ERP_UNAUTHORISED"],
  ["wrong access key over SOAP", answered(500, "NavInvalidCredentialException"), "ERP_UNAUTHORISED"],
  ["no permission", answered(403), "ERP_UNAUTHORISED"],
  ["operation over its time limit", answered(408), "ERP_UNAVAILABLE", "ERP_NO_ANSWER"],
  ["gateway lost the ERP", answered(502), "ERP_UNAVAILABLE", "ERP_NO_ANSWER"],
  ["gateway waited too long", answered(504), "ERP_UNAVAILABLE", "ERP_NO_ANSWER"],

  ["stale ETag", answered(409, "Request_EntityChanged"), "ERP_STALE"],
  ["stale ETag of an old version", answered(412, "Request_EntityChanged"), "ERP_STALE"],
  ["stale ETag by status alone", answered(412), "ERP_STALE"],
  ["stale key over SOAP", answered(500, "NavCSideRecordChangedException"), "ERP_STALE"],
  ["stale key over SOAP, by text", answered(500, "NavCSideException", "changed"), "ERP_STALE"],
  ["ETag malformed", answered(400, "BadRequest_InvalidToken"), "ERP_STALE"],
  ["duplicate key", answered(400, "Internal_EntityWithSameKeyExists"), "ERP_DUPLICATE_KEY"],
  ["duplicate key of another version", answered(409, "Internal_EntityWithSameKeyExists"), "ERP_DUPLICATE_KEY"],
  ["duplicate key over SOAP", answered(500, "NavCSideDuplicateKeyException"), "ERP_DUPLICATE_KEY"],
  ["duplicate key over SOAP, by text", answered(500, "NavCSideException", "exists"), "ERP_DUPLICATE_KEY"],
  ["no such record", answered(404, "Internal_RecordNotFound"), "ERP_NOT_FOUND"],
  ["no such record over SOAP", answered(500, "NavCSideRecordNotFoundException"), "ERP_NOT_FOUND"],
  ["no such record over SOAP, by text", answered(500, "NavCSideException", "missing"), "ERP_NOT_FOUND"],

  ["page not published", answered(404, "BadRequest_ResourceNotFound"), "ERP_UNSUPPORTED"],
  ["company unknown", answered(404, "Internal_CompanyNotFound"), "ERP_UNSUPPORTED"],
  ["company unknown over SOAP", answered(500, "NavCompanyNotFoundException"), "ERP_UNSUPPORTED"],
  ["page without that operation", answered(405, "BadRequest_MethodNotAllowed"), "ERP_UNSUPPORTED"],
  ["filter function unknown", answered(501, "BadRequest_MethodNotImplemented"), "ERP_UNSUPPORTED"],
  ["endpoint disabled", answered(405), "ERP_UNSUPPORTED"],
  ["not implemented", answered(501), "ERP_UNSUPPORTED"],

  ["error of the ERP's own rules", answered(400, "Application_DialogException"), "ERP_REFUSED"],
  ["confirmation asked for", answered(400, "Application_CallbackNotAllowed"), "ERP_REFUSED"],
  ["text too long", answered(400, "Application_StringExceededLength"), "ERP_REFUSED"],
  ["mandatory field", answered(400, "Application_FieldValidationException"), "ERP_REFUSED"],
  ["error of the ERP's own rules over SOAP", answered(500, "NavNCLDialogException"), "ERP_REFUSED"],
  ["mandatory field over SOAP", answered(500, "NavTestFieldException"), "ERP_REFUSED"],
  ["relation over SOAP", answered(500, "NavCSideValidateTableRelationException"), "ERP_REFUSED"],
  ["relation", answered(400, "Internal_InvalidTableRelation"), "ERP_REFUSED"],
  ["unknown property", answered(400, "BadRequest"), "ERP_REFUSED"],
  ["unknown element over SOAP", answered(500, "NavODataBadRequestException"), "ERP_REFUSED"],
  ["body too large", answered(413), "ERP_REFUSED"],
  ["bad option value, code Unknown", answered(400, "Unknown"), "ERP_REFUSED"],

  ["lock time-out", answered(500, "Internal_ServerError", "locked"), "ERP_LOCKED"],
  ["lock time-out of another version", answered(409, "Internal_ServerError", "locked"), "ERP_LOCKED"],
  ["lock time-out over SOAP", answered(500, "NavCSideException", "locked"), "ERP_LOCKED"],
  ["a rule's own text that speaks of a lock", answered(400, "Application_DialogException", "locked"), "ERP_REFUSED"],

  ["server fault", answered(500, "Internal_ServerError"), "ERP_UNAVAILABLE", "ERP_BAD_ANSWER"],
  ["server fault under a conflict status", answered(409, "Internal_ServerError"), "ERP_UNAVAILABLE", "ERP_BAD_ANSWER"],
  ["server fault of unknown code", answered(500, "Unknown"), "ERP_UNAVAILABLE", "ERP_BAD_ANSWER"],
  ["server fault over SOAP", answered(500, "NavCSideException"), "ERP_UNAVAILABLE", "ERP_BAD_ANSWER"],
  ["server fault of a gateway", answered(500), "ERP_UNAVAILABLE", "ERP_BAD_ANSWER"],
  ["address too long, said by the web server", answered(400), "ERP_UNAVAILABLE", "ERP_BAD_ANSWER"],
  ["page of a web server that is starting", answered(404), "ERP_UNAVAILABLE", "ERP_BAD_ANSWER"],
  ["conflict without a code", answered(409), "ERP_UNAVAILABLE", "ERP_BAD_ANSWER"],
  ["success with an unreadable body", answered(200), "ERP_BAD_ANSWER"],
  ["creation with an unreadable body", answered(201), "ERP_BAD_ANSWER"],
  ["redirection to a login page", answered(302), "ERP_BAD_ANSWER"],
];

describe("the table of dispositions", () => {
  const rows = cases.map(([end, outcome, read, write = read]) => ({ end, outcome, read, write }));
  test.each(rows)("$end gets its code", ({ outcome, read, write }) => {
    expect(errorFrom(outcome, false).code).toBe(read);
    expect(errorFrom(outcome, true).code).toBe(write);
  });

  test("has no row that no case decides by", () => {
    const used = new Set(cases.map(([, outcome]) => rowFor(outcome)));
    expect(dispositions.filter((row) => !used.has(row)).map(({ name }) => name)).toEqual([]);
  });

  test("lets no write that may have happened be transient, whatever the status", () => {
    expect(errorTable[errorFrom({ phase: "sent" }, true).code].disposition).toBe("ambiguous");
    const sure = new Set([401, 403, 405, 412, 413, 429, 501, 503]);
    for (let status = 200; status < 600; status += 1) {
      if (sure.has(status)) continue;
      expect(errorTable[errorFrom(answered(status), true).code].disposition, String(status)).toBe("ambiguous");
    }
  });

  test("carries NAV's code and wait, and falls back on the status", () => {
    expect(errorFrom({ ...answered(400, "Application_DialogException") }, true).reason).toBe(
      "Application_DialogException",
    );
    expect(errorFrom({ ...answered(429), retryAfterMs: 3_000 }, true)).toMatchObject({
      reason: "HTTP 429",
      retryAfterMs: 3_000,
    });
  });
});

describe("texts of NAV", () => {
  test.each([
    [
      "The operation could not complete because a record in the HC Patient table was locked by another user. Please retry the activity.",
      "locked",
    ],
    [
      "Your activity was deadlocked with another user modifying the HC Patient table. Please start your activity again.",
      "locked",
    ],
    ["Other user has modified \"HC Patient No.='PAT1'\"", "changed"],
    ["The HC Patient already exists. Identification fields and values: MRN='1'", "exists"],
    ["The HC Patient does not exist. Identification fields and values: No.='1'", "missing"],
    ["The value 'x table was locked by another user.' is not valid.", undefined],
    ["Der Vorgang konnte nicht abgeschlossen werden.", undefined],
  ])("give a sign only where they begin as documented: %#", (message, sign) => {
    expect(signOf(message)).toBe(sign);
  });

  test.each([["NHS 999 000 1234"], [""], [12], [undefined], ["x".repeat(200)], ["Smith, Anne"]])(
    "are never taken for a code: %#",
    (text) => {
      expect(codeOf(text)).toBeUndefined();
    },
  );
});
