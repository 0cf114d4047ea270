// Operations at a glance: each flow with its rates, its service level and its silence, what it depends on, and what waits for people.

import { searchLeaves, strandLeaves } from "#engine/audit";
import type { Backbone } from "#engine/backbone";
import { type ChannelDefinition, type ChannelState, leastIdSince } from "#engine/channels";
import type { WaitingCount, Work } from "#engine/work";
import type { Db } from "#kernel/db";
import { isComplete } from "./journeys.ts";
import { type Dependency, type PlatformNode, readPlatform } from "./nodes.ts";
import { countMinutes, type MinuteRow, readLastReceived, readOldestReceived } from "./store.ts";
import { type Queue, queuesOf } from "./subscriptions.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Rates are those of the last whole minutes. */
const RATE_MINUTES = 5;
const MOST_LATE = 500;
/** Journeys looked at for the next to be late: the oldest. */
const MOST_LOOKED_AT = 1_000;
/** So much of its time may be used up before a journey puts its channel at risk. */
const AT_RISK = 0.75;

export type OperationsSources = {
  readonly db: Db;
  readonly backbone: Backbone;
  readonly work: Pick<Work, "countWaiting">;
  readonly definitions: readonly ChannelDefinition[];
  readonly states: readonly ChannelState[];
  readonly nowMs: number;
};

/** How a channel keeps its promise. */
export type ServiceLevel = {
  readonly withinMs: number;
  /** `breached`: a journey was late within the hour. `at-risk`: one has used three quarters of its time. */
  readonly state: "met" | "at-risk" | "breached";
  /** When the oldest open journey will be late; null: none is open. */
  readonly breachesAt: Date | null;
  /** Journeys that were late within the hour; at least so many, where `isLeast`. */
  readonly late: number;
  readonly isLeast: boolean;
};

export type Flow = {
  readonly channel: string;
  readonly state: ChannelState["state"];
  readonly reason: string | null;
  /** Of the last hour. `out`: written back; `failed`: refused, or stopped and still dead. */
  readonly hour: { readonly received: number; readonly out: number; readonly failed: number };
  /** Of the last five whole minutes, in messages a minute. */
  readonly rate: { readonly received: number; readonly out: number; readonly failed: number };
  readonly lastAt: Date | null;
  /** Since when the oldest message waits in one of its own subscriptions. */
  readonly oldestAt: Date | null;
  readonly sla: ServiceLevel | null;
  readonly silence: { readonly afterMs: number; readonly isSilent: boolean } | null;
};

export type Operations = {
  readonly at: Date;
  readonly flows: readonly Flow[];
  readonly subscriptions: readonly Queue[];
  readonly dependencies: readonly Dependency[];
  readonly nodes: readonly PlatformNode[];
  /** What waits for people. */
  readonly work: readonly WaitingCount[];
};

/** Tells operations as they are now. */
export async function operationsOf(sources: OperationsSources): Promise<Operations> {
  const { db, backbone, work, states, nowMs } = sources;
  const since = new Date(nowMs - HOUR_MS);
  const [minutes, last, backlog, oldest, waitingWork, late, platform] = await Promise.all([
    countMinutes(db, since, leastIdSince(since)),
    readLastReceived(db),
    backbone.backlog(),
    backbone.oldest(),
    work.countWaiting(),
    searchLeaves(db, { name: "sla.breached", since, most: MOST_LATE }),
    readPlatform(sources, nowMs),
  ]);
  const flows = await Promise.all(
    states.map(async ({ name, state, reason }): Promise<Flow> => {
      const definition = sources.definitions.find((one) => one.name === name);
      const own = minutes.filter(({ channel }) => channel === name);
      const lastAt = last.find(({ channel }) => channel === name)?.at ?? null;
      const lateOnes = late.leaves.filter(({ part }) => part === name).length;
      const waiting = oldest.filter(({ subscription }) => subscription === name || subscription.startsWith(`${name}.`));
      return {
        channel: name,
        state,
        reason,
        hour: summed(own),
        rate: rateOf(own, nowMs),
        lastAt,
        oldestAt: earliest(waiting.map(({ at }) => at)),
        sla: definition?.sla
          ? await levelOf(db, name, definition.sla, { nowMs, late: lateOnes, isLeast: late.next !== undefined })
          : null,
        silence: definition?.silence
          ? {
              ...definition.silence,
              isSilent: state === "started" && nowMs - (lastAt?.getTime() ?? 0) > definition.silence.afterMs,
            }
          : null,
      };
    }),
  );
  return { at: new Date(nowMs), flows, subscriptions: queuesOf(backlog, oldest), ...platform, work: waitingWork };
}

