// The backbone: durable topics with ordered sessions, retries, dead letters and replay, in PostgreSQL.

export { type Backbone, type BackboneOptions, openBackbone } from "./backbone.ts";
export type {
  Delivery,
  Effects,
  Envelope,
  Handler,
  NewMessage,
  Parked,
  RetryPolicy,
  Settlement,
  SubscriptionOptions,
} from "./types.ts";
