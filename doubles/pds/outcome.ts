// What the service answers when it will not: its error codes with their HTTP status, as an OperationOutcome.

/** HTTP status, issue severity, issue code and display text of each error code that the service documents. */
const codes = {
  ACCESS_DENIED: [401, "error", "forbidden", "Missing or invalid OAuth 2.0 bearer token in request"],
  ADDITIONAL_PROPERTIES: [400, "error", "invariant", "Additional properties should not be included"],
  FORBIDDEN_UPDATE: [403, "information", "forbidden", "Update is forbidden"],
  INVALIDATED_RESOURCE: [
    404,
    "error",
    "processing",
    "Resource that has been marked as invalid was requested - invalid resources cannot be retrieved",
  ],
  INVALID_METHOD: [403, "error", "forbidden", "Cannot process HTTP Method"],
  INVALID_RESOURCE_ID: [400, "error", "value", "Resource Id is invalid"],
  INVALID_SEARCH_DATA: [400, "error", "value", "Search data is invalid"],
  INVALID_UPDATE: [400, "error", "structure", "Update is invalid"],
  INVALID_VALUE: [400, "error", "value", "Provided value is invalid"],
  MISSING_VALUE: [400, "error", "required", "Required value is missing"],
  PRECONDITION_FAILED: [412, "error", "structure", "Required condition was not fulfilled"],
  RESOURCE_NOT_FOUND: [404, "information", "not-found", "Resource not found"],
  RESOURCE_VERSION_MISMATCH: [409, "error", "conflict", "Resource version supplied does not match actual version"],
  SERVICE_UNAVAILABLE: [503, "error", "transient", "Service unavailable"],
  TOO_FEW_VALUES_SUBMITTED: [400, "error", "value", "Too few values submitted"],
  // Not an error to the service: the search was done, its answer is that there are too many.
  TOO_MANY_MATCHES: [200, "information", "multiple-matches", "Too Many Matches"],
  TOO_MANY_REQUESTS: [429, "error", "throttled", "API has exceeded its limit of requests"],
  TOO_MANY_VALUES_SUBMITTED: [400, "error", "value", "Too many values submitted"],
  UNABLE_TO_CALL_SERVICE: [408, "error", "timeout", "Unable to call service"],
  UNSUPPORTED_CHARACTERS_IN_FIELD: [400, "error", "value", "Unsupported characters in field"],
  UNSUPPORTED_SERVICE: [400, "error", "processing", "Unsupported Service"],
  UNSUPPORTED_VALUE: [400, "error", "value", "Unsupported value"],
} as const;

/** An error code of the service. */
export type OutcomeCode = keyof typeof codes;

/** What goes back to a caller. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** How a refusal differs from what its code says. */
interface Wording {
  status?: number;
  /** What exactly is wrong; some answers of the service say nothing. */
  diagnostics?: string;
  display?: string;
  headers?: Record<string, string>;
}

/** The service will not do what was asked. */
export class PdsRefusal extends Error {
  readonly code: OutcomeCode;
  readonly wording: Wording;

  constructor(code: OutcomeCode, wording: Wording | string = {}) {
    super(code);
    this.code = code;
    this.wording = typeof wording === "string" ? { diagnostics: wording } : wording;
  }
}

/** A FHIR answer of the service. */
export const fhirReply = (status: number, resource: object, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { "content-type": "application/fhir+json", ...headers },
  body: JSON.stringify(resource),
});

/** The answer that words a refusal. */
export function outcomeReply({ code, wording }: PdsRefusal): Reply {
  const [status, severity, issueCode, display] = codes[code];
  const coding = {
    system: "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode",
    version: "1",
    code,
    display: wording.display ?? display,
  };
  const { diagnostics } = wording;
  const issue = { severity, code: issueCode, details: { coding: [coding] }, ...(diagnostics && { diagnostics }) };
  return fhirReply(wording.status ?? status, { resourceType: "OperationOutcome", issue: [issue] }, wording.headers);
}
