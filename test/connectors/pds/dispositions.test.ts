// Every way a PDS request can end, and what it must mean: written out apart from the table it checks.

import { describe, expect, test } from "vitest";
import { type ErrorCode, errorTable, type LockgateError } from "#kernel/errors";
import {
  codeOf,
  dispositions,
  type Ending,
  rowFor,
  toldBy,
  updateError,
} from "../../../src/connectors/pds/dispositions.ts";

type Meaning = ErrorCode | "none" | "several" | "invalidated";
type Case = readonly [end: string, ending: Ending, read: Meaning, update: ErrorCode];

const said = (status: number, code?: string): Ending => ({ phase: "answered", status, code, isOutcome: true });
const bare = (status: number): Ending => ({ phase: "answered", status, isOutcome: false });
const refused = (status: number, code: string): Case => [
  `${status} ${code}`,
  said(status, code),
  "NATIONAL_REFUSED",
  "NATIONAL_REFUSED",
];

const cases: readonly Case[] = [
  ["connection refused", { phase: "unsent", cause: "ECONNREFUSED" }, "NATIONAL_UNAVAILABLE", "NATIONAL_UNAVAILABLE"],
  ["connection lost", { phase: "sent", cause: "UND_ERR_SOCKET" }, "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],
  ["no answer in time", { phase: "sent", cause: "TIMED_OUT" }, "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],

  refused(400, "UNSUPPORTED_SERVICE"),
  refused(400, "MISSING_VALUE"),
  refused(400, "INVALID_VALUE"),
  refused(403, "INVALID_VALUE"),
  refused(400, "INVALID_UPDATE"),
  refused(400, "INVALID_RESOURCE_ID"),
  refused(400, "INVALID_SEARCH_DATA"),
  refused(400, "VALIDATION_ERROR"),
  refused(400, "UNSUPPORTED_CHARACTERS_IN_FIELD"),
  refused(400, "ADDITIONAL_PROPERTIES"),
  refused(400, "UNSUPPORTED_VALUE"),
  refused(400, "TOO_FEW_VALUES_SUBMITTED"),
  refused(400, "TOO_MANY_VALUES_SUBMITTED"),
  refused(403, "FORBIDDEN_UPDATE"),
  refused(400, "SINGLE_MATCH_FOUND"),
  refused(400, "MULTIPLE_MATCHES_FOUND"),
  ["401 ACCESS_DENIED", said(401, "ACCESS_DENIED"), "NATIONAL_UNAUTHORISED", "NATIONAL_UNAUTHORISED"],
  ["403 ACCESS_DENIED", said(403, "ACCESS_DENIED"), "NATIONAL_UNAUTHORISED", "NATIONAL_UNAUTHORISED"],
  ["403 INVALID_METHOD", said(403, "INVALID_METHOD"), "NATIONAL_UNAUTHORISED", "NATIONAL_UNAUTHORISED"],
  ["404 RESOURCE_NOT_FOUND", said(404, "RESOURCE_NOT_FOUND"), "none", "NATIONAL_REFUSED"],
  ["404 INVALIDATED_RESOURCE", said(404, "INVALIDATED_RESOURCE"), "invalidated", "NATIONAL_REFUSED"],
  ["200 TOO_MANY_MATCHES", said(200, "TOO_MANY_MATCHES"), "several", "NATIONAL_BAD_ANSWER"],
  ["400 TOO_MANY_MATCHES", said(400, "TOO_MANY_MATCHES"), "several", "NATIONAL_BAD_ANSWER"],
  ["408 UNABLE_TO_CALL_SERVICE", said(408, "UNABLE_TO_CALL_SERVICE"), "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],
  ["409 RESOURCE_VERSION_MISMATCH", said(409, "RESOURCE_VERSION_MISMATCH"), "NATIONAL_BAD_ANSWER", "NATIONAL_STALE"],
  ["412 PRECONDITION_FAILED", said(412, "PRECONDITION_FAILED"), "NATIONAL_BAD_ANSWER", "NATIONAL_STALE"],
  ["429 TOO_MANY_REQUESTS", said(429, "TOO_MANY_REQUESTS"), "NATIONAL_THROTTLED", "NATIONAL_THROTTLED"],
  ["503 SERVICE_UNAVAILABLE", said(503, "SERVICE_UNAVAILABLE"), "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],

  ["401 of a gateway", bare(401), "NATIONAL_UNAUTHORISED", "NATIONAL_UNAUTHORISED"],
  ["408 of a gateway", bare(408), "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],
  ["409 of a gateway", bare(409), "NATIONAL_BAD_ANSWER", "NATIONAL_STALE"],
  ["412 of a gateway", bare(412), "NATIONAL_BAD_ANSWER", "NATIONAL_STALE"],
  ["429 of a gateway", bare(429), "NATIONAL_THROTTLED", "NATIONAL_THROTTLED"],
  ["500", said(500), "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],
  ["502 of a gateway", bare(502), "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],
  ["503 of a gateway", bare(503), "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],
  ["504 of a gateway", bare(504), "NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"],
  ["400 under a code that is new", said(400), "NATIONAL_REFUSED", "NATIONAL_REFUSED"],
  ["403 under a code that is new", said(403), "NATIONAL_REFUSED", "NATIONAL_REFUSED"],

  ["404 under a code that is new", said(404), "NATIONAL_BAD_ANSWER", "NATIONAL_BAD_ANSWER"],
  ["404 page of a wrong address", bare(404), "NATIONAL_BAD_ANSWER", "NATIONAL_BAD_ANSWER"],
  ["403 page of a proxy", bare(403), "NATIONAL_BAD_ANSWER", "NATIONAL_BAD_ANSWER"],
  ["302 to a login page", bare(302), "NATIONAL_BAD_ANSWER", "NATIONAL_BAD_ANSWER"],
  ["200 with a warning for an answer", said(200), "NATIONAL_BAD_ANSWER", "NATIONAL_BAD_ANSWER"],
  ["200 with a refusal's code", said(200, "INVALID_UPDATE"), "NATIONAL_BAD_ANSWER", "NATIONAL_BAD_ANSWER"],
  ["202 of the old polling", bare(202), "NATIONAL_BAD_ANSWER", "NATIONAL_BAD_ANSWER"],
];

const readMeaning = (ending: Ending): string => {
  try {
    return toldBy(ending).outcome;
  } catch (thrown) {
    return (thrown as LockgateError).code;
  }
};

describe("the table of dispositions", () => {
  const rows = cases.map(([end, ending, read, update]) => ({ end, ending, read, update }));
  test.each(rows)("$end means what it must", ({ ending, read, update }) => {
    expect([readMeaning(ending), updateError(ending).code]).toEqual([read, update]);
  });

  test("has no row that no case decides by, and no code that no case names", () => {
    const used = new Set(cases.map(([, ending]) => rowFor(ending)));
    expect(dispositions.filter((row) => !used.has(row)).map(({ name }) => name)).toEqual([]);
    const named = new Set(cases.map(([, ending]) => (ending as { code?: string }).code));
    expect(dispositions.flatMap(({ codes = [] }) => codes).filter((code) => !named.has(code))).toEqual([]);
  });

  test("lets no update that may have happened be transient, whatever the status", () => {
    for (let status = 200; status < 600; status += 1) {
      if ([401, 429].includes(status)) continue;
      const { disposition } = errorTable[updateError(bare(status)).code];
      expect(disposition, String(status)).toBe([409, 412].includes(status) ? "permanent" : "ambiguous");
    }
  });

  test("carries the service's code and wait, and falls back on the status", () => {
    expect(updateError({ ...said(503, "SERVICE_UNAVAILABLE"), retryAfterMs: 5_000 } as Ending)).toMatchObject({
      reason: "SERVICE_UNAVAILABLE",
      retryAfterMs: 5_000,
    });
    expect(updateError(bare(502)).reason).toBe("HTTP 502");
  });
});

describe("the code of an OperationOutcome", () => {
  const with_ = (code: unknown) => ({ issue: [{ details: { coding: [{ code }] } }] });
  test("is found behind issues and codings that tell nothing", () => {
    const issue = [{ diagnostics: "x" }, { details: { coding: [{ code: "no" }, { code: "INVALID_VALUE" }] } }];
    expect(codeOf({ issue })).toBe("INVALID_VALUE");
  });

  test.each([["SMITH"], ["9990000018"], [""], [7], [null], [["INVALID_VALUE"]]])(
    "is never a text that the table does not know: %#",
    (code) => {
      expect(codeOf(with_(code))).toBeUndefined();
    },
  );

  test.each([[undefined], [null], ["text"], [{ issue: "x" }], [{ issue: [null, { details: 1 }] }]])(
    "is none where there is no list of issues: %#",
    (body) => {
      expect(codeOf(body)).toBeUndefined();
    },
  );
});
