// The service-level clock: each journey is looked at once, when its time is up.

import { append, journeyLeaves } from "#engine/audit";
import { type ChannelDefinition, readReceived } from "#engine/channels";
import type { Clock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import type { Log } from "#kernel/log";

const CHECK_EVERY_MS = 1_000;

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
  for (const { journeyId, deliveries } of await readReceived(db, channel, after, upTo)) {
    const ended = (await journeyLeaves(db, journeyId)).filter((leaf) => leaf.detail?.ends === true).length;
    if (ended >= deliveries) continue;
    log.warn("journey is late", { channel, journey: journeyId });
    await db.transaction((tx) =>
      append(tx, [{ at: new Date(clock.now()), part: channel, name: "sla.breached", outcome: "late", journeyId }]),
    );
  }
}