const earliest = (all: readonly Date[]): Date | null =>
  all.reduce<Date | null>((least, one) => (least === null || one < least ? one : least), null);

const summed = (rows: readonly MinuteRow[]) => ({
  received: rows.reduce((sum, one) => sum + one.received, 0),
  out: rows.reduce((sum, one) => sum + one.out, 0),
  failed: rows.reduce((sum, one) => sum + one.failed, 0),
});

function rateOf(rows: readonly MinuteRow[], nowMs: number): Flow["rate"] {
  const till = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const recent = rows.filter(
    ({ minute }) => minute.getTime() < till && minute.getTime() >= till - RATE_MINUTES * MINUTE_MS,
  );
  const { received, out, failed } = summed(recent);
  return { received: received / RATE_MINUTES, out: out / RATE_MINUTES, failed: failed / RATE_MINUTES };
}

async function levelOf(
  db: Db,
  channel: string,
  { withinMs }: { readonly withinMs: number },
  { nowMs, late, isLeast }: { readonly nowMs: number; readonly late: number; readonly isLeast: boolean },
): Promise<ServiceLevel> {
  const since = new Date(nowMs - withinMs);
  const journeys = await readOldestReceived(db, channel, { since, from: leastIdSince(since), most: MOST_LOOKED_AT });
  const leaves = await strandLeaves(
    db,
    journeys.map(({ journeyId }) => journeyId),
  );
  const open = journeys.find(({ journeyId, deliveries }) => !isComplete(deliveries, leaves.get(journeyId) ?? []));
  const breachesAt = open ? new Date(open.receivedAt.getTime() + withinMs) : null;
  const isAtRisk = open !== undefined && nowMs - open.receivedAt.getTime() > withinMs * AT_RISK;
  return { withinMs, state: late > 0 ? "breached" : isAtRisk ? "at-risk" : "met", breachesAt, late, isLeast };
}

/** What came in, went out and failed, minute by minute; the last minute is not over. */
export type Series = {
  readonly from: Date;
  readonly stepMs: number;
  readonly received: readonly number[];
  readonly out: readonly number[];
  readonly failed: readonly number[];
};

/** The series of one channel, or of all. */
export async function seriesOf(
  db: Db,
  {
    minutes,
    channel,
    nowMs,
  }: { readonly minutes: number; readonly channel?: string | undefined; readonly nowMs: number },
): Promise<Series> {
  const from = new Date((Math.floor(nowMs / MINUTE_MS) - minutes + 1) * MINUTE_MS);
  const rows = (await countMinutes(db, from, leastIdSince(from))).filter(
    (row) => channel === undefined || row.channel === channel,
  );
  const byMinute = Map.groupBy(rows, ({ minute }) => Math.round((minute.getTime() - from.getTime()) / MINUTE_MS));
  const all = Array.from({ length: minutes }, (_, index) => summed(byMinute.get(index) ?? []));
  return {
    from,
    stepMs: MINUTE_MS,
    received: all.map(({ received }) => received),
    out: all.map(({ out }) => out),
    failed: all.map(({ failed }) => failed),
  };
}
