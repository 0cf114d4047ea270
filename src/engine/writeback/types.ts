// The nouns of write-back: a target that holds records, and a change asked of it.

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

/** A change to make at a target. Requests of one subject are carried out in the order they were made. */
export type WriteRequest = {
  /** Whose record: an id of ours. One is created where none is known to be the subject's. */
  readonly subject: string;
  /** Unique for the change, the same at every attempt; the target keeps it. */
  readonly idempotencyKey: string;
  readonly values: Values;
  /** When the change became true in the world, in milliseconds since the Unix epoch: older never overwrites newer. */
  readonly eventAt: number;
};
