// What waits in the subscriptions, and since when.

import type { Backbone } from "#engine/backbone";

/** What waits in one subscription. */
export type Queue = {
  readonly name: string;
  readonly topic: string;
  readonly pausedReason: string | null;
  readonly unread: number;
  readonly waiting: number;
  readonly dead: number;
  /** Since when the oldest of it waits; null: nothing does. */
  readonly oldestAt: Date | null;
};

/** Each subscription with the oldest of what waits in it. */
export function queuesOf(
  backlog: Awaited<ReturnType<Backbone["backlog"]>>,
  oldest: Awaited<ReturnType<Backbone["oldest"]>>,
): readonly Queue[] {
  const oldestOf = new Map(oldest.map((one) => [one.subscription, one.at]));
  return backlog.map(({ subscription: name, topic, pausedReason, unread, waiting, dead }) => ({
    name,
    topic,
    pausedReason,
    unread,
    waiting,
    dead,
    oldestAt: oldestOf.get(name) ?? null,
  }));
}
