// Service levels: a journey whose time is up is marked late once, unless every strand of it has ended.

import { afterAll, beforeAll, expect, it } from "vitest";
import { append, journeyLeaves } from "#engine/audit";
import type { ChannelDefinition } from "#engine/channels";
import { watchServiceLevels } from "#engine/monitor";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { until } from "../../until.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());

const WITHIN_MS = 300;

/** A journey of two strands that came in now, of which so many have ended. */
async function received(details: readonly Readonly<Record<string, boolean | number>>[]): Promise<string> {
  const journeyId = newId();
  const { db } = database;
  await db.query({
    text: `insert into channels.intake (journey_id, channel, sender, control_id, digest, deliveries) values ($1, 'adt', 'S', $2, '', 2)`,
    values: [journeyId, journeyId],
  });
  const at = new Date();
  const leaves = details.map((detail) => ({ at, part: "p", name: "n", outcome: "ok", journeyId, detail }));
  await db.transaction((tx) => append(tx, leaves));
  return journeyId;
}

it("marks those that are late, once, and leaves alone those that have ended", async () => {
  const watching = new AbortController();
  const channel = { name: "adt", sla: { withinMs: WITHIN_MS } } as unknown as ChannelDefinition;
  const clock = systemClock;
  const watch = watchServiceLevels([channel], { db: database.db, clock, log: openLog("silent") }, watching.signal);
  const ended = await received([{ ends: true }, { ends: true }]);
  const halfWay = await received([{ ends: true }]);
  const opened = await received([{ ends: true }, { ends: true }, { opens: 1 }]);
  const breaches = async (journeyId: string) =>
    (await journeyLeaves(database.db, journeyId)).filter(({ name }) => name === "sla.breached");
  await until(async () => (await breaches(halfWay)).length > 0 && (await breaches(opened)).length > 0);
  // A second look must not mark them again.
  await clock.sleep(1_200);
  watching.abort();
  await watch.catch(() => {});
  expect(await breaches(halfWay)).toHaveLength(1);
  expect(await breaches(opened)).toHaveLength(1);
  expect(await breaches(ended)).toHaveLength(0);
});
