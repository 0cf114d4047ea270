// The one table of error codes: what a caller may do next, and how each wire says it.

/**
 * What a caller may do after an error; the retry policy reads nothing else.
 *
 * - `transient`: the other side provably did not act. Retry.
 * - `ambiguous`: the other side may have acted. Read back, and retry only under an idempotency key.
 * - `permanent`: a person or a rule must change something first.
 */
export type Disposition = "transient" | "ambiguous" | "permanent";

/** One row of the table. */
export type ErrorRow = {
  readonly disposition: Disposition;
  /** HTTP status the gateway answers with. */
  readonly http: number;
  /** MSA-1 in original mode (HL7 table 0008); enhanced mode uses the matching C-code. */
  readonly ack: "AE" | "AR";
  /** ERR-3 condition code (HL7 table 0357). */
  readonly hl7: 100 | 101 | 102 | 103 | 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207;
  /** One line for a person. Never holds a value from a message. */
  readonly text: string;
};

const permanent = (http: number, ack: "AE" | "AR", hl7: ErrorRow["hl7"], text: string): ErrorRow => ({
  disposition: "permanent",
  http,
  ack,
  hl7,
  text,
});
const transient = (http: number, text: string): ErrorRow => ({
  disposition: "transient",
  http,
  ack: "AE",
  hl7: 207,
  text,
});
const ambiguous = (http: number, text: string): ErrorRow => ({
  disposition: "ambiguous",
  http,
  ack: "AE",
  hl7: 207,
  text,
});

