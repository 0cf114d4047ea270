// Controlled write-back: outbox, idempotency key, optimistic concurrency, read-back, and word of what became of it.

export { type Decision, decide, onBasis, unheld } from "./decide.ts";
export { openPace, type Pace } from "./guard.ts";
export {
  type Outstanding,
  type Reference,
  readOutstanding,
  readReferences,
} from "./store.ts";
export type {
  Basis,
  CallContext,
  Held,
  RefusalCode,
  Target,
  Values,
  WriteRequest,
  WriteSettled,
} from "./types.ts";
export { openWriteback, type RunningWriteback, type Writeback, type WritebackOptions } from "./writeback.ts";
