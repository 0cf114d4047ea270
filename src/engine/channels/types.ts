// The nouns of channels: what a site defines, what a source hands in, what a destination is given.

import type { ErrorCode } from "#kernel/errors";

/** How bytes become a message. */
export type Format<Message> = {
  /** Media type of the bytes. */
  readonly contentType: string;
  /** @throws LockgateError for bytes that are not a message */
  parse(bytes: Uint8Array): Message;
};

/** A wire to listen on: the connector's name and its settings, as data. */
export type Source = { readonly connector: string; readonly settings: Readonly<Record<string, unknown>> };

/** Where a delivery goes: a topic of the backbone, or a wire. */
export type Destination =
  | { readonly kind: "topic"; readonly topic: string }
  | { readonly kind: "wire"; readonly connector: string; readonly settings: Readonly<Record<string, unknown>> };

/** One onward message. */
export type Outgoing<Name extends string = string> = {
  readonly to: Name;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Messages of one session arrive in order; absent: the session of the message that came in. */
  readonly session?: string;
};

/** A name that a journey can be looked up by. */
export type BusinessKey = { readonly kind: string; readonly value: string };

/** What a transformation may know beside the message. */
export type TransformContext = {
  readonly channel: string;
  /** Live data only, or test data only: some rules differ. */
  readonly environment: "live" | "test";
  readonly receivedAt: Date;
};

/**
 * A channel as a site writes it. Its functions MUST be pure: they run before the answer to the sender, again at each
 * delivery and at a replay, and must come to the same result.
 */
export type ChannelDefinition<Message = unknown, Output = unknown, Name extends string = string> = {
  /** Lower case, unique in the site; topics, subscriptions and milestones go by it. */
  readonly name: string;
  readonly source: Source;
  readonly format: Format<Message>;
  /**
   * When the sender gets its positive answer: once the message is stored (`stored`), or once it is stored and its content
   * has passed `transform` (`checked`, the default). Content that fails is kept for repair either way.
   */
  readonly acknowledge?: "stored" | "checked";
  /** Orders messages: one patient, one order. MUST tolerate invalid messages. */
  readonly session?: (message: Message) => string | undefined;
  /** MUST tolerate invalid messages. */
  readonly keys?: (message: Message) => readonly BusinessKey[];
  /** False: the message is accepted, recorded and goes nowhere. */
  readonly filter?: (message: Message) => boolean;
  /** @throws LockgateError for content that breaks a rule */
  readonly transform: (message: Message, context: TransformContext) => Output;
  readonly route: (output: Output, message: Message) => readonly Outgoing<Name>[];
  readonly destinations: Readonly<Record<Name, Destination>>;
  /** Time from intake to the end of the journey after which it counts as late. */
  readonly sla?: { readonly withinMs: number };
  /** Time without a message after which its silence is worth an alarm; absent: it may be silent for ever. */
  readonly silence?: { readonly afterMs: number };
};

/** A code and where it applies; never a value. */
export type Fault = { readonly code: ErrorCode; readonly at?: string; readonly reason?: string };

/** What a source hands in. */
export type Arrival = {
  readonly bytes: Buffer;
  /** Who sent it, in the sender's own name. */
  readonly sender: string;
  /** The sender's own id of the message; absent where it could not be read. */
  readonly controlId?: string;
  /** A fault that the source itself found (bytes that cannot be parsed); such a message is kept for repair. */
  readonly fault?: Fault;
  /** W3C traceparent, where the wire carries one. */
  readonly traceparent?: string;
};

/** What became of an arrival. Given only after it is durable. */
export type Receipt = {
  readonly journeyId: string;
  /** `stored` now, a `duplicate` of a stored one (same bytes), or a `conflict`: its id was used for other bytes. */
  readonly outcome: "stored" | "duplicate" | "conflict";
  /** Empty: accepted. */
  readonly faults: readonly Fault[];
};

/** The way in that a source connector gets for its channel. */
export type Inlet = {
  readonly channel: string;
  /** @throws CHANNEL_OVERLOADED, DATABASE_UNAVAILABLE: the sender must not take it for stored */
  receive(arrival: Arrival): Promise<Receipt>;
  /** Records that something was turned away before it was taken in. */
  refuse(fault: Fault, sender: string): Promise<void>;
};

/** A source at work. */
export type RunningSource = {
  /** Where it listens, for people. */
  readonly address: string;
  /** Stops taking in; messages in hand are answered first. */
  close(): Promise<void>;
};

/** Starts a source for an inlet. */
export type StartSource = (settings: Readonly<Record<string, unknown>>, inlet: Inlet) => Promise<RunningSource>;

/** A wire to send on. */
export type Sender = {
  /** Resolves when the peer has taken the message over. @throws LockgateError with a disposition */
  send(body: Uint8Array): Promise<void>;
  close(): Promise<void>;
};

/** Opens a wire. */
export type OpenSender = (settings: Readonly<Record<string, unknown>>) => Sender;
