// A request to the service: what was asked of it, on whose behalf, and the headers that every call carries.

import type { CallNote, Operation } from "./ledger.ts";
import { isNhsNumber } from "./nhs-number.ts";
import type { Identity } from "./oauth/tokens.ts";
import { PdsRefusal } from "./outcome.ts";

/** A request, read to its end. */
export interface PdsRequest {
  method: string;
  path: string;
  /** What follows the question mark, as sent. */
  search: string;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  body: string;
  /** Scheme and authority that the caller addressed. */
  origin: string;
}

/** Where the service's FHIR resources are. */
export const fhirRoot = "/personal-demographics/FHIR/R4";
const patients = `${fhirRoot}/Patient`;

/** What a request asks for, with the NHS number in its address; undefined when the service offers no such thing. */
export function operationOf({ method, path }: PdsRequest): { operation: Operation; nhsNumber: string } | undefined {
  if (method === "POST" && path === "/oauth2/token") return { operation: "token", nhsNumber: "" };
  if (method === "GET" && path === patients) return { operation: "search", nhsNumber: "" };
  if (!path.startsWith(`${patients}/`)) return undefined;
  const nhsNumber = path.slice(patients.length + 1);
  if (nhsNumber.includes("/")) return undefined;
  if (method === "GET") return { operation: "retrieve", nhsNumber };
  return method === "PATCH" ? { operation: "update", nhsNumber } : undefined;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Checks the headers that every call of the service carries, and notes the request's id. */
export function checkHeaders(request: PdsRequest, identity: Identity, note: CallNote): void {
  const requestId = request.header("x-request-id");
  if (!requestId)
    throw new PdsRefusal(
      "MISSING_VALUE",
      "Invalid request with error - X-Request-ID header must be supplied to access this resource",
    );
  if (!uuid.test(requestId))
    throw new PdsRefusal("INVALID_VALUE", `Invalid value - '${requestId}' in header 'X-Request-ID'`);
  note.requestId = requestId;
  const roleId = request.header("nhsd-session-urid");
  // The service takes no notice of it from an application.
  if (roleId === undefined || !identity.user) return;
  if (roleId !== identity.user.roleId)
    throw new PdsRefusal("INVALID_VALUE", `Invalid value - '${roleId}' in header 'NHSD-Session-URID'`);
}

/** Checks the NHS number in an address. */
export function checkNumber(nhsNumber: string): void {
  if (nhsNumber === "") throw new PdsRefusal("UNSUPPORTED_SERVICE");
  if (!isNhsNumber(nhsNumber)) throw new PdsRefusal("INVALID_RESOURCE_ID");
}
