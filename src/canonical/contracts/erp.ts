// What Lockgate asks of an ERP's patients: the port that an ERP connector implements and that services call.

import type { Gender, NhsNumberStatus } from "#canonical/model";

/**
 * A patient as the ERP holds one, in canonical words. `null` says that the ERP's field is blank.
 * Dates are whole ISO dates (`2001-02-03`); an ERP holds no partial date.
 */
export type PatientRecord = {
  /** Local hospital number, unique within `mrnAuthority`. ERPs compare it without regard to case. */
  readonly mrn: string;
  /** The assigning authority of `mrn`. */
  readonly mrnAuthority: string;
  /** Ten digits, no spaces. */
  readonly nhsNumber: string | null;
  readonly nhsNumberStatus: NhsNumberStatus | null;
  readonly title: string | null;
  readonly familyName: string | null;
  readonly givenName: string | null;
  /** Further given names, separated by one space. */
  readonly middleNames: string | null;
  readonly birthDate: string | null;
  readonly gender: Gender | null;
  readonly addressLine1: string | null;
  readonly addressLine2: string | null;
  readonly town: string | null;
  readonly county: string | null;
  /** Upper case with one space before the last three characters, when it is a UK postcode. */
  readonly postcode: string | null;
  readonly country: string | null;
  /** E.164 where the number could be read, else as sent. */
  readonly phone: string | null;
  readonly email: string | null;
  readonly gpPracticeCode: string | null;
  readonly deceased: boolean | null;
  readonly deathDate: string | null;
  /** `externalId` of the patient that this one was merged into; `null` for a living record. */
  readonly mergedIntoId: string | null;
};

/** Values to write or as read. Absent: leave unchanged (or not held by this ERP). `null`: blank. */
export type PatientValues = Partial<PatientRecord>;

/** The values of a new patient: what `PatientValues` may hold, with the identifier that every patient has. */
export type NewPatientValues = PatientValues & Pick<PatientRecord, "mrn" | "mrnAuthority">;

/** The longest text, in UTF-16 code units, that a field may have on its way to any ERP. */
export const patientTextLimits = {
  mrn: 30,
  mrnAuthority: 50,
  nhsNumber: 10,
  nhsNumberStatus: 2,
  title: 20,
  familyName: 50,
  givenName: 30,
  middleNames: 50,
  addressLine1: 100,
  addressLine2: 50,
  town: 30,
  county: 30,
  postcode: 20,
  country: 10,
  phone: 30,
  email: 80,
  gpPracticeCode: 20,
} as const satisfies Partial<Record<keyof PatientRecord, number>>;

/** One patient of the ERP with what is needed to change it safely. */
export type ErpPatient = {
  /** The ERP's own permanent id of the record. Never reused, never changed by an update or a merge. */
  readonly externalId: string;
  /** Opaque; differs after every write to the record, whoever wrote. Passed back verbatim to `update`. */
  readonly version: string;
  /** When the ERP last changed the record, in milliseconds since the Unix epoch. */
  readonly modifiedAt: number;
  readonly values: PatientValues;
  /** The key of the last write of ours, where the ERP keeps it on the record. */
  readonly idempotencyKey?: string | undefined;
};

/** A place in the ERP's patients, ordered by `modifiedAt`, then `externalId`. Any `ErpPatient` serves as one. */
export type PatientCursor = Pick<ErpPatient, "externalId" | "modifiedAt">;

/** What goes with every call. */
export type CallContext = {
  /** W3C Trace Context header value of the journey. */
  readonly traceparent: string;
  /** Aborts the call. See `ErpPatients` for what an abort may be reported as. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * An ERP's patients. Every function rejects with a `LockgateError` only; its disposition is a promise:
 *
 * - `ERP_UNAVAILABLE`, `ERP_THROTTLED`, `ERP_LOCKED`: MUST be used only if the ERP provably did not act (never connected,
 *   or refused before acting). `ERP_THROTTLED` and `ERP_UNAVAILABLE` carry `retryAfterMs` where the ERP named a wait.
 * - `ERP_STALE`, `ERP_REFUSED`, `ERP_NOT_FOUND`, `ERP_UNAUTHORISED`, `ERP_UNSUPPORTED`: the ERP answered and changed nothing.
 * - `ERP_DUPLICATE_KEY`: this call changed nothing, but an earlier one under the same key did, or another record holds the
 *   same identifier. Read back with `findByIdempotencyKey`, then `findByIdentifier`.
 * - `ERP_NO_ANSWER`, `ERP_BAD_ANSWER`: the write may have happened. A request that may have left this machine and has no
 *   answer that can be understood MUST end in one of these, an abort by `signal` included.
 *
 * An implementation MUST NOT retry a write by itself, and MUST NOT put a patient's values into an error.
 */
export type ErpPatients = {
  /** Names the connection in logs and on the console, e.g. `nav-main`. */
  readonly name: string;

  /** The patient with that id, as of now: MUST NOT come from a cache or a replica. `undefined` if the ERP holds none. */
  read(externalId: string, context: CallContext): Promise<ErpPatient | undefined>;

  /**
   * The patient that a write under `key` created or updated, in its present state.
   * MUST find the key of any earlier write of ours, not only of the last one on the record.
   * `undefined` is a promise that no write under that key is visible in the ERP now.
   */
  findByIdempotencyKey(key: string, context: CallContext): Promise<ErpPatient | undefined>;

  /** All patients with that local number, merged ones included; none is an empty array. */
  findByIdentifier(
    identifier: { readonly mrn: string; readonly authority: string },
    context: CallContext,
  ): Promise<readonly ErpPatient[]>;

  /**
   * All patients with that NHS number, and with that birth date where one is given; merged ones included.
   * MUST return the ones whose own birth date is blank too: the caller judges.
   */
  findByNhsNumber(
    person: { readonly nhsNumber: string; readonly birthDate?: string | undefined },
    context: CallContext,
  ): Promise<readonly ErpPatient[]>;

  /**
   * Adds a patient and records `idempotencyKey` with it in the same ERP transaction.
   * A key that was written before MUST be refused with `ERP_DUPLICATE_KEY`, as MUST a local number that another patient has.
   * Values the ERP cannot hold unchanged MUST be refused with `ERP_REFUSED`, never cut.
   */
  create(values: NewPatientValues, idempotencyKey: string, context: CallContext): Promise<ErpPatient>;

  /**
   * Changes the fields that `values` names and no other, and records `idempotencyKey` in the same ERP transaction.
   * MUST be refused with `ERP_STALE` if the record is no longer at `version`, with `ERP_DUPLICATE_KEY` if the key was
   * written before (this wins over `ERP_STALE`, where the ERP can tell), with `ERP_NOT_FOUND` if there is no such record.
   */
  update(
    externalId: string,
    version: string,
    values: PatientValues,
    idempotencyKey: string,
    context: CallContext,
  ): Promise<ErpPatient>;

  /**
   * Every patient after `after` (all, if `undefined`) in cursor order, for reconciliation. A patient changed while the
   * listing runs MAY come twice and MUST NOT be left out. Pages are fetched as the caller consumes.
   */
  list(after: PatientCursor | undefined, context: CallContext): AsyncIterable<ErpPatient>;
};
