// Controlled write-back: outbox, idempotency key, optimistic concurrency, read-back.

export { decide, type Decision } from "./decide.ts";
export { type Outstanding, readOutstanding, readReference, readReferenceOf, type Reference, upsertReference } from "./store.ts";
export type { CallContext, Held, Target, Values, WriteRequest } from "./types.ts";
export { openWriteback, type Writeback, type WritebackOptions } from "./writeback.ts";
