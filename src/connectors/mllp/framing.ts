// MLLP framing: 0x0B content 0x1C 0x0D (HL7 Minimal Lower Layer Protocol, release 1), read from chunks of any shape.

import { asLockgateError, LockgateError } from "#kernel/errors";

const START = 0x0b;
const END = 0x1c;
const CR = 0x0d;
const LF = 0x0a;
const END_PAIR = Buffer.of(END, CR);
const NOTHING = Buffer.alloc(0);
const FIRST_STORE_BYTES = 1024;

/** Takes the bytes of one connection in order and gives the frames they hold. */
export type FrameReader = {
  /**
   * The contents of the frames this chunk completes, in order; the chunk MUST NOT be written to afterwards, since a
   * frame that lies within one chunk is a view of it. CR and LF between frames are skipped; 0x1C not followed by CR,
   * and 0x0B within a frame, are content.
   *
   * A fault never costs the frames before it: when the chunk completed some, they are returned and `fault` is set;
   * otherwise, and on every later call, it throws MLLP_FRAME_TOO_LARGE or MLLP_BAD_FRAME.
   */
  push(chunk: Buffer): Buffer[];
  /** The fault after which nothing more can be read. */
  readonly fault: LockgateError | undefined;
  /** Bytes held of a frame not yet ended; never more than the limit and one. */
  readonly bufferedBytes: number;
  /** A frame has begun and not ended. */
  readonly midFrame: boolean;
};

/** A reader for one connection; `maxFrameBytes` bounds a frame's content and is held while it arrives, not after. */
export function frameReader({ maxFrameBytes }: { readonly maxFrameBytes: number }): FrameReader {
  const store = growingStore();
  let midFrame = false;
  let endPending = false;
  let fault: LockgateError | undefined;

  /** Where the content that goes on at `from` ends; one before `from` when the chunk before it held the 0x1C. */
  const endOfContent = (chunk: Buffer, from: number): number | undefined => {
    if (endPending && chunk[from] === CR) return from - 1;
    const end = chunk.indexOf(END_PAIR, from);
    return end === -1 ? undefined : end;
  };

  /** Takes one frame's bytes from `from` on and gives the index after them. */
  const readContent = (chunk: Buffer, from: number, frames: Buffer[]): number => {
    const end = endOfContent(chunk, from);
    const till = end ?? chunk.length;
    endPending = end === undefined && chunk[till - 1] === END;
    if (store.bytes + (till - from) - (endPending ? 1 : 0) > maxFrameBytes)
      throw new LockgateError("MLLP_FRAME_TOO_LARGE");
    if (end === undefined) {
      store.add(chunk, from, till);
      return till;
    }
    frames.push(store.bytes === 0 ? chunk.subarray(from, end) : store.take(chunk, from, end));
    midFrame = false;
    return end + 2;
  };

  const readAll = (chunk: Buffer, frames: Buffer[]) => {
    for (let at = 0; at < chunk.length; ) {
      if (midFrame) {
        at = readContent(chunk, at, frames);
        continue;
      }
      const byte = chunk[at++];
      if (byte === START) midFrame = true;
      else if (byte !== CR && byte !== LF) throw new LockgateError("MLLP_BAD_FRAME");
    }
  };

  return {
    push(chunk) {
      if (fault) throw fault;
      const frames: Buffer[] = [];
      try {
        readAll(chunk, frames);
      } catch (thrown) {
        fault = asLockgateError(thrown);
        midFrame = false;
        store.drop();
        if (frames.length === 0) throw fault;
      }
      return frames;
    },
    get fault() {
      return fault;
    },
    get bufferedBytes() {
      return store.bytes;
    },
    get midFrame() {
      return midFrame;
    },
  };
}

/**
 * Bytes of one frame across chunks. It doubles, so that a frame costs linear time, and memory in proportion to its
 * bytes even when they come one at a time; a list of chunks would cost an object for each.
 */
function growingStore() {
  let store = NOTHING;
  let bytes = 0;
  const add = (chunk: Buffer, from: number, till: number) => {
    const needed = bytes + till - from;
    if (needed > store.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_STORE_BYTES, needed, store.length * 2));
      store.copy(larger, 0, 0, bytes);
      store = larger;
    }
    chunk.copy(store, bytes, from, till);
    bytes = needed;
  };
  const drop = () => {
    store = NOTHING;
    bytes = 0;
  };
  return {
    add,
    drop,
    /** What was kept and the chunk's part; `till` one before `from` takes back the last byte kept. */
    take(chunk: Buffer, from: number, till: number): Buffer {
      if (till > from) add(chunk, from, till);
      const content = store.subarray(0, till < from ? bytes - 1 : bytes);
      drop();
      return content;
    },
    get bytes() {
      return bytes;
    },
  };
}

/** One frame around `bytes`, which MUST NOT hold 0x1C 0x0D: a peer would take the rest for a message of its own. */
export function frame(bytes: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(bytes.length + 3);
  framed[0] = START;
  framed.set(bytes, 1);
  framed[bytes.length + 1] = END;
  framed[bytes.length + 2] = CR;
  if (framed.indexOf(END_PAIR, 1) !== bytes.length + 1) throw new LockgateError("MLLP_UNFRAMEABLE");
  return framed;
}
