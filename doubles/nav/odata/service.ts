// The OData surface: one request to one reply, each write in a transaction of its own unless a batch shares one.

import { NavRefusal, refuse } from "../errors.ts";
import { begin, inTransaction, type Session, type Transaction } from "../transaction.ts";
import { runAction } from "./action.ts";
import { type Address, readAddress } from "./address.ts";
import { runBatch } from "./batch.ts";
import { metadataReply, serviceDocument } from "./metadata.ts";
import { parseQuery } from "./query.ts";
import { readCollection, readRecord } from "./read.ts";
import { json, type ODataRequest, type Reply, refusalReply } from "./reply.ts";
import { deleteRecord, insertRecord, modifyRecord } from "./write.ts";

/** Everything a session needs but the company, which the address names. */
export type Caller = Omit<Session, "company">;

/** Serves one OData request; refusals become error bodies. */
export function serveOData(caller: Caller, request: ODataRequest): Reply {
  try {
    return withMetadataLevel(request, serve(caller, request, undefined));
  } catch (error) {
    return refusalReply(error, caller.language, caller.switches);
  }
}

function serve(caller: Caller, request: ODataRequest, shared: Transaction | undefined): Reply {
  const query = parseQuery(request.search);
  const address = readAddress(request.path, query, caller.database.companies, caller.switches);
  switch (address.kind) {
    case "service":
      return serviceDocument(address, request);
    case "metadata":
      return metadataReply(address);
    case "batch":
      if (shared) return refuse("BadRequest_MethodNotAllowed", "methodNotAllowed", request.method, "$batch", "Batch");
      return serveBatch(caller, address, request);
    case "companies":
      return readCompanies(caller, address, request);
    default:
      return servePage({ ...caller, company: address.company }, address, request, query, shared);
  }
}

type PageAddress = Extract<Address, { companyPath: string }>;

function servePage(
  session: Session,
  address: PageAddress,
  request: ODataRequest,
  query: ReadonlyMap<string, string>,
  shared: Transaction | undefined,
): Reply {
  if (request.method === "GET") {
    if (address.kind === "collection") return readCollection(session, address, request, query);
    if (address.kind === "record") return readRecord(session, address, request, query);
  }
  const write = writeOf(address, request);
  if (!write) {
    const kind = address.kind === "record" ? "Entity" : "Collection";
    return refuse("BadRequest_MethodNotAllowed", "methodNotAllowed", request.method, address.table.entitySet, kind);
  }
  // A shared transaction belongs to one company; the batch makes sure of it.
  return shared ? write(shared) : inTransaction(session, write);
}

function writeOf(address: PageAddress, request: ODataRequest): ((transaction: Transaction) => Reply) | undefined {
  const { method } = request;
  if (address.kind === "collection") return method === "POST" ? (tx) => insertRecord(tx, address, request) : undefined;
  if (address.kind === "action") return method === "POST" ? (tx) => runAction(tx, address, request) : undefined;
  if (method === "PATCH" || method === "PUT") return (tx) => modifyRecord(tx, address, request);
  return method === "DELETE" ? (tx) => deleteRecord(tx, address, request) : undefined;
}

function readCompanies(caller: Caller, address: Extract<Address, { kind: "companies" }>, request: ODataRequest): Reply {
  const set = address.dialect === "api" ? "companies" : "Company";
  if (request.method !== "GET")
    refuse("BadRequest_MethodNotAllowed", "methodNotAllowed", request.method, set, "Entity");
  const context = `${request.origin}${address.root}/$metadata#${set}`;
  const shown = caller.database.companies.map(({ id, name }) =>
    address.dialect === "api"
      ? { id, systemVersion: "14.0", timestamp: 0, name, displayName: name, businessProfileId: "" }
      : { Name: name, Id: id },
  );
  if (address.id === undefined) return json(200, { "@odata.context": context, value: shown });
  const index = caller.database.companies.findIndex((company) => company.id === address.id);
  return json(200, { "@odata.context": `${context}/$entity`, ...shown[index] });
}

function serveBatch(caller: Caller, address: Address, request: ODataRequest): Reply {
  if (request.method !== "POST")
    refuse("BadRequest_MethodNotAllowed", "methodNotAllowed", request.method, "$batch", "Batch");
  return runBatch(request, address.root, {
    one: (inner) => serveOData(caller, inner),
    /** All in one transaction; the first refusal rolls back what no action has committed. */
    snapshot: (inners) => {
      const replies: Reply[] = [];
      let shared: Transaction | undefined;
      for (const inner of inners) {
        try {
          shared ??= openFor(caller, inner);
          replies.push(serve(caller, inner, shared));
        } catch (error) {
          shared?.rollback();
          const refused = refusalReply(error, caller.language, caller.switches);
          const undone = refusalReply(
            new NavRefusal("Unknown", "batchRolledBack", []),
            caller.language,
            caller.switches,
          );
          return inners.map((_request, index) => (index === replies.length ? refused : undone));
        }
      }
      shared?.commit();
      return replies;
    },
  });
}

function openFor(caller: Caller, request: ODataRequest): Transaction | undefined {
  const address = readAddress(request.path, parseQuery(request.search), caller.database.companies, caller.switches);
  return "company" in address ? begin({ ...caller, company: address.company }) : undefined;
}

/** `odata.metadata=none` takes context and ETags out of the body. */
function withMetadataLevel(request: ODataRequest, reply: Reply): Reply {
  if (reply.body === undefined || !/odata\.metadata=none/.test(request.header("accept") ?? "")) return reply;
  const body = JSON.parse(reply.body, (_name, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const { "@odata.context": _context, "@odata.etag": _etag, ...rest } = value as Record<string, unknown>;
    return rest;
  }) as unknown;
  const contentType = (reply.headers["content-type"] ?? "").replace("minimal", "none");
  return { ...reply, body: JSON.stringify(body), headers: { ...reply.headers, "content-type": contentType } };
}
