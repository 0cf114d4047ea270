// Streams of server-sent events: each holds what is still to be told in a set of kinds, so a slow reader costs no more than a fast one.

import { Readable } from "node:stream";
import type { Kind } from "./kinds.ts";

/** How soon a browser comes again after a stream has ended, in milliseconds. */
const COME_AGAIN_MS = 3_000;
/** Whoever takes nothing up for so long is gone. */
const MOST_STUCK_MS = 60_000;

/** One reader's stream. */
export type Stream = {
  readonly body: Readable;
  /** Tells that these kinds changed up to that position of the log; waits, and gathers, while the reader is busy. */
  tell(kinds: Iterable<Kind>, upTo: number): void;
  /** Says that it is still there. Ends it where the reader takes nothing up. */
  beat(): void;
  end(): void;
};

/** An event as the HTML standard writes it (§9.2.6). The id comes back as `Last-Event-ID`. */
const eventOf = (kinds: readonly Kind[], upTo: number): string =>
  `id: ${upTo}\nevent: changed\ndata: ${JSON.stringify({ kinds })}\n\n`;

/** @param nowMs a clock that nobody puts back */
export function openStream(nowMs: () => number = () => performance.now()): Stream {
  const due = new Set<Kind>();
  let [upTo, isWanted, isUntold, isOver] = [0, false, false, false];
  let stuckSinceMs: number | undefined;
  const body = new Readable({ read: () => flush(true) });
  const push = (text: string): void => {
    isWanted = body.push(text);
    stuckSinceMs = isWanted ? undefined : nowMs();
  };
  const flush = (wanted: boolean): void => {
    isWanted ||= wanted;
    if (wanted) stuckSinceMs = undefined;
    if (!isWanted || !isUntold || isOver) return;
    const kinds = [...due];
    due.clear();
    isUntold = false;
    push(eventOf(kinds, upTo));
  };
  body.push(`retry: ${COME_AGAIN_MS}\n\n`);
  return {
    body,
    tell(kinds, position) {
      for (const kind of kinds) due.add(kind);
      upTo = position;
      isUntold = true;
      flush(false);
    },
    beat() {
      if (stuckSinceMs !== undefined && nowMs() - stuckSinceMs > MOST_STUCK_MS) body.destroy();
      else if (isWanted && !isOver) push(": still here\n\n");
    },
    end() {
      isOver = true;
      body.push(null);
    },
  };
}
