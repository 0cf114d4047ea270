// The nouns of write-back: a target that holds records, a change asked of it, and what became of the change.

/** Values by field. Absent: leave unchanged. `null`: blank. */
export type Values = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A record as a target holds it. */
export type Held = {
  readonly externalId: string;
  /** Opaque; differs after every write to the record. */
  readonly version: string;
  /** Milliseconds since the Unix epoch. */
  readonly modifiedAt: number;
  readonly values: Values;
  readonly idempotencyKey?: string | undefined;
};

/** What goes with every call. */
export type CallContext = { readonly traceparent: string; readonly signal?: AbortSignal | undefined };

/**
 * A system of record as write-back needs it. Its errors' dispositions are promises: transient and permanent say that
 * nothing was written, ambiguous that something may have been.
 */
export type Target = {
  readonly name: string;
  read(externalId: string, context: CallContext): Promise<Held | undefined>;
  findByIdempotencyKey(key: string, context: CallContext): Promise<Held | undefined>;
  create(values: Values, idempotencyKey: string, context: CallContext): Promise<Held>;
  update(
    externalId: string,
    version: string,
    values: Values,
    idempotencyKey: string,
    context: CallContext,
  ): Promise<Held>;
};

/** The record of a request's subject as its caller has just read it. */
export type Basis = {
  readonly version: string;
  /** Spares the first read where it names every field that is asked for. */
  readonly values: Values;
  /** The values are meant for exactly this version: of a record that others have moved since, the request is refused. */
  readonly strict: boolean;
};

/** A change to make at a target. Requests of one subject are carried out in the order they were made. */
export type WriteRequest = {
  /** Whose record: an id of ours. */
  readonly subject: string;
  /** Unique for the change, the same at every attempt; the target keeps it. */
  readonly idempotencyKey: string;
  /** Without a basis these MUST do for a whole record: one is created where none is known to be the subject's. */
  readonly values: Values;
  /** When the change became true in the world, in milliseconds since the Unix epoch: older never overwrites newer. */
  readonly eventAt: number;
  /** With it the caller has compared already, and nothing is ever created. */
  readonly basis?: Basis | undefined;
  /** The record is to come about by this request: where the subject has one that holds something else, it is refused. */
  readonly isNew?: true | undefined;
};

/** Why a change is refused: it is this record that cannot take it, and the subject's next change may well go through. */
export type RefusalCode = "WRITEBACK_CONFLICT" | "WRITEBACK_MISMATCH" | "ERP_REFUSED" | "ERP_NOT_FOUND";

/** What whoever asked for a change is told, once, as JSON; the session of the message is the subject. Never holds a value of the record. */
export type WriteSettled = {
  readonly target: string;
  readonly subject: string;
  readonly idempotencyKey: string;
  readonly state: "applied" | "unchanged" | "refused";
  /** Why it was refused. */
  readonly code?: RefusalCode | undefined;
  /** The fields that it was refused for, where they are known. */
  readonly fields?: readonly string[] | undefined;
  readonly externalId?: string | undefined;
  /** The record's version as read back; absent where nothing was written because the change was refused. */
  readonly version?: string | undefined;
};
