// What Lockgate asks of the national demographic service: the port that its connector implements and services call.

import type { PersonChanges } from "#canonical/model";
import type { CallContext } from "./erp.ts";

/** A person as the national service holds one, in canonical words. */
export type NationalRecord = {
  /** The number the record goes by now; not always the one asked for. */
  readonly nhsNumber: string;
  /** Opaque; passed back verbatim to `update`. */
  readonly version: string;
  /**
   * The person's whereabouts are withheld. Address, telephone, e-mail and practice are then absent from `fields` even if
   * the service sent them: absent is not deleted, and nobody may store, show, log or forward them.
   */
  readonly restricted: boolean;
  /** What the service tells. A field that it does not tell is absent, never `null`. */
  readonly fields: PersonChanges;
  /** How a death became known: told by a relative or a care provider, or registered. Absent: not known to be dead. */
  readonly death?: "informal" | "formal";
};

/** The answer to a retrieval or a trace. */
export type NationalAnswer =
  /** `supersedes` is the number asked for, where the record now goes by another. */
  | { readonly outcome: "found"; readonly record: NationalRecord; readonly supersedes?: string }
  /** The service knows no such number, or nobody fits. */
  | { readonly outcome: "none" }
  /** Several persons fit, or one fits only roughly: a candidate is never a match. */
  | { readonly outcome: "several" }
  /** The record was withdrawn: stop, no link and no disclosure. */
  | { readonly outcome: "invalidated" };

/** What a trace goes by. Family name and birth date at least; a partial date is not enough. */
export type NationalQuery = {
  readonly familyName: string;
  readonly givenName?: string | undefined;
  /** ISO date, `2001-02-03`. */
  readonly birthDate: string;
  readonly postcode?: string | undefined;
  readonly gender?: "male" | "female" | "other" | "unknown" | undefined;
};

/** On whose behalf a record is changed: a person who signed in at the national identity service. */
export type NationalUser = {
  /** The user's access token, as of now. */
  accessToken(): Promise<string>;
  /** `NHSD-Session-URID`: the role that the user acts in. */
  readonly roleId: string;
  /** `NHSD-End-User-Organisation-ODS`. */
  readonly organisation: string;
};

/**
 * The national demographic service. Every function rejects with a `LockgateError` only; its disposition is a promise:
 *
 * - `NATIONAL_UNAVAILABLE`, `NATIONAL_THROTTLED`: not acted on; both carry `retryAfterMs` where the service named a wait.
 * - `NATIONAL_STALE`: the record has moved since it was read: read again and have it approved again, never repeat blindly.
 * - `NATIONAL_REFUSED`: the service answered and will not do it, whoever asks again.
 * - `NATIONAL_UNAUTHORISED`: the credentials were refused.
 * - `NATIONAL_NO_ANSWER`, `NATIONAL_BAD_ANSWER`: an update may have happened. Repeat under the same request id.
 *
 * An implementation MUST send each request under the limit that all nodes share, MUST NOT repeat a request by itself, and
 * MUST NOT put a person's values into an error.
 */
export type NationalDemographics = {
  /** Names the connection in logs and on the console, e.g. `pds`. */
  readonly name: string;

  /**
   * The record with that NHS number. `requestId` is the UUID that the service knows the request by: the caller MUST pass
   * the same one when it asks the same question again after a failure.
   */
  retrieve(nhsNumber: string, requestId: string, context: CallContext): Promise<NationalAnswer>;

  /** The one person that fits exactly, found without supervision: names by their beginning, nothing guessed. */
  trace(query: NationalQuery, requestId: string, context: CallContext): Promise<NationalAnswer>;

  /**
   * Changes the fields that `changes` names (`null` removes) of the record at exactly `version`, all or none.
   * @returns the record as it is afterwards
   */
  update(
    record: { readonly nhsNumber: string; readonly version: string },
    changes: PersonChanges,
    user: NationalUser,
    requestId: string,
    context: CallContext,
  ): Promise<NationalRecord>;
};
