// The nouns of the backbone: what goes on a topic, what comes to a handler, and how a handler settles it.

import type { Leaf } from "#engine/audit";
import type { Tx } from "#kernel/db";
import type { ErrorCode, LockgateError } from "#kernel/errors";

/** A message to publish. Attribute names in the store are those of CloudEvents 1.0 and its extensions. */
export type NewMessage = {
  /** `noun.past-participle`. */
  readonly topic: string;
  /** Messages of one session are handled in the order of their publication; absent: in no order. Stored as a keyed hash. */
  readonly session?: string | undefined;
  /** The journey this belongs to (`correlationid`). */
  readonly journeyId: string;
  readonly body: Uint8Array;
  /** Media type of the body. */
  readonly contentType: string;
  /** Which part of the platform publishes it. */
  readonly source: string;
  /** Position of the message that caused this one. */
  readonly causationId?: string | undefined;
  /** W3C traceparent, where one came with the intake; else the journey id is the trace id. */
  readonly traceparent?: string | undefined;
  /** Of two messages on a topic with one dedup id within the window, the second is not appended. */
  readonly dedupId?: string | undefined;
  /** Handled after this instant it becomes a dead letter. */
  readonly expiresAt?: Date | undefined;
};

/** A message as a handler gets it. */
export type Envelope = {
  /** Place in the order of commits; unique in the log. */
  readonly position: number;
  readonly topic: string;
  /** As it is stored: what comes of the message may be published in it. */
  readonly session: string | undefined;
  readonly journeyId: string;
  readonly at: Date;
  readonly contentType: string;
  readonly source: string;
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
  readonly expiresAt: Date | undefined;
  readonly body: Buffer;
};

/** A row that all messages of a round write together, in one statement for each kind of row; made by `gathering`. */
export type Gathered = {
  readonly write: (tx: Tx, rows: readonly never[]) => Promise<void>;
  readonly row: unknown;
};

/**
 * Rows of one kind, written by `write` once for a whole round. It MUST NOT await anything but the transaction's own
 * answers, and what it throws counts against each message of its own, as a failure of `apply` does.
 */
export const gathering =
  <Row>(write: (tx: Tx, rows: readonly Row[]) => Promise<void>) =>
  (row: Row): Gathered => ({ write, row });

/** What is committed together with a completed message, in one transaction with the cursor. */
export type Effects = {
  readonly publish?: readonly NewMessage[];
  readonly leaves?: readonly Leaf[];
  readonly gather?: readonly Gathered[];
  /** Further statements. MUST NOT await anything but the transaction's own answers. */
  readonly apply?: ((tx: Tx) => Promise<void>) | undefined;
};

/**
 * How a handler settles a message (the verbs of a peek-lock broker).
 *
 * - `complete`: done, with effects.
 * - `abandon`: failed; tried again after a back-off until the attempts are used up, then dead.
 * - `defer`: not now; tried again at `till`, and it does not count as an attempt. `error` tells whoever looks what it waits for.
 * - `hold`: the whole target is down; as `defer`, and the subscription takes nothing up until then.
 * - `dead-letter`: a person must act; later messages of the session wait behind it.
 */
export type Settlement =
  | ({
      readonly settle: "complete";
      /** How it settles where its effects cannot be committed. Default: as if the handler had thrown that. */
      readonly refused?: ((error: LockgateError) => Settlement) | undefined;
    } & Effects)
  | { readonly settle: "abandon"; readonly error: LockgateError }
  | { readonly settle: "defer"; readonly till: Date; readonly error?: LockgateError }
  | { readonly settle: "hold"; readonly forMs: number; readonly error: LockgateError }
  | ({ readonly settle: "dead-letter"; readonly reason: ErrorCode; readonly description: string } & Pick<
      Effects,
      "apply"
    >);

/** What a handler may know beside the message. */
export type Delivery = {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** It was parked before: after a failure, behind another message, or as a dead letter that is tried again. */
  readonly waited: boolean;
  /** Aborted when the node stops or loses its lease. */
  readonly signal: AbortSignal;
};

/**
 * Handles one message. It MAY run more than once for a message (after a crash, or a lost lease), so what it does
 * outside the transaction MUST be idempotent. A thrown error settles by its disposition: permanent → dead-letter,
 * transient or ambiguous → abandon.
 */
export type Handler = (message: Envelope, delivery: Delivery) => Promise<Settlement>;

/** Back-off between attempts: exponential with full jitter. */
export type RetryPolicy = {
  /** Attempts in all, the first included. Default 10. */
  readonly maxAttempts: number;
  /** Upper bound of the first pause, in milliseconds. Default 200. */
  readonly firstPauseMs: number;
  /** Upper bound of any pause, in milliseconds. Default 60,000. */
  readonly longestPauseMs: number;
};

export const defaultRetry: RetryPolicy = { maxAttempts: 10, firstPauseMs: 200, longestPauseMs: 60_000 };

/** A durable subscription: a name, a topic and a handler. */
export type SubscriptionOptions = {
  /** Unique and stable: the cursor goes by it. */
  readonly name: string;
  readonly topic: string;
  readonly handler: Handler;
  /** Handlers at work at once on this node. Default 16. */
  readonly concurrency?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Where a new subscription starts: at the beginning of what is kept, or at what comes next. Default `beginning`. */
  readonly from?: "beginning" | "now";
};

/** A dead letter, or a message that waits for its next attempt. */
export type Parked = {
  readonly subscription: string;
  readonly position: number;
  readonly state: "waiting" | "dead" | "dismissing" | "dismissed";
  readonly session: string | undefined;
  readonly attempt: number;
  readonly nextAt: Date;
  readonly reason: ErrorCode | undefined;
  readonly description: string | undefined;
  readonly parkedAt: Date;
  readonly journeyId: string;
};

/** Where a parked message stands: no two are at one place. */
export type LetterPlace = Pick<Parked, "subscription" | "position">;

/** How one stands, without its content. */
export type LetterStanding = LetterPlace & {
  readonly state: Parked["state"];
  /** Another one as soon as anything is done about it. */
  readonly version: string;
};

/** One with its content. */
export type ParkedMessage = Parked &
  LetterStanding & {
    readonly body: Buffer;
    readonly contentType: string;
  };
