// OData requests to NAV and their JSON answers; filters on patients travel in the body of a `$batch`.

import type { CallContext } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { codeOf, errorFrom, signOf } from "./dispositions.ts";
import type { Exchange, NavAnswer } from "./exchange.ts";

/** A JSON object as it came. */
export type Json = Readonly<Record<string, unknown>>;

/** One page of a collection and the way to the next. */
export type Page = { readonly rows: readonly Json[]; readonly next: string | undefined };

/** A write, with the ETag that it must meet. */
type Write = {
  readonly method: "POST" | "PATCH";
  readonly path: string;
  readonly body: Json;
  readonly etag?: string;
};

/** Requests below one API route. All paths are relative to it. */
export type ODataWire = {
  /** GET of a record; rejects with `ERP_NOT_FOUND` if there is none. */
  get(path: string, context: CallContext): Promise<Json>;
  /** GET of one page; the path must hold no patient's data, since addresses are logged everywhere. */
  page(path: string, pageSize: number, context: CallContext): Promise<Page>;
  /** All rows of a collection whose query holds patients' data: sent in the body of a `$batch`. */
  rows(path: string, context: CallContext): Promise<readonly Json[]>;
  write(write: Write, context: CallContext): Promise<Json>;
  /** A GET that is not answered in JSON, as text. */
  text(path: string, context: CallContext): Promise<string>;
};

const json = { accept: "application/json", "content-type": "application/json" };

/** @param root path of the API route, without a slash at its end */
export function odataWire(exchange: Exchange, root: string): ODataWire {
  const read = async (path: string, headers: Readonly<Record<string, string>>, context: CallContext): Promise<Json> =>
    resultOf(await exchange.send({ method: "GET", path: `${root}/${path}`, headers, isWrite: false }, context), false);

  const batched = async (path: string, context: CallContext): Promise<Json> => {
    const headers = { accept: "application/json", "accept-language": "en-US", "data-access-intent": "ReadWrite" };
    const body = JSON.stringify({ requests: [{ id: "1", method: "GET", url: path, headers }] });
    const request = { method: "POST", path: `${root}/$batch`, headers: json, body, isWrite: false } as const;
    const outer = resultOf(await exchange.send(request, context), false);
    const inner: unknown = Array.isArray(outer.responses) ? outer.responses[0] : undefined;
    if (!isJson(inner) || typeof inner.status !== "number") throw unreadable();
    if (inner.status < 200 || inner.status > 299) throw refusalOf(inner.status, inner.body, batchedWait(inner), false);
    if (!isJson(inner.body)) throw unreadable();
    return inner.body;
  };

  return {
    get: (path, context) => read(path, { accept: "application/json" }, context),
    page: async (path, pageSize, context) =>
      pageOf(await read(path, { accept: "application/json", prefer: `odata.maxpagesize=${pageSize}` }, context), root),
    rows: async (path, context) => {
      const found: Json[] = [];
      for (let next: string | undefined = path; next !== undefined; ) {
        const page = pageOf(await batched(next, context), root);
        found.push(...page.rows);
        next = page.next;
      }
      return found;
    },
    write: async ({ method, path, body, etag }, context) => {
      const headers = etag === undefined ? json : { ...json, "if-match": etag };
      const request = { method, path: `${root}/${path}`, headers, body: JSON.stringify(body), isWrite: true };
      return resultOf(await exchange.send(request, context), true);
    },
    text: async (path, context) => {
      const answer = await exchange.send(
        { method: "GET", path: `${root}/${path}`, headers: {}, isWrite: false },
        context,
      );
      if (answer.status !== 200) throw refusal(answer, false);
      if (answer.text === undefined) throw unreadable();
      return answer.text;
    },
  };
}

/** A string literal for a query: apostrophes doubled, then percent-encoded. */
export const literal = (text: string): string =>
  encodeURIComponent(`'${text.replaceAll("'", "''")}'`).replaceAll("'", "%27");

const unreadable = (): LockgateError => new LockgateError("ERP_BAD_ANSWER", { reason: "UNREADABLE" });

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

function resultOf(answer: NavAnswer, isWrite: boolean): Json {
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, isWrite);
  const body = parsed(answer.text);
  if (!isJson(body)) throw errorFrom({ phase: "answered", status: answer.status }, isWrite);
  return body;
}

const refusal = (answer: NavAnswer, isWrite: boolean): LockgateError =>
  refusalOf(answer.status, parsed(answer.text), answer.retryAfterMs, isWrite);

function refusalOf(status: number, body: unknown, retryAfterMs: number | undefined, isWrite: boolean): LockgateError {
  const error = isJson(body) && isJson(body.error) ? body.error : {};
  const sign = typeof error.message === "string" ? signOf(error.message) : undefined;
  return errorFrom({ phase: "answered", status, code: codeOf(error.code), sign, retryAfterMs }, isWrite);
}

function batchedWait(inner: Json): number | undefined {
  const headers = isJson(inner.headers) ? inner.headers : {};
  const name = Object.keys(headers).find((header) => header.toLowerCase() === "retry-after");
  const text = name === undefined ? "" : String(headers[name]);
  return /^\d{1,9}$/.test(text) ? Number(text) * 1000 : undefined;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pageOf(body: Json, root: string): Page {
  const rows = body.value;
  if (!Array.isArray(rows) || !rows.every(isJson)) throw unreadable();
  const link = body["@odata.nextLink"];
  if (link === undefined) return { rows, next: undefined };
  return { rows, next: relative(link, root) };
}

/** Only path and query of a link are followed: whatever host it names, the credentials go to the configured one. */
function relative(link: unknown, root: string): string {
  if (typeof link !== "string" || !URL.canParse(link, "http://erp")) throw unreadable();
  const { pathname, search } = new URL(link, "http://erp");
  if (!pathname.toLowerCase().startsWith(`${root.toLowerCase()}/`)) throw unreadable();
  return pathname.slice(root.length + 1) + search;
}
