// Measures of the work done: how much went through by itself, how fast, and what stood in the way, over days.

import { leastIdSince } from "#engine/channels";
import type { Db } from "#kernel/db";
import { type CauseRow, countCauses, countDays, countStopped, type DayRow, measureWriteBack } from "./store.ts";

const MOST_JOURNEYS = 50_000;
const MOST_CAUSES = 50;

/** Upper ends of the classes that times to write-back are counted in, in milliseconds; the last class has none. */
export const writeBackClassesMs = [1_000, 10_000, 60_000, 3_600_000] as const;

/** Figures; nothing of what messages say. */
export type Measures = {
  /** Journeys by London's days, the newest 50,000. `right`: neither a person nor a second attempt was needed. */
  readonly days: readonly DayRow[];
  readonly isSample: boolean;
  readonly writeBack: {
    readonly count: number;
    readonly medianMs: number | null;
    readonly p90Ms: number | null;
    readonly classes: readonly { readonly belowMs: number | null; readonly count: number }[];
  };
  /** What people were asked, the most frequent first. */
  readonly causes: readonly CauseRow[];
  /** Why messages stopped, the most frequent first. */
  readonly stopped: readonly { readonly reason: string; readonly stopped: number; readonly dead: number }[];
};

/** Measures from one instant to another. */
export async function measuresOf(db: Db, since: Date, now: Date): Promise<Measures> {
  const [days, { counts, ...times }, causes, stopped] = await Promise.all([
    countDays(db, since, leastIdSince(since), MOST_JOURNEYS),
    measureWriteBack(db, since, MOST_JOURNEYS),
    countCauses(db, since, now, MOST_CAUSES),
    countStopped(db, since, MOST_CAUSES),
  ]);
  return {
    days,
    isSample: days.reduce((sum, { total }) => sum + total, 0) >= MOST_JOURNEYS,
    writeBack: {
      ...times,
      classes: counts.map((count, index) => ({ belowMs: writeBackClassesMs[index] ?? null, count })),
    },
    causes,
    stopped,
  };
}
