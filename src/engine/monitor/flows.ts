// The platform at a glance: what came in, what waits and since when, and what a person must look at.

import { searchLeaves } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import { countReceived } from "#engine/channels";
import type { Work } from "#engine/work";
import type { Db } from "#kernel/db";
import { type Queue, queuesOf } from "./subscriptions.ts";

const HOUR_MS = 3_600_000;
const MOST_LATE = 200;

/** What flows are told from. */
export type FlowSources = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly work: Pick<Work, "countWaiting">;
  readonly nowMs: number;
};

/** Figures of the last hour and of this moment; nothing of what messages say. */
export type Flows = {
  readonly at: Date;
  /** What each channel took in during the last hour. `refused`: answered with an error; `filtered`: it goes nowhere. */
  readonly received: readonly {
    readonly channel: string;
    readonly total: number;
    readonly refused: number;
    readonly filtered: number;
  }[];
  readonly subscriptions: readonly Queue[];
  /** Work items that nobody has decided. */
  readonly work: { readonly open: number; readonly overdue: number };
  /** Journeys that were found late during the last hour; at least so many, where `isLeast`. */
  readonly late: { readonly count: number; readonly isLeast: boolean };
};

/** Tells the flows as they are now. */
export async function flowsOf({ db, backbone, work, nowMs }: FlowSources): Promise<Flows> {
  const at = new Date(nowMs);
  const since = new Date(nowMs - HOUR_MS);
  const [received, backlog, oldest, waiting, late] = await Promise.all([
    countReceived(db, since),
    backbone.backlog(),
    backbone.oldest(),
    work.countWaiting(),
    searchLeaves(db, { name: "sla.breached", since, most: MOST_LATE }),
  ]);
  return {
    at,
    received,
    subscriptions: queuesOf(backlog, oldest),
    work: {
      open: waiting.reduce((sum, one) => sum + one.waiting, 0),
      overdue: waiting.reduce((sum, one) => sum + one.overdue, 0),
    },
    late: { count: late.leaves.length, isLeast: late.next !== undefined },
  };
}
