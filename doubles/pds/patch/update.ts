// Serves an update: exactly once under its X-Request-ID, at exactly the version that its sender read.

import { createHash } from "node:crypto";
import type { CallNote } from "../ledger.ts";
import type { Identity } from "../oauth/tokens.ts";
import { fhirReply, PdsRefusal, type Reply } from "../outcome.ts";
import { etagOf, type Patient, retrievalView } from "../patient.ts";
import type { Person, Register } from "../register.ts";
import type { PdsRequest } from "../request.ts";
import { applyPatches, type Patch, patchesIn } from "./operations.ts";
import { badUpdate } from "./pointer.ts";
import { checkRules } from "./rules.ts";

/** An update whose form is right. */
export interface Update {
  nhsNumber: string;
  patches: Patch[];
  /** `If-Match` as sent. */
  version: string;
  /** Application and `X-Request-ID`: under this the update is done once. */
  key: string;
  /** Hash of what is asked. */
  digest: string;
}

/** Reads an update; throws PdsRefusal. */
export function updateOf(request: PdsRequest, nhsNumber: string, identity: Identity, requestId: string): Update {
  if (!request.header("content-type")?.startsWith("application/json")) throw new PdsRefusal("UNSUPPORTED_SERVICE");
  const version = request.header("if-match");
  if (version === undefined || !/^W\/"\d+"$/.test(version))
    throw new PdsRefusal(
      "PRECONDITION_FAILED",
      "Invalid request with error - If-Match header must be supplied to update this resource",
    );
  const digest = createHash("sha256").update(`${nhsNumber} ${version} ${request.body}`).digest("base64url");
  const key = `${identity.client} ${requestId.toLowerCase()}`;
  return { nhsNumber, patches: patchesIn(request.body), version, key, digest };
}

/** Does an update, or answers a repetition as the first time; throws PdsRefusal. */
export function serveUpdate(
  register: Register,
  update: Update,
  note: CallNote,
  staleStatus: 409 | 412,
  today: string,
): Reply {
  const done = register.doneUpdate(update.key);
  if (done) {
    if (done.digest !== update.digest) throw badUpdate("X-Request-ID was used for another update");
    return updated(done.patient, note);
  }
  const person = register.find(update.nhsNumber);
  if (!person) throw new PdsRefusal("RESOURCE_NOT_FOUND");
  if (isWithdrawn(register, person)) throw new PdsRefusal("INVALIDATED_RESOURCE");
  // A number that was replaced has no version of its own any more: whoever read it must read again.
  if (person.supersededBy || etagOf(person.patient) !== update.version) throw stale(staleStatus);
  const changed = applyPatches(person.patient, update.patches);
  checkRules(person.patient, changed, today);
  const { patient } = register.put(changed, { key: update.key, digest: update.digest });
  note.committed = true;
  return updated(patient, note);
}

/** Whether what a number leads to was withdrawn. */
export const isWithdrawn = (register: Register, person: Person): boolean =>
  register.follow(person.patient.id)?.isInvalidated === true;

const stale = (status: 409 | 412): PdsRefusal =>
  status === 409
    ? new PdsRefusal("RESOURCE_VERSION_MISMATCH")
    : new PdsRefusal("PRECONDITION_FAILED", "Invalid request with error - the resource has another version");

function updated(patient: Patient, note: CallNote): Reply {
  note.version = patient.meta.versionId;
  return fhirReply(200, retrievalView(patient), { etag: etagOf(patient) });
}
