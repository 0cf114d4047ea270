// One accepted MLLP connection: frames in, answered one at a time, replies out in order.

import type { Socket } from "node:net";
import { asLockgateError, type ErrorCode, type LockgateError } from "#kernel/errors";
import { frame, frameReader } from "./framing.ts";
import type { MllpPeer, MllpServerOptions, MllpWireEvent } from "./types.ts";

/** Frames, and bytes of them, that may wait behind the one in hand before the socket is no longer read. */
const MAX_WAITING_FRAMES = 16;
const MAX_WAITING_BYTES = 1_048_576;

/** Time as the server's sweep counts it: a look at the time per message costs more than reading a number. */
export type Ticks = {
  now: number;
  readonly idle: number;
  readonly frame: number;
  /** From our last byte until a peer that does not close its side is cut off. */
  readonly linger: number;
};

/** What the server may ask of a connection. */
export type Connection = {
  /** Ends what has waited too long; called once a tick. */
  sweep(): void;
  /** Stops or goes on reading. */
  hold(held: boolean): void;
  /** Takes no more frames, answers those in hand, then ends. */
  finish(): void;
};

/** Serves `socket` until it closes. */
export function serveConnection(
  socket: Socket,
  peer: MllpPeer,
  options: MllpServerOptions,
  ticks: Ticks,
  report: (event: MllpWireEvent) => void,
): Connection {
  const reader = frameReader(options);
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  /** A message is with its handler, or its replies are being written. */
  let working = false;
  let refusal: LockgateError | undefined;
  /** No more frames are taken; bytes that still come are read and thrown away. */
  let stopping = false;
  let ended = false;
  let held = false;
  let reading = true;
  let wakeWriter: (() => void) | undefined;
  let closeCode: ErrorCode | undefined;
  let activeTick = ticks.now;
  let frameTick = ticks.now;
  const { connectionId } = peer;

  const steer = () => {
    const full = waiting.length >= MAX_WAITING_FRAMES || waitingBytes >= MAX_WAITING_BYTES;
    const wanted = ended || !(held || full);
    if (wanted === reading) return;
    reading = wanted;
    if (!wanted) return void socket.pause();
    // The peer is not to blame for the time in which nobody read.
    activeTick = ticks.now;
    frameTick = ticks.now;
    socket.resume();
  };

  const end = () => {
    if (ended) return;
    ended = true;
    activeTick = ticks.now;
    // Ends our side only and reads on: to close with bytes unread would reset the connection and cost the peer the reply.
    socket.end();
    steer();
  };

  /** Writes the replies and resolves when the peer has taken enough of them. */
  const send = async (replies: readonly Buffer[]) => {
    let flowing = true;
    if (replies.length > 1) socket.cork();
    for (const reply of replies) flowing = socket.write(frame(reply));
    if (replies.length > 1) socket.uncork();
    if (flowing || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      wakeWriter = resolve;
    });
    wakeWriter = undefined;
  };

  const answerWaiting = async () => {
    for (let bytes = waiting.shift(); bytes && !socket.destroyed; bytes = waiting.shift()) {
      waitingBytes -= bytes.length;
      const replies = await options.onMessage(bytes, peer);
      activeTick = ticks.now;
      if (socket.destroyed) return;
      await send(replies);
      steer();
    }
    if (!refusal || socket.destroyed) return;
    const last = await options.onRefused?.(refusal, peer);
    if (last && !socket.destroyed) await send([last]);
  };

  const work = async () => {
    working = true;
    try {
      await answerWaiting();
    } catch (thrown) {
      closeCode = asLockgateError(thrown).code;
      stopping = true;
      waiting.length = 0;
      waitingBytes = 0;
    }
    working = false;
    if (socket.destroyed) closeCode ??= "MLLP_CONNECTION_LOST";
    if (stopping) end();
  };

  const stop = () => {
    if (stopping) return;
    stopping = true;
    if (!working) void work();
  };

  const refuse = (error: LockgateError) => {
    refusal = error;
    report({ kind: "refused", connectionId, code: error.code });
    stop();
  };

  const take = (chunk: Buffer) => {
    if (stopping) return;
    activeTick = ticks.now;
    const wasMidFrame = reader.midFrame;
    let frames: Buffer[];
    try {
      frames = reader.push(chunk);
    } catch (thrown) {
      return refuse(asLockgateError(thrown));
    }
    if (reader.midFrame && (!wasMidFrame || frames.length > 0)) frameTick = ticks.now;
    for (const bytes of frames) {
      waiting.push(bytes);
      waitingBytes += bytes.length;
    }
    if (reader.fault) return refuse(reader.fault);
    if (!working && waiting.length > 0) void work();
    steer();
  };

  const timeOut = (code?: ErrorCode) => {
    report({ kind: "timed-out", connectionId, ...(code && { code }) });
    socket.destroy();
  };

  socket.on("data", take);
  socket.on("end", () => {
    // A peer may end its side and still wait for its replies; a frame it left unfinished is not a message.
    if (reader.midFrame) closeCode ??= "MLLP_CONNECTION_LOST";
    stop();
  });
  socket.on("drain", () => wakeWriter?.());
  // "close" always follows.
  socket.on("error", () => {});
  socket.on("close", () => {
    if (working || waiting.length > 0) closeCode ??= "MLLP_CONNECTION_LOST";
    waiting.length = 0;
    wakeWriter?.();
    report({ kind: "closed", connectionId, ...(closeCode && { code: closeCode }) });
  });
  report({ kind: "opened", connectionId });

  return {
    sweep() {
      const silentTicks = ticks.now - activeTick;
      if (ended) {
        if (silentTicks > ticks.linger) socket.destroy();
      } else if (wakeWriter) {
        if (silentTicks > ticks.idle) timeOut();
      } else if (!working && reading) {
        if (reader.midFrame && ticks.now - frameTick > ticks.frame) timeOut("MLLP_FRAME_TIMEOUT");
        else if (silentTicks > ticks.idle) timeOut();
      }
    },
    hold(wanted) {
      held = wanted;
      steer();
    },
    finish: stop,
  };
}
