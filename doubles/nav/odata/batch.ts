// JSON `$batch`: at most 100 requests, one after another, or all in one transaction under `Isolation: snapshot`.

import { refuse } from "../errors.ts";
import { json, type ODataRequest, type Reply } from "./reply.ts";
import { readBody } from "./write.ts";

const maxOperations = 100;

/** How a batch's requests are run. */
interface BatchRunner {
  one(request: ODataRequest): Reply;
  snapshot(requests: readonly ODataRequest[]): Reply[];
}

/** Runs a batch and answers every request in order; a failed one stops the rest unless `Prefer: odata.continue-on-error`. */
export function runBatch(request: ODataRequest, root: string, runner: BatchRunner): Reply {
  const { requests } = readBody(request.body);
  if (!Array.isArray(requests)) return refuse("BadRequest", "badJson");
  if (requests.length > maxOperations) refuse("BadRequest", "batchTooLarge", maxOperations);
  const inners = requests.map((inner: unknown, index) => readInner(request, root, inner, index));
  const replies = isSnapshot(request)
    ? runner.snapshot(inners.map((inner) => inner.request))
    : inOrder(request, inners, runner);
  return json(200, { responses: replies.map((reply, index) => represent(inners[index]!.id, reply)) });
}

interface Inner {
  id: string;
  request: ODataRequest;
}

const isSnapshot = (request: ODataRequest): boolean => /^snapshot$/i.test(request.header("isolation") ?? "");

function inOrder(request: ODataRequest, inners: readonly Inner[], runner: BatchRunner): Reply[] {
  const goesOn = /odata\.continue-on-error(?!=false)/.test(request.header("prefer") ?? "");
  const replies: Reply[] = [];
  for (const inner of inners) {
    const reply = runner.one(inner.request);
    replies.push(reply);
    if (reply.status >= 400 && !goesOn) break;
  }
  return replies;
}

function readInner(outer: ODataRequest, root: string, inner: unknown, index: number): Inner {
  const fail = (): never => refuse("BadRequest", "batchRequestInvalid", index);
  if (typeof inner !== "object" || inner === null) return fail();
  const { id, method, url, headers, body } = inner as Record<string, unknown>;
  if (typeof method !== "string" || typeof url !== "string") return fail();
  const [path = "", search = ""] = url.replace(outer.origin, "").split("?", 2);
  const own = lowerCased(headers);
  const request: ODataRequest = {
    method: method.toUpperCase(),
    path: path.startsWith("/") ? path : `${root}/${path}`,
    search,
    header: (name) => own.get(name) ?? (name === "accept-language" ? outer.header(name) : undefined),
    body: body === undefined ? "" : JSON.stringify(body),
    origin: outer.origin,
  };
  return { id: typeof id === "string" ? id : String(index), request };
}

function lowerCased(headers: unknown): Map<string, string> {
  const pairs = typeof headers === "object" && headers !== null ? Object.entries(headers) : [];
  return new Map(pairs.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function represent(id: string, reply: Reply): object {
  const body = reply.body === undefined ? {} : { body: JSON.parse(reply.body) as unknown };
  return { id, status: reply.status, headers: reply.headers, ...body };
}
