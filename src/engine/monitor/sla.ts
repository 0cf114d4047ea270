// The service-level clock: each journey is looked at once, when its time is up.

import { append, strandLeaves } from "#engine/audit";
import { type ChannelDefinition, readReceived } from "#engine/channels";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";
import { isComplete } from "./journeys.ts";

const CHECK_EVERY_MS = 1_000;
/** Journeys looked at in one statement. */
const AT_ONCE = 500;
const BREACH = { name: "sla.breached", outcome: "late" };

/** Watches the channels that promise a time, until `signal` aborts; a late journey gets a milestone and a log line. */
export async function watchServiceLevels(
  channels: readonly ChannelDefinition[],
  { db, clock, log }: { db: Db; clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const watched = channels.flatMap(({ name, sla }) =>
    sla ? [{ name, withinMs: sla.withinMs, checkedTill: clock.now() - sla.withinMs }] : [],
  );
  while (!signal.aborted && watched.length > 0) {
    for (const channel of watched) {
      const upTo = clock.now() - channel.withinMs;
      try {
        await markLate(channel.name, new Date(channel.checkedTill), new Date(upTo), { db, clock, log });
        channel.checkedTill = upTo;
      } catch (error) {
        log.warn("service levels could not be checked", { channel: channel.name, error });
      }
    }
    await clock.sleep(CHECK_EVERY_MS, signal);
  }
}

async function markLate(
  channel: string,
  after: Date,
  upTo: Date,
  { db, clock, log }: { db: Db; clock: Clock; log: Log },
): Promise<void> {
  const received = await readReceived(db, channel, after, upTo);
  for (let from = 0; from < received.length; from += AT_ONCE) {
    const journeys = received.slice(from, from + AT_ONCE);
    const leaves = await strandLeaves(
      db,
      journeys.map(({ journeyId }) => journeyId),
    );
    const late = journeys.filter(({ journeyId, deliveries }) => !isComplete(deliveries, leaves.get(journeyId) ?? []));
    for (const { journeyId } of late) log.warn("journey is late", { channel, journey: journeyId });
    const at = new Date(clock.now());
    const breaches = late.map(({ journeyId }) => ({ at, journeyId, part: channel, ...BREACH }));
    if (breaches.length > 0) await db.transaction((tx) => append(tx, breaches));
  }
}
