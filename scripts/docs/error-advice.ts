// What a person does about each error code; docs/errors.md prints it beside the table.

import type { ErrorCode } from "#kernel/errors";

/** One sentence or two for each code. `test/house/errors.test.ts` asks for one where the table has a new code. */
export const errorAdvice = {
  CONFIG_INVALID: "Mend the setting that is named; docs/configuration.md lists them all.",
  POLICY_INVALID: "Mend the policy or mask that is named under resources/policies; nothing starts on a doubtful one.",
  START_PORT_TAKEN: "Stop the other program, or set `portBase` to a free range.",
  START_DATA_IN_USE: "Stop the other Lockgate, or give this one its own `dataDir`.",
  START_DISK_FULL: "Free space on that disk and start again; nothing acknowledged is lost.",
  START_DATA_UNUSABLE: "Check the owner, the rights and the file system of `dataDir`.",
  PLATFORM_NOT_RUNNING: "Start the platform, or check that `portBase` and `dataDir` are those of the running one.",
  DATABASE_START_FAILED: "Read the server's own log under `dataDir`; run `lockgate doctor`.",
  DATABASE_TOO_OLD: "Use PostgreSQL 15 or newer.",
  DATABASE_REFUSED_VALUE:
    "Look at the message for characters that no text may hold, and have them mended at the source.",
  DATABASE_UNAVAILABLE: "Nothing: senders are not acknowledged and try again. Where it lasts, look at the database.",
  VAULT_BROKEN:
    "Treat it as tampering until it is explained: keep the row, look at who wrote to the database, restore it from a backup.",
  VAULT_CLOSED: "Report it: a part of the platform was started without its keys.",
  VAULT_KEY_UNKNOWN:
    "Nothing: the keys are read again at once. Where it lasts, was `kernel.data_key` restored from an older backup?",
  SECRET_INVALID: "Mend the secret that is named: its form, or the owner and the rights (0600) of its file.",
  SECRET_UNKNOWN: "Put the secret into the store under that name; docs/guides/secrets.md lists those that are needed.",
  SECRET_UNAVAILABLE:
    "Nothing while it passes: what was read before still counts. A start waits for the store to answer.",
  SECRET_UNSAFE: "Keep the key in a secret store and name it; a key in a settings file is none.",
  MIGRATION_NEWER_SCHEMA: "Run the newer Lockgate; migrations only go forward.",
  MIGRATION_CHANGED: "Restore the migration as it was released and put the change into a new one.",
  INTERNAL: "Look for the journey in the log and report the fault with its frames, which hold no content.",

  HL7_EMPTY: "The sender sends an empty frame: ask them to mend their interface.",
  HL7_NO_HEADER: "The sender must begin each message with MSH, or a file with FHS or BHS.",
  HL7_BAD_DELIMITERS: "The sender must declare five different delimiters in MSH-1 and MSH-2.",
  HL7_BAD_SEGMENT_NAME: "The sender must begin each segment with its name; often a line break stands inside a field.",
  HL7_BAD_CHARSET: "Agree on a character set with the sender; UTF-8 is best.",
  HL7_BAD_ENCODING: "The sender must send the character set that MSH-18 names.",
  HL7_BAD_BATCH: "The sender must close each batch and file, and count its messages rightly.",
  HL7_BAD_PATH: "Mend the field path in the channel, e.g. `PID-3.1`.",
  HL7_REQUIRED_FIELD: "Mend the message at the source and send it again; the field is named.",
  HL7_BAD_VALUE: "Mend the field at the source and send the message again.",
  HL7_UNSUPPORTED_TYPE: "Send this type to a channel that takes it, or widen this one.",
  HL7_UNSUPPORTED_EVENT: "Send this event to a channel that takes it, or filter it at the source.",
  HL7_UNSUPPORTED_VERSION: "Agree on a version from 2.1 to 2.8 with the sender.",
  HL7_WRONG_PROCESSING_ID: "A test system is wired to a live one, or the reverse: check the address first.",
  HL7_DUPLICATE_CONTROL_ID: "The sender must give each message its own MSH-10; the first message stands.",

  MLLP_FRAME_TOO_LARGE: "Ask the sender to split it, or raise `maxFrameBytes` of the source.",
  MLLP_BAD_FRAME: "The peer does not speak MLLP on this port, or speaks TLS where none is expected.",
  MLLP_FRAME_TIMEOUT: "Nothing: the sender connects and sends again. Where it lasts, look at the network.",
  MLLP_UNFRAMEABLE: "Mend the text that holds the end bytes, or send it encoded.",
  MLLP_TLS_REFUSED: "Check the certificates of both sides: their authority, names and dates.",
  MLLP_CONNECT_FAILED: "Nothing: it is tried again. Where it lasts, call whoever runs the peer.",
  MLLP_CONNECTION_LOST: "Nothing: the message goes again with the same control id, which the peer can know it by.",
  MLLP_ACK_TIMEOUT:
    "Nothing at first; where it lasts, ask the peer whether it got the message, or raise `ackTimeoutMs`.",
  MLLP_ACK_MISMATCH: "The peer answers out of turn. Where it lasts, ask them to mend it.",
  MLLP_PEER_ERROR: "Nothing: it is tried again. Where it lasts, the peer's own log says why.",
  MLLP_PEER_REJECTED: "Read the peer's reason, mend the cause, and replay the dead letter.",

  CHANNEL_UNKNOWN: "Check the name; `lockgate channel list` shows what runs.",
  CHANNEL_OVERLOADED: "Nothing: the sender tries again. Where it lasts, the database is too slow for the load.",
  CHANNEL_TRANSFORM_FAILED: "The channel's code fails on this message: mend the code and replay the dead letter.",
  MESSAGE_EXPIRED: "Decide whether it is still wanted: replay it or dismiss it.",
  MESSAGE_UNKNOWN: "Search by channel and time, or by a business key of its journey.",
  MESSAGE_GONE: "Ask the sender to send it again; `backbone.keepMs` says how long content is kept.",
  SUBSCRIPTION_UNKNOWN: "Check the name; `lockgate channel list` shows subscriptions with their backlog.",
  DEAD_LETTER_UNKNOWN: "Somebody has replayed or dismissed it already; list the dead letters again.",
  REPLAY_UNKNOWN: "Make a new preview; one that nobody starts is kept for a day.",
  REPLAY_STATE: "Look at the replay as it stands: somebody else may have started, paused or ended it.",
  REPLAY_STALE: "Look at the preview again, and start it with the digest that it shows.",
  RESUBMISSION_UNKNOWN: "Check the id of the resubmission.",
  RESUBMISSION_PENDING:
    "Have somebody else decide on the proposal that there is; once it is refused, another can be made.",
  RESUBMISSION_UNFIT:
    "Have the sender send it again: its sender, its processing id and its character set stay what they are.",
  RESUBMISSION_HIDDEN: "Leave what is hidden where it stands, or write the whole field anew.",
  LEASE_LOST: "Nothing: another node has taken over, and nothing was committed twice.",

  PERSON_INVALID: "Mend the demographics at the source; the field and the reason code are named.",
  PERSON_NO_IDENTIFIER: "The sender must give a local identifier or an NHS number.",
  PERSON_AMBIGUOUS: "A data steward compares the persons and decides; then replay the dead letter.",
  PERSON_CONFLICT: "A data steward finds out which identifier is wrong and has it mended at its source.",
  PERSON_NOT_LINKED:
    "Look at the persons again: the link that was to be taken back is not there, or was taken back already.",
  PERSON_LINKED: "Ask for the link to be taken back: two who part are kept apart by that.",
  PERSON_LINKED_SINCE: "Take the later link back first; `lockgate persons links` shows them in order.",
  PERSON_UNKNOWN: "Look at the id: persons go by ids of ours, not by a number of a hospital.",
  CHANGE_UNKNOWN:
    "Use the id that the proposal was answered with; only its proposer and those who follow changes see it.",
  PERSON_PENDING: "Nothing: it goes on once the ERP holds the person's record.",
  PERSON_UNDECIDED:
    "Have what waits decided: the person's page in the console leads to it, or the stewards' queue. The rest follows by itself.",
  PERSON_CHANGED: "Nothing: it is tried again on what is known now.",

  WRITEBACK_CONFLICT: "An approver compares the ERP's value with the proposed one and decides.",
  WRITEBACK_MISMATCH: "The ERP changed the value on its way in: compare the field with the ERP's own rules.",
  ERP_UNAVAILABLE: "Nothing: write-back holds and resumes by itself when the ERP answers.",
  ERP_THROTTLED: "Nothing at first; where it lasts, lower `writeback.callsPerSecond`.",
  ERP_LOCKED: "Nothing: it is tried again when the other user has let go.",
  ERP_STALE: "Nothing: the record is read and decided on again.",
  ERP_NO_ANSWER: "Nothing: the idempotency key tells whether the write happened before anything is written again.",
  ERP_BAD_ANSWER: "Check that `nav.baseUrl` and `nav.protocol` fit the server; a proxy may answer in its place.",
  ERP_DUPLICATE_KEY: "Nothing at first: the record is looked up by key. Where it lasts, compare the two records.",
  ERP_REFUSED: "Read the ERP's reason code, mend the values or the ERP's set-up, and replay the dead letter.",
  ERP_NOT_FOUND: "The record was deleted or renumbered in the ERP: reconcile, then replay the dead letter.",
  ERP_UNAUTHORISED: "Check the integration's user, its key and its permission sets in the ERP.",
  ERP_UNSUPPORTED: "This ERP version or set-up lacks the operation: install its extension or change the protocol.",

  NATIONAL_UNAVAILABLE:
    "Nothing to do: the changes wait in order and go on by themselves. Tell the national service desk if it lasts.",
  NATIONAL_THROTTLED: "Nothing to do: the changes wait their turn. Ask for a higher limit if it is often so.",
  NATIONAL_STALE: "Read the record again and have the change approved again.",
  NATIONAL_REFUSED: "Read the reason code; correct the person's data, or the request's rights at the national service.",
  NATIONAL_UNAUTHORISED: "Check the API key, the key id and the private key; what waits goes on once they are right.",
  NATIONAL_NO_ANSWER: "Nothing to do: the request is repeated under the same request id.",
  NATIONAL_BAD_ANSWER: "Look for a gateway between Lockgate and the national service that answers in its place.",

  SAGA_UNKNOWN: "Check the id; instances that ended are forgotten after the retention time.",
  SAGA_STATE: "Look at the instance again: it has moved, or has ended.",
  SAGA_CHANGED: "Nothing to do: it is tried again.",
  SAGA_VERSION_UNKNOWN: "Start a node that still has that version of the definition, or cancel the instance.",
  SAGA_DIVERGED: "Raise the definition's version and keep the old one for the instances under way.",
  WORK_UNKNOWN: "Check the id of the work item.",
  WORK_STATE: "Look at the item again: it is closed, or somebody else has it.",
  WORK_FORBIDDEN: "Have somebody else decide: the proposer never does, and some actions need a role.",
  WORK_PARTS_TIED: "Refuse all parts of the group, or none; the item's action names its groups as `tied`.",
  WORK_OVERTAKEN: "Refuse it, look at how things stand, and ask again if it is still needed.",
  WORK_UNASSIGNABLE: "Choose somebody out of those whom the item can be given to.",
  GROUP_UNKNOWN: "Make a new preview; one that nobody starts is kept for a day.",
  GROUP_STATE: "Look at the group as it stands: somebody else may have started, paused or ended it.",
  GROUP_STALE: "Look at the preview again, and start it with the digest that it shows.",
  GROUP_UNFIT: "Take the items on together, or comment on all; decide on each by itself.",
  WORK_STALE: "Show the item again and decide on what it says now.",

  RULES_INVALID: "Correct the line that is named; `lockgate rules check FILE` tells without applying.",
  RULES_VERSION_TAKEN: "Give the changed pack a new version label; a label stands for one content for ever.",
  RULES_NOT_ASKED: "Try a journey that came to a decision, or paste its message.",
  CODE_MAP_UNKNOWN: "`lockgate codes list` shows the maps.",
  CODE_TARGET_UNFIT:
    "Choose another, or have it made or unblocked in the ERP first; `lockgate codes targets` shows what there is.",
  RULES_UNKNOWN: "Check the name and the version; `lockgate rules list` shows them.",

  MATCH_MAP_INVALID: "Correct the part of the map that is named; docs/guides/match-files.md shows one.",
  MATCH_COLUMN_MISSING: "Name the column as the file's first row does, or leave the field out of the map.",

  AUDIT_BAD_LEAF: "A fault of the program: report it. What it recorded was rolled back with it.",
  AUDIT_TAMPERED:
    "Stop, keep the database and the checkpoint file as they are, and call the information governance lead.",
  AUDIT_BAD_CHECKPOINT:
    "Check that the checkpoint and the verifier key belong to this log; if they do, treat it as tampering.",
  AUDIT_NOT_SEQUENCED: "Ask again after the next checkpoint.",
  AUDIT_UNKNOWN_ENTRY: "Check the position; a journey's trace gives those of its leaves.",

  REQUEST_INVALID: "Mend the request; the part that is wrong is named.",
  REQUEST_UNDER_WAY: "Nothing: come again after the time that `Retry-After` says, with the same key.",
  IDEMPOTENCY_ANSWER_WITHHELD: "Ask for what was written by itself; the write need not be repeated.",
  IDEMPOTENCY_KEY_REUSED: "Choose a new key for each new request; repeat a request only as it was.",
  REQUEST_UNSUPPORTED_MEDIA: "Send JSON as `application/json`, in UTF-8 and not compressed.",
  RATE_EXCEEDED:
    "Come again after the time that `Retry-After` says, and more slowly: `RateLimit` says how much is left. Who needs more is given it under `throttle.clients`.",
  QUOTA_EXCEEDED: "Come again after midnight UTC, or have the client's `perDay` raised under `throttle.clients`.",
  GATEWAY_OVERLOADED:
    "Come again after the time that `Retry-After` says; where it lasts, run the gateway on more nodes.",
  IDENTITY_UNAVAILABLE: "Come again; where it lasts, check that the issuer and its `jwksUrl` can be reached from here.",
  REQUEST_UNAUTHENTICATED: "Send a valid bearer token, or a session's cookie, and not both.",
  SIGN_IN_REQUIRED: "Run `lockgate sign-in`; with `--as`, for the person that is named.",
  SIGN_IN_UNKNOWN: "Give the issuer `signIn` in the settings, with `commandClientId` for the command line.",
  SIGN_IN_REFUSED: "Begin again at `/auth/sign-in`; the audit tells in one word what did not hold.",
  SESSION_ENDED: "Sign in again.",
  SESSION_LOCKED: "Sign in again; `identity.sessions.idleMs` says how long a session may rest.",
  CSRF_REFUSED: "Send `X-CSRF-Token` as `GET /auth/session` tells it.",
  PURPOSE_REQUIRED:
    "State a purpose of use: direct-care, administration, finance, audit, safety-review or break-glass.",
  SECOND_FACTOR_REQUIRED: "Sign in again with a second factor.",
  ACCESS_REFUSED:
    "Run `lockgate policy explain`, or ask whoever may, which policy is in the way; docs/permissions.md lists them all.",
  CONTRACT_INVALID: "Mend the document under resources/openapi that is named; `npm run check` tells more of it.",
  ANSWER_INVALID:
    "Report it with the operation and the place that the log names: the API document and the code differ.",
  PRECONDITION_REQUIRED: "Read the resource, and send its `ETag` as `If-Match`; for a new one, `If-None-Match: *`.",
  PRECONDITION_FAILED: "Read it again, decide again, and send the new `ETag`.",
  ROUTE_UNKNOWN: "Check the address and the API version in it.",
  JOURNEY_UNKNOWN: "Check the key; a message that was never taken in has no journey.",
} as const satisfies Partial<Record<ErrorCode, string>>;
