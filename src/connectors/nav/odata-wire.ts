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
  /** The field of ours that an English refusal is about: all that is kept of its text. */
  readonly fieldOf?: FieldOf | undefined;
};

type FieldOf = (message: string) => string | undefined;

/** Requests below one API route. All paths are relative to it. */
export type ODataWire = {
  /** GET of a record, in one `$batch` with others that are asked for beside it; rejects with `ERP_NOT_FOUND` if there is none. */
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
/** One refused request of a batch is in no other's way. */
const batch = { ...json, prefer: "odata.continue-on-error" };
/** Business Central takes 100 requests in a batch and serves them one after another. */
const mostPerBatch = 20;
/** Batches under way at once: what is asked for meanwhile gathers for the next. */
const mostBatches = 4;

/** @param root path of the API route, without a slash at its end */
export function odataWire(exchange: Exchange, root: string): ODataWire {
  const read = async (path: string, headers: Readonly<Record<string, string>>, context: CallContext): Promise<Json> =>
    resultOf(await exchange.send({ method: "GET", path: `${root}/${path}`, headers, isWrite: false }, context), false);

  const sendBatch: Send = async (paths, context) => {
    const headers = { accept: "application/json", "accept-language": "en-US", "data-access-intent": "ReadWrite" };
    const requests = paths.map((url, index) => ({ id: String(index + 1), method: "GET", url, headers }));
    const body = JSON.stringify({ requests });
    const request = { method: "POST", path: `${root}/$batch`, headers: batch, body, isWrite: false } as const;
    const { responses } = resultOf(await exchange.send(request, context), false);
    const inner = new Map(Array.isArray(responses) ? responses.filter(isJson).map((one) => [one.id, one]) : []);
    return (place) => answered(inner.get(String(place)));
  };
  const inBatches = gathered(sendBatch);
  const records = gathered(async (paths, context) => {
    if (paths.length > 1) return sendBatch(paths, context);
    const record = await read(paths[0]!, { accept: "application/json" }, context);
    return () => record;
  });

  return {
    get: records,
    page: async (path, pageSize, context) =>
      pageOf(await read(path, { accept: "application/json", prefer: `odata.maxpagesize=${pageSize}` }, context), root),
    rows: async (path, context) => {
      const found: Json[] = [];
      for (let next: string | undefined = path; next !== undefined; ) {
        const page = pageOf(await inBatches(next, context), root);
        found.push(...page.rows);
        next = page.next;
      }
      return found;
    },
    write: async ({ method, path, body, etag, fieldOf }, context) => {
      const headers = etag === undefined ? json : { ...json, "if-match": etag };
      const request = { method, path: `${root}/${path}`, headers, body: JSON.stringify(body), isWrite: true };
      return resultOf(await exchange.send(request, context), true, fieldOf);
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

/** Asks for paths at once; answers by the place of each path, from 1. */
type Send = (paths: readonly string[], context: CallContext) => Promise<(place: number) => Json>;

/**
 * What is asked for under the same signal within one turn of the event loop, or while enough batches are under way,
 * travels together.
 */
function gathered(send: Send): (path: string, context: CallContext) => Promise<Json> {
  type Open = { readonly paths: string[]; readonly answers: ReturnType<Send> };
  const open = new Map<AbortSignal | undefined, Open>();
  const whenFree = semaphore(mostBatches);
  return async (path, context) => {
    let asking = open.get(context.signal);
    if (!asking || asking.paths.length === mostPerBatch) {
      const paths: string[] = [];
      const turn = new Promise<void>((resolve) => setImmediate(resolve));
      const answers = turn.then(() =>
        whenFree(() => {
          if (open.get(context.signal)?.paths === paths) open.delete(context.signal);
          return send(paths, context);
        }),
      );
      asking = { paths, answers };
      open.set(context.signal, asking);
    }
    const place = asking.paths.push(path);
    return (await asking.answers)(place);
  };
}

/** Runs at most `most` pieces of work at a time; the rest wait in order. */
function semaphore(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

/** The body of one answer in a batch. */
function answered(inner: Json | undefined): Json {
  if (typeof inner?.status !== "number") throw unreadable();
  if (inner.status < 200 || inner.status > 299) throw refusalOf(inner.status, inner.body, batchedWait(inner), false);
  if (!isJson(inner.body)) throw unreadable();
  return inner.body;
}

/** A string literal for a query: apostrophes doubled, then percent-encoded. */
export const literal = (text: string): string =>
  encodeURIComponent(`'${text.replaceAll("'", "''")}'`).replaceAll("'", "%27");

const unreadable = (): LockgateError => new LockgateError("ERP_BAD_ANSWER", { reason: "UNREADABLE" });

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

function resultOf(answer: NavAnswer, isWrite: boolean, fieldOf?: FieldOf): Json {
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, isWrite, fieldOf);
  const body = parsed(answer.text);
  if (!isJson(body)) throw errorFrom({ phase: "answered", status: answer.status }, isWrite);
  return body;
}

const refusal = (answer: NavAnswer, isWrite: boolean, fieldOf?: FieldOf): LockgateError =>
  refusalOf(answer.status, parsed(answer.text), answer.retryAfterMs, isWrite, fieldOf);

function refusalOf(
  status: number,
  body: unknown,
  retryAfterMs: number | undefined,
  isWrite: boolean,
  fieldOf?: FieldOf,
): LockgateError {
  const error = isJson(body) && isJson(body.error) ? body.error : {};
  const message = typeof error.message === "string" ? error.message : "";
  const said = { code: codeOf(error.code), sign: signOf(message), at: fieldOf?.(message) };
  return errorFrom({ phase: "answered", status, ...said, retryAfterMs }, isWrite);
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
