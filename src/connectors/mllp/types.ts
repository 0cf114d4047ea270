// The nouns of the MLLP wire: its TLS material, its peers and what happens to their connections.

import type { Clock } from "#kernel/clock";
import type { ErrorCode, LockgateError } from "#kernel/errors";

/** TLS material as PEM texts. TLS 1.2 is the least that is spoken. */
export type TlsOptions = {
  readonly key: string;
  readonly cert: string;
  /** Certificate authorities to trust; a client without them trusts the platform's own. */
  readonly ca?: string | undefined;
  /** Server: refuse a peer without a certificate signed by `ca` (mutual TLS). Needs `ca`. Default false. */
  readonly requireClientCertificate?: boolean | undefined;
  /** Client: the name the server's certificate must bear, where it is not the host. */
  readonly serverName?: string | undefined;
};

/** Who is at the other end of an accepted connection. */
export type MllpPeer = {
  /** Unique within this server for the life of the process. */
  readonly connectionId: string;
  /** `address:port`. */
  readonly remote: string;
  /** Common name of the peer's verified certificate; only under mutual TLS. */
  readonly clientCertificateName?: string;
};

/**
 * What happened to a connection; safe to log.
 *
 * - `opened`, `closed`: once each per connection. `closed` bears a code when messages in hand went unanswered.
 * - `refused`: over `maxConnections` (CHANNEL_OVERLOADED), a failed TLS handshake (MLLP_TLS_REFUSED), or bytes that are
 *   no acceptable frame (the code of that error).
 * - `timed-out`: a frame that did not end in time (MLLP_FRAME_TIMEOUT), or, without a code, a peer idle too long.
 */
export type MllpWireEvent = {
  readonly kind: "opened" | "closed" | "refused" | "timed-out";
  readonly connectionId: string;
  readonly code?: ErrorCode;
};

/** How a server listens and who answers its messages. */
export type MllpServerOptions = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tls?: TlsOptions;
  /** The largest content of a frame, without its three framing bytes. */
  readonly maxFrameBytes: number;
  readonly maxConnections: number;
  /** A connection with no bytes either way and no message in hand is closed after this long. */
  readonly idleTimeoutMs: number;
  /** A frame that has begun, and a TLS handshake, must end within this long. */
  readonly frameTimeoutMs: number;
  /**
   * Answers one message with the replies to send, in order. Frames of one connection come one at a time, in order.
   * A rejection closes the connection without a reply. `bytes` are the callee's to keep.
   */
  onMessage(bytes: Buffer, peer: MllpPeer): Promise<readonly Buffer[]>;
  /** May answer bytes that are no acceptable frame with a last reply; the connection closes after it. */
  onRefused?(error: LockgateError, peer: MllpPeer): Promise<Buffer | undefined>;
  /** MUST NOT throw. */
  onWireEvent?(event: MllpWireEvent): void;
};

/** A listening server. */
export type MllpServer = {
  readonly port: number;
  /** Connections now open. */
  connections(): number;
  /** Stops reading and keeps the connections: peers feel back-pressure. Frames already read are still answered. */
  pause(): void;
  resume(): void;
  /** Stops accepting and reading, lets the messages in hand be answered, then ends; cuts off after `graceMs` (default 5,000). */
  close(graceMs?: number): Promise<void>;
};

/** Whom a client calls, and how long it waits. */
export type MllpClientOptions = {
  readonly host: string;
  readonly port: number;
  /** `key` and `cert` only where the peer asks for a client certificate. */
  readonly tls?: { readonly [Option in keyof TlsOptions]?: TlsOptions[Option] | undefined };
  /** The most connections open at a time; each carries one message at a time. */
  readonly connections: number;
  /** Covers name lookup, TCP and TLS. */
  readonly connectTimeoutMs: number;
  /** From handing the message to the socket until its reply is complete. */
  readonly ackTimeoutMs: number;
  /** The largest content of a reply. */
  readonly maxFrameBytes: number;
  /** A connection unused for this long is closed; choose less than the peer's own. Default: never. */
  readonly idleTimeoutMs?: number;
  /** What the time-outs are measured by. Default: the system's. */
  readonly clock?: Clock;
};

/** A pool of connections to one peer. */
export type MllpClient = {
  /**
   * Sends one message and resolves with the content of the first frame that answers it.
   *
   * Rejects with MLLP_UNFRAMEABLE (permanent), MLLP_CONNECT_FAILED (transient: nothing was sent), MLLP_CONNECTION_LOST
   * or MLLP_ACK_TIMEOUT (ambiguous: the peer may have acted). Calls are served first come, first served.
   */
  send(bytes: Uint8Array): Promise<Buffer>;
  /** Waits for the replies still owed, at most `ackTimeoutMs`; sends not yet begun reject with MLLP_CONNECT_FAILED. */
  close(): Promise<void>;
};
