// Controlled write-back: outbox, idempotency key, optimistic concurrency, read-back.

export { type Decision, decide, unheld } from "./decide.ts";
export {
  type Outstanding,
  type Reference,
  readOutstanding,
  readReferences,
} from "./store.ts";
export type { CallContext, Held, Target, Values, WriteRequest } from "./types.ts";
export { openWriteback, type Writeback, type WritebackOptions } from "./writeback.ts";
