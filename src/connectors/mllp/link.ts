// One pooled connection of the MLLP client: carries one message at a time and is thrown away at the first doubt.

import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Clock } from "#kernel/clock";
import { asLockgateError, type ErrorCode, LockgateError } from "#kernel/errors";
import { frameReader } from "./framing.ts";
import type { MllpClientOptions } from "./types.ts";

const KEEP_ALIVE_DELAY_MS = 30_000;
/** The alerts by which a TLS 1.3 peer refuses our certificate after we took the handshake for done. */
const CERTIFICATE_ALERT =
  /ALERT_(BAD_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)/;

/** One message on its way and whoever waits for its reply. */
export type Job = {
  readonly framed: Buffer;
  resolve(reply: Buffer): void;
  reject(error: LockgateError): void;
};

/**
 * A link is `connecting`, then by turns `idle` and `busy`, at last `down`; from `down` it never returns.
 */
export type Link = {
  readonly state: "connecting" | "idle" | "busy" | "down";
  /** Sends a job; false when the socket turns out dead before a byte was taken, and the job is still the caller's. */
  carry(job: Job): boolean;
  /** Ends what has waited too long. */
  sweep(): void;
  /** Closes a link that is not busy. */
  close(): void;
};

/** What the pool hears of a link. */
export type LinkWatcher = {
  /** It is idle: connected, or its reply has come. */
  onReady(link: Link): void;
  /** It is down, and its job, if any, has been rejected. `refusal` when it never came up. */
  onDown(link: Link, refusal?: LockgateError): void;
};

export type LinkOptions = MllpClientOptions & { readonly clock: Clock; readonly secure: ConnectionOptions | undefined };

export function openLink(options: LinkOptions, watcher: LinkWatcher): Link {
  const {
    host,
    port,
    secure,
    clock,
    connectTimeoutMs,
    ackTimeoutMs,
    idleTimeoutMs = Number.POSITIVE_INFINITY,
  } = options;
  const at = `${host}:${port}`;
  const reader = frameReader(options);
  const wire = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS };
  const socket: Socket = secure ? connectTls({ ...wire, ...secure }) : connect(wire);
  let state: Link["state"] = "connecting";
  let job: Job | undefined;
  let proven = false;
  let dueMs = clock.now() + connectTimeoutMs;

  /** The one way down. A message that may have left is never called unsent. */
  const drop = (code: ErrorCode, reason?: string, cause?: unknown) => {
    if (state === "down") return;
    const connected = state !== "connecting";
    state = "down";
    socket.destroy();
    const error = new LockgateError(code, { at, ...(reason && { reason }), cause });
    job?.reject(error);
    job = undefined;
    watcher.onDown(link, connected ? undefined : error);
  };

  const lost = (cause?: NodeJS.ErrnoException) => {
    const refused = state === "connecting" || (!proven && CERTIFICATE_ALERT.test(cause?.code ?? ""));
    drop(refused ? "MLLP_CONNECT_FAILED" : "MLLP_CONNECTION_LOST", cause?.code, cause);
  };

  const becomeIdle = () => {
    state = "idle";
    dueMs = clock.now() + idleTimeoutMs;
    watcher.onReady(link);
  };

  const take = (chunk: Buffer) => {
    let frames: Buffer[];
    try {
      frames = reader.push(chunk);
    } catch (thrown) {
      // The peer has acted, and its answer cannot be read: what became of the message is unknown.
      return drop("MLLP_CONNECTION_LOST", asLockgateError(thrown).code, thrown);
    }
    const answered = job;
    const reply = frames[0];
    if (answered && reply) {
      job = undefined;
      proven = true;
      answered.resolve(reply);
    }
    // Bytes nobody asked for would be taken for the next message's reply.
    if (frames.length > (answered ? 1 : 0) || reader.fault || (reader.midFrame && !job)) drop("MLLP_CONNECTION_LOST");
    else if (answered && !job) becomeIdle();
  };

  socket.once(secure ? "secureConnect" : "connect", () => {
    if (state === "connecting") becomeIdle();
  });
  socket.on("data", take);
  socket.on("end", () => lost());
  socket.on("error", lost);
  socket.on("close", () => lost());

  const link: Link = {
    get state() {
      return state;
    },
    carry(next) {
      socket.write(next.framed);
      // A write that fails at once took nothing.
      if (socket.errored || socket.destroyed) {
        drop("MLLP_CONNECTION_LOST");
        return false;
      }
      state = "busy";
      job = next;
      dueMs = clock.now() + ackTimeoutMs;
      return true;
    },
    sweep() {
      if (clock.now() < dueMs) return;
      if (state === "connecting") drop("MLLP_CONNECT_FAILED", "ETIMEDOUT");
      else drop(state === "busy" ? "MLLP_ACK_TIMEOUT" : "MLLP_CONNECTION_LOST");
    },
    close: () => drop(state === "connecting" ? "MLLP_CONNECT_FAILED" : "MLLP_CONNECTION_LOST"),
  };
  return link;
}
