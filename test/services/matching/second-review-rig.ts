// A node that records outcomes and has every one of them reviewed again.

import type { SettledMatch } from "#canonical/contracts";
import { openBackbone } from "#engine/backbone";
import { type InstanceWithJournal, openSagas } from "#engine/sagas";
import { type Item, openWork } from "#engine/work";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { matchOutcomes, secondReviewSaga } from "#services/matching";

import { testDatabase } from "../../database.ts";
import { until } from "../../until.ts";

export const deciders = ["anna", "ben", "cleo"].map((name) => ({
  name,
  roles: ["steward", "clinical-safety-officer"],
}));

export async function secondReviewRig() {
  const database = await testDatabase();
  const { db } = database;
  const log = openLog("silent");
  const clock = systemClock;
  const backbone = await openBackbone({ db, node: newId(), clock, log, keepMs: 86_400_000 });
  const work = openWork({ db, backbone, clock, log });
  const sagas = openSagas({ db, backbone, clock, work, definitions: [secondReviewSaga({ clock })] });
  const outcomes = matchOutcomes({ backbone, clock, rules: { current: async () => ({ secondReview: { share: 1 } }) } });
  sagas.run();

  const itemOf = async (journeyId: string, queue: string): Promise<Item | undefined> => {
    const [item] = await work.list({ journeyId, queue, state: "open", most: 1 });
    return item && work.show(item.id, deciders[0]!);
  };
  return {
    db,
    work,
    async settle(match: SettledMatch): Promise<void> {
      await db.transaction((tx) => outcomes.outcomes(tx, [match]));
      backbone.hint("match.sampled");
    },
    async asked(journeyId: string, queue: "match-second-review" | "match-safety"): Promise<Item> {
      let item: Item | undefined;
      await until(async () => {
        item = await itemOf(journeyId, queue);
        return item !== undefined;
      });
      return item!;
    },
    decide: (item: Item, action: string, name: string) =>
      work.decide(item.id, deciders.find((one) => one.name === name)!, { action, digest: item.digest }),
    async ended(journeyId: string): Promise<InstanceWithJournal> {
      let found: InstanceWithJournal | undefined;
      await until(async () => {
        const [one] = await sagas.ofJourney(journeyId);
        found = one?.status === "completed" ? await sagas.instance(one.id) : undefined;
        return found !== undefined;
      });
      return found!;
    },
    /** The leaves of a journey, as text. */
    async leaves(journeyId: string): Promise<string> {
      const rows = await db.query<{ body: string }>({
        text: "select body from audit.leaf where journey_id = $1",
        values: [journeyId],
      });
      return rows.map(({ body }) => body).join("\n");
    },
    async outcome(journeyId: string): Promise<Record<string, unknown> | undefined> {
      const [row] = await db.query<Record<string, unknown>>({
        text: "select * from matching.outcome where journey_id = $1",
        values: [journeyId],
      });
      return row;
    },
    async close(): Promise<void> {
      await backbone.close();
      await database.drop();
    },
  };
}