export const errorTable = {
  // Configuration and start
  CONFIG_INVALID: permanent(500, "AR", 207, "A setting is unknown or invalid."),
  POLICY_INVALID: permanent(500, "AR", 207, "The access policies or field masks are not of the documented form."),
  START_PORT_TAKEN: permanent(500, "AR", 207, "A port is already in use."),
  START_DATA_IN_USE: permanent(500, "AR", 207, "Another Lockgate runs on this data directory."),
  START_DISK_FULL: permanent(507, "AR", 207, "The disk that holds the data directory is full."),
  START_DATA_UNUSABLE: permanent(500, "AR", 207, "The data directory cannot be used."),
  PLATFORM_NOT_RUNNING: transient(503, "No Lockgate answers there; start it with `npm start`."),
  DATABASE_START_FAILED: permanent(500, "AR", 207, "The embedded PostgreSQL did not start."),
  DATABASE_TOO_OLD: permanent(500, "AR", 207, "The PostgreSQL server is older than version 15."),
  DATABASE_REFUSED_VALUE: permanent(422, "AE", 102, "A value is of a form that cannot be stored."),
  DATABASE_UNAVAILABLE: transient(503, "The database does not answer."),
  VAULT_BROKEN: permanent(500, "AR", 207, "A sealed value does not open: it was changed, or moved from another place."),
  VAULT_CLOSED: permanent(500, "AR", 207, "This process was started without the keys to sealed values."),
  VAULT_KEY_UNKNOWN: transient(503, "The data key of a sealed value is not known yet."),
  SECRET_INVALID: permanent(500, "AR", 207, "A secret is malformed, or readable by others than the platform."),
  SECRET_UNKNOWN: permanent(500, "AR", 207, "A secret is not in the secret store."),
  SECRET_UNAVAILABLE: transient(503, "The secret store does not answer."),
  SECRET_UNSAFE: permanent(500, "AR", 207, "A default or demonstration secret is not taken in a live environment."),
  MIGRATION_NEWER_SCHEMA: permanent(500, "AR", 207, "The database was migrated by a newer Lockgate."),
  MIGRATION_CHANGED: permanent(500, "AR", 207, "A migration that was already applied has been edited."),
  INTERNAL: ambiguous(500, "An unexpected fault inside Lockgate."),

  // HL7 v2 language
  HL7_EMPTY: permanent(400, "AR", 100, "The message is empty."),
  HL7_NO_HEADER: permanent(400, "AR", 100, "The message does not begin with MSH, FHS or BHS."),
  HL7_BAD_DELIMITERS: permanent(400, "AR", 102, "MSH-1 and MSH-2 do not declare usable delimiters."),
  HL7_BAD_SEGMENT_NAME: permanent(400, "AE", 100, "A segment does not begin with a three-character name."),
  HL7_BAD_CHARSET: permanent(400, "AR", 103, "MSH-18 names a character set that is not supported."),
  HL7_BAD_ENCODING: permanent(400, "AE", 102, "The bytes are not valid in the declared character set."),
  HL7_BAD_BATCH: permanent(400, "AR", 100, "The batch or file envelope is incomplete or miscounted."),
  HL7_BAD_PATH: permanent(400, "AE", 102, "A field path is not of the form SEG[n]-F[r].C.S."),
  HL7_REQUIRED_FIELD: permanent(422, "AE", 101, "A required field is missing."),
  HL7_BAD_VALUE: permanent(422, "AE", 102, "A field's value is not of its data type."),
  HL7_UNSUPPORTED_TYPE: permanent(422, "AR", 200, "The message type is not taken by this channel."),
  HL7_UNSUPPORTED_EVENT: permanent(422, "AR", 201, "The trigger event is not taken by this channel."),
  HL7_UNSUPPORTED_VERSION: permanent(422, "AR", 203, "The HL7 version is not supported."),
  HL7_WRONG_PROCESSING_ID: permanent(422, "AR", 202, "MSH-11 does not belong to this environment."),
  HL7_DUPLICATE_CONTROL_ID: permanent(409, "AR", 205, "The control id was already used for other bytes."),

  // MLLP wire
  MLLP_FRAME_TOO_LARGE: permanent(413, "AR", 207, "The MLLP frame is larger than allowed."),
  MLLP_BAD_FRAME: permanent(400, "AR", 207, "Bytes arrived outside an MLLP frame."),
  MLLP_FRAME_TIMEOUT: transient(408, "An MLLP frame was begun and not ended in time."),
  MLLP_UNFRAMEABLE: permanent(422, "AR", 207, "The message holds the MLLP end bytes and would be cut on the wire."),
  MLLP_TLS_REFUSED: permanent(403, "AR", 207, "The peer's TLS handshake or certificate was refused."),
  MLLP_CONNECT_FAILED: transient(503, "The MLLP peer could not be reached."),
  MLLP_CONNECTION_LOST: ambiguous(504, "The MLLP connection was lost before the acknowledgement."),
  MLLP_ACK_TIMEOUT: ambiguous(504, "The MLLP peer did not acknowledge in time."),
  MLLP_ACK_MISMATCH: ambiguous(502, "The acknowledgement does not belong to the message sent."),
  MLLP_PEER_ERROR: transient(502, "The MLLP peer answered with an application error."),
  MLLP_PEER_REJECTED: permanent(502, "AE", 207, "The MLLP peer rejected the message."),

  // Channels and backbone
  CHANNEL_UNKNOWN: permanent(404, "AR", 207, "There is no channel of that name."),
  CHANNEL_OVERLOADED: transient(503, "The channel takes no more messages at the moment."),
  CHANNEL_TRANSFORM_FAILED: permanent(500, "AE", 207, "The channel's transformation failed."),
  MESSAGE_EXPIRED: permanent(410, "AE", 207, "The message was not handled before it expired."),
  MESSAGE_UNKNOWN: permanent(404, "AE", 204, "There is no such message."),
  MESSAGE_GONE: permanent(410, "AE", 204, "The message's content is not kept any more."),
  SUBSCRIPTION_UNKNOWN: permanent(404, "AE", 204, "There is no subscription of that name."),
  DEAD_LETTER_UNKNOWN: permanent(404, "AE", 204, "There is no dead letter of that number."),
  REPLAY_UNKNOWN: permanent(404, "AE", 204, "There is no such replay, or its preview has run out."),
  REPLAY_STATE: permanent(409, "AE", 207, "The replay is not in a state that allows this."),
  REPLAY_STALE: permanent(409, "AE", 206, "The digest is not that of the letters that the preview fixed."),
  RESUBMISSION_UNKNOWN: permanent(404, "AE", 204, "There is no such resubmission."),
  RESUBMISSION_PENDING: permanent(
    409,
    "AE",
    207,
    "The dead letter was mended already, and nobody has decided on that yet.",
  ),
  RESUBMISSION_UNFIT: permanent(
    422,
    "AE",
    207,
    "This cannot be mended: only what a channel took in, and not whose it is.",
  ),
  RESUBMISSION_HIDDEN: permanent(422, "AE", 207, "What is hidden in the message cannot be moved or changed in part."),
  LEASE_LOST: transient(503, "The lease on a partition was lost before the work was committed."),

  // Content of demographics
  PERSON_INVALID: permanent(422, "AE", 102, "The demographics break a rule that refuses them."),
  PERSON_NO_IDENTIFIER: permanent(422, "AE", 101, "The message names no identifier to know the person by."),
  PERSON_AMBIGUOUS: permanent(409, "AE", 204, "More than one known person fits; a person must decide."),
  PERSON_CONFLICT: permanent(
    409,
    "AE",
    204,
    "The identifiers belong to different known persons; a person must decide.",
  ),
  PERSON_NOT_LINKED: permanent(404, "AE", 204, "No link joins these persons, or it was taken back already."),
  PERSON_LINKED: permanent(409, "AE", 204, "These persons are one at present; the link has to be taken back first."),
  PERSON_LINKED_SINCE: permanent(409, "AE", 204, "A later link rests on this one and has to be taken back first."),
  PERSON_UNKNOWN: permanent(404, "AE", 204, "There is no such person."),
  CHANGE_UNKNOWN: permanent(404, "AE", 204, "There is no such proposed change."),
  PERSON_PENDING: transient(409, "The person's record is on its way to the ERP and not there yet."),
  PERSON_UNDECIDED: transient(409, "Something else about the person has to be decided first."),
  PERSON_CHANGED: transient(409, "The person was changed by another message at the same moment."),

  // Write-back and ERP
  WRITEBACK_CONFLICT: permanent(409, "AE", 206, "The ERP holds a newer value of its own; a person must decide."),
  WRITEBACK_MISMATCH: permanent(502, "AE", 207, "The value read back from the ERP is not the value written."),
  ERP_UNAVAILABLE: transient(503, "The ERP does not take requests."),
  ERP_THROTTLED: transient(503, "The ERP asks to slow down."),
  ERP_LOCKED: transient(503, "The ERP record is locked by another user."),
  ERP_STALE: transient(409, "The ERP record has changed since it was read."),
  ERP_NO_ANSWER: ambiguous(504, "The ERP's answer was lost; the write may have happened."),
  ERP_BAD_ANSWER: ambiguous(502, "The ERP answered in a form that cannot be understood."),
  ERP_DUPLICATE_KEY: ambiguous(409, "The ERP already holds a record under that key."),
  ERP_REFUSED: permanent(422, "AE", 207, "The ERP refused the values."),
  ERP_NOT_FOUND: permanent(404, "AE", 204, "The ERP holds no such record."),
  ERP_UNAUTHORISED: permanent(502, "AE", 207, "The ERP refused the credentials."),
  ERP_UNSUPPORTED: permanent(501, "AE", 207, "The ERP offers no such operation."),

  // National demographic service
  NATIONAL_UNAVAILABLE: transient(503, "The national service does not take requests."),
  NATIONAL_THROTTLED: transient(503, "The national service, or our share of it, asks to slow down."),
  NATIONAL_STALE: permanent(409, "AE", 206, "The national record has changed since it was read."),
  NATIONAL_REFUSED: permanent(422, "AE", 207, "The national service refused the request."),
  NATIONAL_UNAUTHORISED: permanent(502, "AE", 207, "The national service refused the credentials."),
  NATIONAL_NO_ANSWER: ambiguous(504, "The national service's answer was lost."),
  NATIONAL_BAD_ANSWER: ambiguous(502, "The national service answered in a form that cannot be understood."),

  // Sagas and work items
  SAGA_UNKNOWN: permanent(404, "AE", 204, "There is no such saga instance."),
  SAGA_STATE: permanent(409, "AE", 207, "The saga instance is not in a state that allows this."),
  SAGA_CHANGED: transient(409, "The saga instance moved at the same moment."),
  SAGA_VERSION_UNKNOWN: permanent(500, "AE", 207, "This node does not know the definition an instance runs under."),
  SAGA_DIVERGED: permanent(500, "AE", 207, "A recorded history does not follow the definition it was made under."),
  WORK_UNKNOWN: permanent(404, "AE", 204, "There is no such work item."),
  WORK_STATE: permanent(409, "AE", 207, "The work item is closed, or somebody else's."),
  WORK_FORBIDDEN: permanent(403, "AR", 207, "This person may not decide this work item."),
  WORK_OVERTAKEN: permanent(
    409,
    "AE",
    206,
    "What the work item is about has moved on meanwhile; it can only be refused.",
  ),
  WORK_UNASSIGNABLE: permanent(422, "AE", 207, "That person was not seen here, or may not decide this work item."),
  GROUP_UNKNOWN: permanent(404, "AE", 204, "There is no such group of work items, or its preview has run out."),
  GROUP_STATE: permanent(409, "AE", 207, "The group of work items is not in a state that allows this."),
  GROUP_STALE: permanent(409, "AE", 206, "The digest is not that of the work items that the preview fixed."),
  GROUP_UNFIT: permanent(422, "AE", 207, "This is decided one by one: somebody has to look at each work item."),
  WORK_STALE: permanent(409, "AE", 206, "The work item changed since it was shown; look again before deciding."),
  WORK_PARTS_TIED: permanent(
    422,
    "AE",
    207,
    "Parts that belong together, such as those of an address, are refused together.",
  ),

  // Rule packs
  RULES_INVALID: permanent(422, "AE", 102, "The rule pack is not of the documented form."),
  CODE_MAP_UNKNOWN: permanent(404, "AE", 204, "There is no such code map."),
  CODE_TARGET_UNFIT: permanent(422, "AE", 103, "The ERP does not hold that code, or has blocked it."),
  RULES_UNKNOWN: permanent(404, "AE", 204, "There is no such rule pack or version."),
  RULES_NOT_ASKED: permanent(404, "AE", 204, "The rules have decided nothing in that journey."),
  RULES_VERSION_TAKEN: permanent(409, "AE", 205, "The rule pack's version label stands for other content."),

  // Matching of files
  MATCH_MAP_INVALID: permanent(422, "AE", 102, "The map of columns is not of the documented form."),
  MATCH_COLUMN_MISSING: permanent(422, "AE", 101, "The file lacks a column that the map names, or has it twice."),

  // Audit
  AUDIT_BAD_LEAF: permanent(500, "AE", 207, "An audit leaf is too large or cannot be written as canonical JSON."),
  AUDIT_TAMPERED: permanent(500, "AE", 207, "The audit log does not match its checkpoint."),
  AUDIT_BAD_CHECKPOINT: permanent(500, "AE", 207, "The checkpoint is malformed or its signature is wrong."),
  AUDIT_NOT_SEQUENCED: transient(409, "The entry is not yet under a checkpoint."),
  AUDIT_UNKNOWN_ENTRY: permanent(404, "AE", 204, "The audit log holds no such entry."),

  // Gateway
  REQUEST_INVALID: permanent(400, "AE", 102, "The request is not of the documented form."),
  IDENTITY_UNAVAILABLE: transient(503, "The identity provider cannot be reached."),
  REQUEST_UNAUTHENTICATED: permanent(401, "AR", 207, "The request carries no valid credential."),
  SIGN_IN_REQUIRED: permanent(401, "AR", 207, "Nobody is signed in here; `lockgate sign-in` does that."),
  SIGN_IN_UNKNOWN: permanent(404, "AR", 207, "There is no identity provider to sign in at."),
  SIGN_IN_REFUSED: permanent(400, "AR", 207, "The sign-in did not come about; it has to be begun again."),
  SESSION_ENDED: permanent(401, "AR", 207, "The session has ended; sign in again."),
  SESSION_LOCKED: permanent(401, "AR", 207, "The session was not used for long and is locked; sign in again."),
  CSRF_REFUSED: permanent(403, "AR", 207, "A write under a session has to show the session's token."),
  REQUEST_UNDER_WAY: transient(409, "A request with this idempotency key is under way."),
  IDEMPOTENCY_KEY_REUSED: permanent(422, "AE", 102, "The idempotency key was used for another request."),
  IDEMPOTENCY_ANSWER_WITHHELD: permanent(
    409,
    "AE",
    207,
    "The write was done; what whoever asks may see of its answer has changed since.",
  ),
  REQUEST_UNSUPPORTED_MEDIA: permanent(415, "AE", 102, "The body is of a type or an encoding that is not taken."),
  RATE_EXCEEDED: transient(429, "More requests at once than the allowance permits."),
  QUOTA_EXCEEDED: transient(429, "The requests that are allowed for this day are used up."),
  GATEWAY_OVERLOADED: transient(503, "The gateway has more in hand than it can answer in time."),
  PURPOSE_REQUIRED: permanent(400, "AE", 101, "The request does not say for what purpose the data is asked for."),
  SECOND_FACTOR_REQUIRED: permanent(403, "AR", 207, "This needs a sign-in with a second factor."),
  ACCESS_REFUSED: permanent(403, "AR", 207, "The policies do not permit this."),
  CONTRACT_INVALID: permanent(500, "AR", 207, "The API documents are not of the form that the gateway needs."),
  ANSWER_INVALID: permanent(500, "AE", 207, "The answer is not of the documented form and is withheld."),
  PRECONDITION_REQUIRED: permanent(428, "AE", 101, "The request has to say by If-Match which state it is meant for."),
  PRECONDITION_FAILED: permanent(412, "AE", 206, "What the request is about has changed since; look again."),
  ROUTE_UNKNOWN: permanent(404, "AR", 207, "There is no such resource."),
  JOURNEY_UNKNOWN: permanent(404, "AE", 204, "No journey goes by that key."),
} as const satisfies Record<string, ErrorRow>;

/** Every code that Lockgate can answer with. */
export type ErrorCode = keyof typeof errorTable;
