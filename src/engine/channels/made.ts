// What a channel made of a message when it judged it, kept for the moment until this node delivers the message.

import type { Outgoing } from "./types.ts";

/** More than are on their way at once while a node keeps up. */
const MOST_KEPT = 1_024;
/** Making a larger one again costs little beside carrying it. */
const MOST_BYTES_EACH = 16_384;

/** A hint, never a fact: a channel's functions are pure, so whoever finds nothing here makes the same of the message again. */
export type Made = {
  keep(journeyId: string, outgoing: readonly Outgoing[]): void;
  /** What is kept for a journey, once. */
  take(journeyId: string): readonly Outgoing[] | undefined;
};

export function openMade(): Made {
  const kept = new Map<string, readonly Outgoing[]>();
  return {
    keep(journeyId, outgoing) {
      if (outgoing.reduce((bytes, { body }) => bytes + body.byteLength, 0) > MOST_BYTES_EACH) return;
      kept.set(journeyId, outgoing);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    },
    take(journeyId) {
      const outgoing = kept.get(journeyId);
      kept.delete(journeyId);
      return outgoing;
    },
  };
}
