// Controlled write-back: outbox, idempotency key, optimistic concurrency, read-back, and word of what became of it.

export { type Decision, decide, onBasis, unheld } from "./decide.ts";
export {
  type Outstanding,
  type Reference,
  readOutstanding,
  readReferences,
} from "./store.ts";
export {
  type Basis,
  type CallContext,
  type Held,
  type RefusalCode,
  type Target,
  type Values,
  WRITE_SETTLED,
  type WriteRequest,
  type WriteSettled,
} from "./types.ts";
export { openWriteback, type RunningWriteback, type Writeback, type WritebackOptions } from "./writeback.ts";
