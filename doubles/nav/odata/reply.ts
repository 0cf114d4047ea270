// Replies of the OData port as plain values, and how a refusal becomes one.

import { NavRefusal, odataErrorBody, statusOf } from "../errors.ts";
import type { Language } from "../language.ts";
import type { Switches } from "../settings.ts";

/** A reply before it is written to a socket. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | undefined;
}

/** A request as the OData surface sees it. */
export interface ODataRequest {
  method: string;
  /** Path without query, still %-encoded. */
  path: string;
  /** Query without `?`. */
  search: string;
  header(name: string): string | undefined;
  body: string;
  /** Scheme and authority for absolute URLs. */
  origin: string;
}

const jsonHeaders = {
  "content-type": "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8",
  "odata-version": "4.0",
};

/** A JSON reply. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { ...jsonHeaders, ...headers },
  body: JSON.stringify(body),
});

/** A reply without body. */
export const empty = (status: number, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { "odata-version": "4.0", ...headers },
  body: undefined,
});

/** The reply of a refusal; throws on anything that is not one. */
export function refusalReply(error: unknown, language: Language, switches: Switches): Reply {
  if (!(error instanceof NavRefusal)) throw error;
  return {
    status: statusOf(error, switches),
    headers: { ...jsonHeaders },
    body: odataErrorBody(error, language),
  };
}
