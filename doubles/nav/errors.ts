// How the ERP refuses: error codes with their HTTP status and .NET exception name, and the two error bodies.

import { randomUUID } from "node:crypto";
import { type Language, type TextArgs, type TextKey, text } from "./language.ts";
import type { Switches } from "./settings.ts";

interface CodeFacts {
  status: number;
  exception: string;
}

const CODES = {
  BadRequest: { status: 400, exception: "NavODataBadRequestException" },
  BadRequest_InvalidToken: { status: 400, exception: "NavODataBadRequestException" },
  BadRequest_InvalidOperation: { status: 400, exception: "NavODataBadRequestException" },
  BadRequest_InvalidRequestUrl: { status: 400, exception: "NavODataBadRequestException" },
  BadRequest_RequiredParamNotProvided: { status: 400, exception: "NavODataBadRequestException" },
  BadRequest_NotFound: { status: 404, exception: "NavODataBadRequestException" },
  BadRequest_ResourceNotFound: { status: 404, exception: "NavODataBadRequestException" },
  BadRequest_MethodNotAllowed: { status: 405, exception: "NavODataBadRequestException" },
  BadRequest_MethodNotImplemented: { status: 501, exception: "NavODataBadRequestException" },
  BadRequest_RequestEntityTooLarge: { status: 413, exception: "NavODataBadRequestException" },
  Request_EntityChanged: { status: 409, exception: "NavCSideRecordChangedException" },
  Authentication_InvalidCredentials: { status: 401, exception: "NavInvalidCredentialException" },
  Internal_RecordNotFound: { status: 404, exception: "NavCSideRecordNotFoundException" },
  Internal_CompanyNotFound: { status: 404, exception: "NavCompanyNotFoundException" },
  Internal_InvalidTableRelation: { status: 400, exception: "NavCSideValidateTableRelationException" },
  Internal_EntityWithSameKeyExists: { status: 400, exception: "NavCSideDuplicateKeyException" },
  Internal_TenantUnavailable: { status: 503, exception: "NavTenantNotAccessibleException" },
  Internal_ServerError: { status: 500, exception: "NavCSideException" },
  Application_DialogException: { status: 400, exception: "NavNCLDialogException" },
  Application_CallbackNotAllowed: { status: 400, exception: "NavNCLCallbackNotAllowedException" },
  Application_EvaluateException: { status: 400, exception: "NavNCLEvaluateException" },
  Application_FieldValidationException: { status: 400, exception: "NavTestFieldException" },
  Application_FilterErrorException: { status: 400, exception: "NavFilterException" },
  Application_InvalidGUID: { status: 400, exception: "NavNCLInvalidGuidFormatException" },
  Application_StringExceededLength: { status: 400, exception: "NavNCLStringLengthExceededException" },
  Unknown: { status: 400, exception: "NavException" },
} satisfies Record<string, CodeFacts>;

/** An error code of the ERP's OData services. */
type NavCode = keyof typeof CODES;

/** A refusal by the ERP: thrown by business code, rendered as an OData error body or a SOAP fault in the caller's language. */
export class NavRefusal extends Error {
  readonly code: NavCode;
  readonly textKey: TextKey;
  readonly args: TextArgs;
  /** Status that wins over the code's own, for errors whose status is a switch. */
  readonly statusOverride: number | undefined;

  constructor(code: NavCode, textKey: TextKey, args: TextArgs, statusOverride?: number) {
    super(`${code}: ${textKey}`);
    this.code = code;
    this.textKey = textKey;
    this.args = args;
    this.statusOverride = statusOverride;
  }
}

/** Throws a refusal with the text `textKey`, filled from `args`. */
export function refuse(code: NavCode, textKey: TextKey, ...args: TextArgs): never {
  throw new NavRefusal(code, textKey, args);
}

/** The HTTP status of a refusal under the current switches. */
export function statusOf(refusal: NavRefusal, switches: Switches): number {
  if (refusal.statusOverride !== undefined) return refusal.statusOverride;
  if (refusal.code === "Request_EntityChanged") return switches.staleStatus;
  if (refusal.code === "Internal_EntityWithSameKeyExists") return switches.duplicateKeyStatus;
  return CODES[refusal.code].status;
}

/** The .NET exception name a SOAP fault code carries. */
export const exceptionOf = (refusal: NavRefusal): string => CODES[refusal.code].exception;

/** The message with the correlation suffix that OData error texts end in. */
const withCorrelation = (message: string): string => `${message}  CorrelationId:  ${randomUUID()}.`;

/** An OData error body, as JSON text. */
export function odataErrorBody(refusal: NavRefusal, language: Language): string {
  const message = withCorrelation(text(refusal.textKey, language, refusal.args));
  return JSON.stringify({ error: { code: refusal.code, message } });
}
