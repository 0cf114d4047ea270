// Instances that wait for an event, as this node left them: most events come within a second, and to the same node.

import type { SagaKey } from "./store.ts";
import type { InstanceWithJournal } from "./types.ts";

/** Some eight kilobytes each; the oldest go first. */
const MOST = 2_000;

/**
 * An instance that was not read. It may have moved since, or its transition may never have been committed; and there may be
 * mail for it. `seen` is when its row was written, in microseconds since the Unix epoch: a commit holds if it still is so.
 */
export type Remembered = InstanceWithJournal & { readonly seen: number };

/** What a node remembers. */
export type Memory = {
  keep(instance: InstanceWithJournal, seen: number): void;
  /** The instance of a correlation key, once. */
  take(key: SagaKey): Remembered | undefined;
};

export function memory(): Memory {
  // As text: a step gets its own copy, which holds what a journal can hold.
  const texts = new Map<string, string>();
  const nameOf = ({ saga, key }: SagaKey): string => `${saga} ${key}`;
  return {
    keep(instance, seen) {
      const name = nameOf(instance);
      texts.delete(name);
      texts.set(name, JSON.stringify({ ...instance, seen }));
      if (texts.size > MOST) texts.delete(texts.keys().next().value!);
    },
    take(key) {
      const name = nameOf(key);
      const text = texts.get(name);
      if (text === undefined) return undefined;
      texts.delete(name);
      const instance = JSON.parse(text) as Remembered;
      return { ...instance, startedAt: new Date(instance.startedAt), changedAt: new Date(instance.changedAt) };
    },
  };
}
