// The ledger: every call of the service with how it ended, for tests to count.

/** What a caller may ask of the service. */
export type Operation = "retrieve" | "search" | "update" | "token";

/** One call. */
export interface LedgerEntry {
  /** 1, 2, 3 … in the order the calls ended, without gaps. */
  seq: number;
  /** ISO instant at which the answer was ready. */
  at: string;
  kind: Operation;
  /** HTTP status of the answer; 0 when the connection was cut instead. */
  status: number;
  /** Error code of the service; null when it did what was asked. */
  code: string | null;
  /** `X-Request-ID`; null where there was none. */
  requestId: string | null;
  /** API key of the application; null when it was not known. */
  client: string | null;
  /** Role of the user on whose behalf it was; null for the application itself. */
  roleId: string | null;
  /** The number asked for or, for a search, the one found; null for none and for several. */
  nhsNumber: string | null;
  /** How many people a search found, before any limit; null for all else. */
  matches: number | null;
  /** Whether this very call changed a record; false for a repetition that was answered from the first time. */
  committed: boolean;
  /** Version of the record that an update made, or of the one it repeated. */
  version: string | null;
  /** Faults that fired on it. */
  faults: string[];
}

/** A call under way, filled in as the service learns of it. */
export type CallNote = Omit<LedgerEntry, "seq" | "at" | "status" | "code">;

/** A call of which nothing but the kind is known yet. */
export const emptyNote = (kind: Operation): CallNote => ({
  kind,
  requestId: null,
  client: null,
  roleId: null,
  nhsNumber: null,
  matches: null,
  committed: false,
  version: null,
  faults: [],
});
