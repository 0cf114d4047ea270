// Publishing: messages go onto the log in the caller's transaction, now or at a set time.

import type { Db, Queryable, Tx } from "#kernel/db";
import { newId } from "#kernel/ids";
import { claimDedupIds, deleteScheduled, insertMessages, insertScheduled, topicNumber } from "./store.ts";
import type { NewMessage } from "./types.ts";

/** How long a dedup id is remembered. */
const DEDUP_WINDOW_MS = 7 * 24 * 3_600_000;

/** Puts messages on topics. */
export type Publisher = {
  /**
   * Appends messages in the caller's transaction, in order.
   * @returns how many were appended; a message whose dedup id was seen within seven days is left out
   */
  publish(tx: Tx, messages: readonly NewMessage[]): Promise<number>;
  /** Publishes `message` at `dueAt`; the id cancels it. */
  schedule(tx: Tx, message: NewMessage, dueAt: Date): Promise<string>;
  /** @returns whether it was still waiting */
  cancel(tx: Tx, scheduledId: string): Promise<boolean>;
  /** The number a topic goes by in the store. */
  numberOf(topic: string): Promise<number>;
};

export function publisher(db: Db): Publisher {
  const numbers = new Map<string, number>();
  const numberOf = async (topic: string): Promise<number> => {
    const known = numbers.get(topic);
    if (known !== undefined) return known;
    const number = await topicNumber(db as Queryable, topic);
    numbers.set(topic, number);
    return number;
  };

  const withoutDuplicates = async (tx: Tx, messages: readonly NewMessage[]): Promise<NewMessage[]> => {
    const fresh = new Map<string, Set<string>>();
    for (const topic of new Set(messages.filter((message) => message.dedupId).map((message) => message.topic))) {
      const ids = messages
        .filter((message) => message.topic === topic && message.dedupId)
        .map((message) => message.dedupId!);
      fresh.set(topic, await claimDedupIds(tx, await numberOf(topic), [...new Set(ids)].sort(), DEDUP_WINDOW_MS));
    }
    // A claimed id admits one message: delete() is true once.
    return messages.filter((message) => !message.dedupId || fresh.get(message.topic)!.delete(message.dedupId));
  };

  return {
    numberOf,
    async publish(tx, messages) {
      const kept = messages.some((message) => message.dedupId) ? await withoutDuplicates(tx, messages) : messages;
      if (kept.length === 0) return 0;
      const topics = kept.map((message) => numbers.get(message.topic) ?? message.topic);
      // Only the first use of a topic has to ask; the hot path sends its statement at once.
      const known = topics.every((topic) => typeof topic === "number")
        ? topics
        : await Promise.all(kept.map((message) => numberOf(message.topic)));
      await insertMessages(tx, kept, known as number[]);
      return kept.length;
    },
    async schedule(tx, message, dueAt) {
      const id = newId();
      await insertScheduled(tx, id, await numberOf(message.topic), message, dueAt);
      return id;
    },
    cancel: (tx, scheduledId) => deleteScheduled(tx, scheduledId),
  };
}
