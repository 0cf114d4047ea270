// The way of a call: outage, identity, limit, faults, the service itself, faults again, and the ledger.

import type { Fault, Faults } from "./faults.ts";
import { type CallNote, emptyNote, type Operation } from "./ledger.ts";
import type { OpenApi } from "./oas.ts";
import { TokenRefusal } from "./oauth/assertion.ts";
import { serveToken, tokenRefusalReply } from "./oauth/endpoint.ts";
import type { Identity, Tokens } from "./oauth/tokens.ts";
import { fhirReply, outcomeReply, PdsRefusal, type Reply } from "./outcome.ts";
import { isWithdrawn, serveUpdate, updateOf } from "./patch/update.ts";
import { etagOf, retrievalView } from "./patient.ts";
import type { RateLimit } from "./rate.ts";
import type { Register } from "./register.ts";
import { checkHeaders, checkNumber, operationOf, type PdsRequest } from "./request.ts";
import { searchQueryOf } from "./search/query.ts";
import { serveSearch } from "./search/search.ts";
import type { Settings } from "./settings.ts";
import { type Outcome, strikeAfter, strikeBefore } from "./strikes.ts";

/** An answer of the double that the service's OpenAPI document does not allow: a defect of the double. */
export interface Violation {
  at: string;
  operation: Operation;
  status: number;
  breach: string;
}

/** What calls are served with. */
export interface Desk {
  register: Register;
  tokens: Tokens;
  faults: Faults;
  isTooSoon: RateLimit;
  settings: Settings;
  oas: OpenApi | undefined;
  violations: Violation[];
  nowMs(): number;
}

/** Serves one call of the service and puts it in the ledger. */
export async function serveCall(desk: Desk, request: PdsRequest): Promise<Outcome> {
  const asked = operationOf(request);
  // Nothing that the service offers, so nothing that the ledger counts.
  if (!asked) return desk.faults.isDown() ? "drop" : mirrored(request, outcomeReply(noSuchService(desk, request)));
  const note: CallNote = { ...emptyNote(asked.operation), nhsNumber: asked.nhsNumber || null };
  const outcome = desk.faults.isDown() ? "drop" : await answer(desk, request, asked.nhsNumber, note);
  if (outcome === "drop") desk.register.record(note, 0, null);
  else {
    const reply = "cutBody" in outcome ? outcome.cutBody : outcome;
    desk.register.record(note, reply.status, codeIn(reply));
  }
  return outcome;
}

async function answer(desk: Desk, request: PdsRequest, nhsNumber: string, note: CallNote): Promise<Outcome> {
  let fired: readonly Fault[] = [];
  try {
    const identity = note.kind === "token" ? undefined : identityOf(desk, request, note);
    fired = desk.faults.fire({ operation: note.kind, nhsNumber, client: note.client });
    if (fired.length > 0) {
      note.faults = fired.map(({ kind }) => kind);
      const struck = await strikeBefore(desk, fired, nhsNumber, request.header("authorization"));
      if (struck) return struck === "drop" || "cutBody" in struck ? struck : mirrored(request, struck);
    }
    const reply = identity
      ? servePatients(desk, request, nhsNumber, identity, note)
      : serveToken(desk, desk.settings.tokenLifetimeSeconds, request, note);
    return strikeAfter(fired, checked(desk, note.kind, mirrored(request, reply)));
  } catch (error) {
    if (error instanceof TokenRefusal) return strikeAfter(fired, tokenRefusalReply(error));
    if (!(error instanceof PdsRefusal)) throw error;
    return strikeAfter(fired, checked(desk, note.kind, mirrored(request, outcomeReply(error))));
  }
}

