// The backbone: durable topics with ordered sessions, retries, dead letters and replay, in PostgreSQL.

export { type Backbone, type BackboneOptions, openBackbone } from "./backbone.ts";
export { messagesBack, type Stretch } from "./read-back.ts";
export type {
  Replay,
  ReplayFilter,
  ReplayItem,
  ReplayItemState,
  ReplayStart,
  Replays,
} from "./replays/types.ts";
export {
  type Delivery,
  defaultRetry,
  type Effects,
  type Envelope,
  type Gathered,
  gathering,
  type Handler,
  type LetterPlace,
  type NewMessage,
  type Parked,
  type ParkedMessage,
  type RetryPolicy,
  type Settlement,
  type SubscriptionOptions,
} from "./types.ts";
