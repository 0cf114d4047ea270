// Wake-ups: a hint that a topic has something new, within the process at once and across nodes by NOTIFY.

import { EventEmitter } from "node:events";
import type { Db } from "#kernel/db";
import { hasOtherNodes } from "./cursors/store.ts";
import { notify } from "./store.ts";

const CHANNEL = "lockgate_backbone";
/** NOTIFY goes outside of transactions and at most this often per topic: inside, it would make all commits queue. */
const NOTIFY_EVERY_MS = 20;
/** A node that is alone tells nobody; it looks this often whether it still is. */
const OTHERS_CHECK_MS = 1_000;

/** Sends and hears hints. Losing one costs a poll's delay, never a message. */
export type Wakes = {
  hint(topic: string): void;
  /** How many hints `topic` has had; taken before looking for work, it shows whether one came meanwhile. */
  count(topic: string): number;
  /** Resolves when `topic` has had more than `seen` hints, after `timeoutMs`, or on abort. */
  wait(topic: string, seen: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

export async function wakes(db: Db, node: string): Promise<Wakes> {
  const hints = new EventEmitter().setMaxListeners(0);
  const counts = new Map<string, number>();
  const due = new Map<string, NodeJS.Timeout>();
  const hear = (topic: string) => {
    counts.set(topic, (counts.get(topic) ?? 0) + 1);
    hints.emit(topic);
  };
  const ear = await db.listen(CHANNEL, (payload) => {
    const [from, topic] = payload.split(" ", 2);
    if (from !== node && topic) hear(topic);
  });
  let hasOthers = true;
  let othersKnownTill = 0;
  const tell = async (topic: string): Promise<void> => {
    due.delete(topic);
    if (Date.now() >= othersKnownTill) {
      othersKnownTill = Date.now() + OTHERS_CHECK_MS;
      hasOthers = await hasOtherNodes(db, node).catch(() => true);
    }
    if (!hasOthers) return;
    await notify(db, CHANNEL, `${node} ${topic}`).catch(() => undefined);
  };
  return {
    hint(topic) {
      hear(topic);
      if (!due.has(topic))
        due.set(
          topic,
          setTimeout(() => void tell(topic), NOTIFY_EVERY_MS),
        );
    },
    count: (topic) => counts.get(topic) ?? 0,
    wait: (topic, seen, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted || (counts.get(topic) ?? 0) > seen) return resolve();
        const finish = () => {
          clearTimeout(timer);
          hints.off(topic, finish);
          signal.removeEventListener("abort", finish);
          resolve();
        };
        const timer = setTimeout(finish, timeoutMs);
        hints.once(topic, finish);
        signal.addEventListener("abort", finish, { once: true });
      }),
    async close() {
      for (const timer of due.values()) clearTimeout(timer);
      await ear.close();
    },
  };
}
