// The Personal Demographics Service behind the port of the national demographic service (PDS FHIR API, R4).

import { randomUUID } from "node:crypto";
import { v5 } from "uuid";
import type {
  CallContext,
  NationalAnswer,
  NationalDemographics,
  NationalQuery,
  NationalRecord,
  NationalUser,
} from "#canonical/contracts";
import { type PersonChanges, type PersonField, whereabouts } from "#canonical/model";
import { hasValidCheckDigit } from "#canonical/rules";
import { openBreaker, type SharedLimit, sharedLimit } from "#engine/limits";
import type { AlarmClock } from "#kernel/clock";
import type { Queryable } from "#kernel/db";
import { type ErrorCode, LockgateError } from "#kernel/errors";
import { isId } from "#kernel/ids";
import type { Log } from "#kernel/log";
import { calling } from "#kernel/telemetry";
import { traceId } from "#kernel/trace";
import { accessTokens, isHeaderText } from "./access-token.ts";
import { codeOf, type Ending, type Told, toldBy, updateError } from "./dispositions.ts";
import { type Json, objectOf, parsed } from "./json.ts";
import { patchOf } from "./patch.ts";
import { isRedacted, isRestricted, type Received, received, recordOf } from "./record.ts";
import type { PdsSettings } from "./settings.ts";
import { agrees, confirmationOf, type Hit, hitIn, searchOf } from "./trace.ts";
import { openWire, type Reply, type Request, type Wire } from "./wire.ts";

/** Who waits longer than this for a turn under the limit is turned away, and may come again. */
const mostWaitMs = 5_000;
/** Namespace of the ids of confirmations (RFC 9562 §5.5). */
const confirmations = "5d7c1f6e-8f0e-4c1c-9d43-0c7a5d3b9e21";
/** Errors that speak of the service as a whole: it did not answer. A refusal is an answer, and may be of one user's token. */
const silent: ReadonlySet<ErrorCode> = new Set(["NATIONAL_UNAVAILABLE", "NATIONAL_NO_ANSWER"]);
const fewestConnections = 8;
const mostConnections = 64;

/** The demographic service of one PDS connection. */
export type PdsDemographics = NationalDemographics & {
  /** Lets the requests in hand end; later ones reject with `NATIONAL_UNAVAILABLE`. */
  close(): Promise<void>;
};

/** What came back that was asked for, or how it ended instead. */
type Result = { readonly body: Json; readonly reply: Reply } | { readonly ending: Ending };