/** Who calls, within their limit; throws PdsRefusal. */
function identityOf(desk: Desk, request: PdsRequest, note: CallNote): Identity {
  const identity = desk.tokens.judge(request.header("authorization"));
  if (typeof identity === "string") {
    const what = {
      missing: "Missing OAuth 2.0 bearer token",
      unknown: "Invalid Access Token",
      expired: "Access Token expired",
    };
    throw new PdsRefusal("ACCESS_DENIED", what[identity]);
  }
  note.client = identity.client;
  note.roleId = identity.user?.roleId ?? null;
  const { callsPerSecond, throttleRetryAfterSeconds: seconds } = desk.settings;
  if (desk.isTooSoon(identity.client, callsPerSecond)) {
    note.requestId = request.header("x-request-id") ?? null;
    throw new PdsRefusal("TOO_MANY_REQUESTS", seconds === null ? {} : { headers: { "retry-after": String(seconds) } });
  }
  return identity;
}

/** Checks a call's form, holds it to the OpenAPI document, and only then does what it asks. */
function servePatients(desk: Desk, request: PdsRequest, nhsNumber: string, identity: Identity, note: CallNote): Reply {
  const { register } = desk;
  if (note.kind === "update" && !identity.user) throw insufficient();
  checkHeaders(request, identity, note);
  if (note.kind === "search") {
    const query = searchQueryOf(request.search, identity.user !== undefined);
    holdToDocument(desk, note.kind, request);
    return serveSearch(register, query, note, request.origin, new Date(desk.nowMs()));
  }
  checkNumber(nhsNumber);
  if (note.kind === "retrieve") {
    holdToDocument(desk, note.kind, request);
    return serveRetrieval(register, nhsNumber);
  }
  const update = updateOf(request, nhsNumber, identity, note.requestId!);
  holdToDocument(desk, note.kind, request);
  const today = new Date(desk.nowMs()).toISOString().slice(0, 10);
  return serveUpdate(register, update, note, desk.settings.staleStatus, today);
}

function serveRetrieval(register: Register, nhsNumber: string): Reply {
  const person = register.follow(nhsNumber);
  if (!person) throw new PdsRefusal("RESOURCE_NOT_FOUND");
  if (isWithdrawn(register, person)) throw new PdsRefusal("INVALIDATED_RESOURCE");
  return fhirReply(200, retrievalView(person.patient), { etag: etagOf(person.patient) });
}

function holdToDocument(desk: Desk, operation: Operation, request: PdsRequest): void {
  const objection = desk.oas?.objectionTo(operation, request);
  if (objection) throw objection;
}

const insufficient = (): PdsRefusal =>
  new PdsRefusal("INVALID_METHOD", "Your app has insufficient permissions to use this method. Please contact support.");

function noSuchService(desk: Desk, request: PdsRequest): PdsRefusal {
  if (typeof desk.tokens.judge(request.header("authorization")) === "string") return new PdsRefusal("ACCESS_DENIED");
  return request.method === "GET" ? new PdsRefusal("UNSUPPORTED_SERVICE") : insufficient();
}

/** The answer with the request's own ids in its headers. */
function mirrored(request: PdsRequest, reply: Reply): Reply {
  for (const name of ["x-request-id", "x-correlation-id"]) {
    const value = request.header(name);
    if (value !== undefined) reply.headers[name] = value;
  }
  return reply;
}

/** The answer, if the OpenAPI document allows it. One that breaks it is a defect of the double and must not pass. */
function checked(desk: Desk, operation: Operation, reply: Reply): Reply {
  const breach = desk.oas?.breachIn(operation, reply);
  if (breach === undefined) return reply;
  desk.violations.push({ at: new Date(desk.nowMs()).toISOString(), operation, status: reply.status, breach });
  return { status: 500, headers: { "content-type": "text/plain" }, body: "The double broke the OpenAPI document.\n" };
}

/** The service's error code in an answer. */
function codeIn({ status, body }: Reply): string | null {
  if (status === 200 && !body.startsWith('{"resourceType":"OperationOutcome"')) return null;
  return /"code":"([A-Z_]+)"/.exec(body)?.[1] ?? null;
}
