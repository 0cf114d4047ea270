// Instances that wait for an event, as this node left them: most events come within a second, and to the same node.

import type { SagaKey } from "./store.ts";
import type { InstanceWithJournal } from "./types.ts";

/** Some twenty-five kilobytes each; the oldest go first. */
const MOST = 1_000;

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
  // As it is, not as text: nobody else has it any more, and what steps are given they only read.
  const kept = new Map<string, Remembered>();
  const nameOf = ({ saga, key }: SagaKey): string => `${saga} ${key}`;
  return {
    keep(instance, seen) {
      const name = nameOf(instance);
      kept.delete(name);
      kept.set(name, { ...instance, seen });
      if (kept.size > MOST) kept.delete(kept.keys().next().value!);
    },
    take(key) {
      const name = nameOf(key);
      const instance = kept.get(name);
      kept.delete(name);
      return instance;
    },
  };
}