/** A request as the operations below know it; the wire's headers are added on the way. */
type Call = Pick<Request, "method" | "path" | "body"> & {
  readonly requestId: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Opens the connection; nothing is sent before the first call. `db` keeps the limit that all nodes share.
 *
 * A request that PDS refuses with 401 under the application's own token is sent once more under a fresh one: it was not
 * acted on. Nothing else is ever repeated. After five calls in a row without an answer, calls are
 * held back as `NATIONAL_UNAVAILABLE` until one goes through again.
 * @throws CONFIG_INVALID if the private key cannot be used
 */
export function pdsDemographics(
  settings: PdsSettings,
  { clock, db, log }: { clock: AlarmClock; db: Queryable; log: Log },
): PdsDemographics {
  const { name, callsPerSecond: perSecond, timeoutMs } = settings;
  const connections = Math.ceil(Math.min(mostConnections, Math.max(fewestConnections, perSecond / 4)));
  const base = new URL(settings.baseUrl);
  const wire = openWire(base.origin, { connections, timeoutMs, clock });
  const tokenWire = openWire(new URL(settings.tokenUrl).origin, { connections: 1, timeoutMs, clock });
  const tokens = accessTokens(settings, tokenWire, clock);
  const limit = sharedLimit({ db, clock, name, perSecond, mostWaitMs });
  const today = (): string => new Date(clock.now()).toISOString().slice(0, 10);
  const send = sender(wire, limit, base.pathname.replace(/\/$/, ""));

  const read = async (call: Call, context: CallContext): Promise<Result> => {
    requireId(call.requestId);
    const token = await tokens.current();
    const result = await send(call, token, context);
    if (!("ending" in result) || result.ending.phase !== "answered" || result.ending.status !== 401) return result;
    tokens.drop(token);
    return send(call, await tokens.current(), context);
  };

  const retrieve = async (nhsNumber: string, requestId: string, context: CallContext): Promise<NationalAnswer> => {
    requireNumber(nhsNumber);
    const result = await read({ method: "GET", path: `/Patient/${nhsNumber}`, requestId }, context);
    if ("ending" in result) return toldBy(result.ending);
    const found = patientIn(result);
    if (isRedacted(found.patient)) return { outcome: "invalidated" };
    const record = recordOf(found, today());
    return found.nhsNumber === nhsNumber
      ? { outcome: "found", record }
      : { outcome: "found", record, supersedes: nhsNumber };
  };

  const search = async (parameters: string, requestId: string, context: CallContext): Promise<Hit | Told> => {
    const result = await read({ method: "GET", path: `/Patient?${parameters}`, requestId }, context);
    if ("ending" in result) return toldBy(result.ending);
    const hit = hitIn(result.body);
    if (!hit) throw badAnswer("NO_SEARCH_RESULT");
    return hit;
  };

  // A match is one hit that agrees, and that the service itself scores 1: at once, or when asked for the whole of it.
  const trace = async (query: NationalQuery, requestId: string, context: CallContext): Promise<NationalAnswer> => {
    const hit = await search(searchOf(query), requestId, context);
    if ("outcome" in hit) return hit;
    if (isRedacted(hit.patient)) return { outcome: "invalidated" };
    if (!agrees(query, hit.patient, today())) return { outcome: "several" };
    if (hit.score !== 1) {
      // Known to the service by an id of its own, and by the same one when the question is repeated.
      const whole = await search(confirmationOf(query), v5(requestId, confirmations), context);
      if ("outcome" in whole || whole.nhsNumber !== hit.nhsNumber || whole.score !== 1) return { outcome: "several" };
    }
    return { outcome: "found", record: recordOf(hit, today()) };
  };

  const update: NationalDemographics["update"] = async (record, changes, user, requestId, context) => {
    const { nhsNumber, version } = record;
    requireNumber(nhsNumber);
    requireId(requestId);
    const { token, headers } = await identityOf(user);
    // A question of its own: under the update's id the service would take it for the update.
    const asked = { method: "GET", path: `/Patient/${nhsNumber}`, requestId: randomUUID(), headers } as const;
    const present = presentOf(await send(asked, token, context), nhsNumber);
    const isSecret = isRestricted(present.patient);
    for (const field of Object.keys(changes) as PersonField[]) {
      if (isSecret && whereabouts.has(field)) throw refused("PDS_RESTRICTED", field);
    }
    const held = recordOf(present, today());
    const missing = missingOf(held, changes);
    // An earlier attempt under this id did it, or somebody else did: nothing is left to do.
    if (Object.keys(missing).length === 0) return held;
    if (present.version !== version) throw new LockgateError("NATIONAL_STALE", { reason: "PDS_VERSION" });
    const result = await send(
      {
        method: "PATCH",
        path: `/Patient/${nhsNumber}`,
        requestId,
        headers: { ...headers, "content-type": "application/json-patch+json", "if-match": version },
        body: JSON.stringify({ patches: patchOf(present.patient, missing, today()) }),
      },
      token,
      context,
    );
    if ("ending" in result) throw updateError(result.ending);
    const changed = patientIn(result);
    if (changed.nhsNumber !== nhsNumber) throw badAnswer("ANOTHER_PATIENT");
    return recordOf(changed, today());
  };

  const breaker = openBreaker({
    system: "pds",
    log,
    isTrouble: (thrown) => thrown instanceof LockgateError && silent.has(thrown.code) && thrown.reason !== "ABORTED",
    heldBack: (retryAfterMs) => new LockgateError("NATIONAL_UNAVAILABLE", { reason: "breaker", retryAfterMs }),
  });
  const close = async (): Promise<void> => {
    breaker.close();
    await Promise.all([wire.close(), tokenWire.close()]);
  };
  return {
    name,
    retrieve: (...call) => breaker.call(() => retrieve(...call)),
    trace: (...call) => breaker.call(() => trace(...call)),
    update: (...call) => breaker.call(() => update(...call)),
    close,
  };
}

/** Sends each call in its turn, and takes the answer for what it is. */
function sender(wire: Wire, limit: SharedLimit, base: string) {
  return async (call: Call, token: string, { traceparent, signal }: CallContext): Promise<Result> => {
    const turn = await limit.take(signal);
    if (turn.outcome === "too-far") {
      throw new LockgateError("NATIONAL_THROTTLED", { reason: "OWN_LIMIT", retryAfterMs: turn.retryAfterMs });
    }
    if (turn.outcome === "aborted") return { ending: { phase: "unsent", cause: "ABORTED" } };
    const { method, path, body, requestId } = call;
    const correlation = traceId(traceparent)?.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    const common = {
      authorization: `Bearer ${token}`,
      accept: "application/fhir+json",
      // Nothing is decompressed, so no small answer can become a large one.
      "accept-encoding": "identity",
      "x-request-id": requestId,
      ...(correlation === undefined ? {} : { "x-correlation-id": correlation }),
      ...call.headers,
    };
    const operation = `${method} /Patient${path.startsWith("/Patient/") ? "/{id}" : ""}`;
    return calling({ system: "pds", operation, parent: traceparent, trouble }, async (self) => {
      const headers = { traceparent: self, ...common };
      const reply = await wire.send({
        method,
        path: base + path,
        headers,
        ...(body === undefined ? {} : { body }),
        signal,
      });
      return resultOf(reply, requestId);
    });
  };
}

/** An ending by which the service gave no answer, or said that it cannot. */
function trouble(result: Result): string | undefined {
  if (!("ending" in result)) return undefined;
  const { ending } = result;
  if (ending.phase !== "answered") return ending.cause;
  return ending.status === 429 || ending.status >= 500 ? `HTTP_${ending.status}` : undefined;
}

/** Branches on what the body is: PDS says "too many matches" under 200 as under 400. */
function resultOf(reply: Awaited<ReturnType<Wire["send"]>>, requestId: string): Result {
  if (reply.phase !== "answered") return { ending: reply };
  // The service mirrors the id: another one means that this is the answer to another question.
  if (reply.requestId !== undefined && reply.requestId.toLowerCase() !== requestId.toLowerCase()) {
    throw badAnswer("ANOTHER_REQUEST");
  }
  const body = objectOf(parsed(reply.body));
  const isOutcome = body.resourceType === "OperationOutcome";
  if (reply.status === 200 && !isOutcome) return { body, reply };
  const { status, retryAfterMs } = reply;
  return { ending: { phase: "answered", status, code: isOutcome ? codeOf(body) : undefined, isOutcome, retryAfterMs } };
}

const badAnswer = (reason: string): LockgateError => new LockgateError("NATIONAL_BAD_ANSWER", { reason });
const refused = (reason: string, at: string): LockgateError => new LockgateError("NATIONAL_REFUSED", { at, reason });

function patientIn({ body, reply }: { body: Json; reply: Reply }): Received {
  const found = received(body, reply.etag);
  if (!found) throw badAnswer("NO_PATIENT");
  return found;
}

/** The path holds nothing but ten digits that can be an NHS number. */
function requireNumber(nhsNumber: string): void {
  if (!hasValidCheckDigit(nhsNumber)) throw refused("INVALID_RESOURCE_ID", "nhsNumber");
}

function requireId(requestId: string): void {
  if (!isId(requestId)) throw refused("INVALID_VALUE", "requestId");
}

/** The record before an update. What cannot be updated is told as an update's error. */
function presentOf(result: Result, nhsNumber: string): Received {
  if ("ending" in result) {
    const { outcome } = toldBy(result.ending);
    throw refused(outcome === "invalidated" ? "INVALIDATED_RESOURCE" : "RESOURCE_NOT_FOUND", "nhsNumber");
  }
  const present = patientIn(result);
  if (isRedacted(present.patient)) throw refused("INVALIDATED_RESOURCE", "nhsNumber");
  if (present.nhsNumber !== nhsNumber) throw new LockgateError("NATIONAL_STALE", { reason: "PDS_SUPERSEDED" });
  return present;
}

/** The changes that the record does not show yet. A person not known to be dead counts as alive. */
function missingOf({ fields }: NationalRecord, changes: PersonChanges): PersonChanges {
  const isHeld = ([field, value]: [string, unknown]): boolean => {
    const held = fields[field as PersonField];
    return value === undefined || held === (value ?? undefined) || (field === "deceased" && value === false && !held);
  };
  return Object.fromEntries(Object.entries(changes).filter((change) => !isHeld(change)));
}

async function identityOf(user: NationalUser): Promise<{ token: string; headers: Readonly<Record<string, string>> }> {
  // Whatever fails there may quote the token, so only an error of our own is passed on.
  const token = await user.accessToken().catch((thrown: unknown) => {
    throw thrown instanceof LockgateError
      ? thrown
      : new LockgateError("NATIONAL_UNAUTHORISED", { reason: "PDS_NO_USER" });
  });
  if (!isHeaderText(token)) throw new LockgateError("NATIONAL_UNAUTHORISED", { reason: "PDS_USER_TOKEN" });
  const { roleId, organisation } = user;
  if (!isHeaderText(roleId)) throw refused("INVALID_VALUE", "roleId");
  if (!isHeaderText(organisation)) throw refused("INVALID_VALUE", "organisation");
  return { token, headers: { "nhsd-session-urid": roleId, "nhsd-end-user-organisation-ods": organisation } };
}
