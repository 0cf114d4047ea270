// Dead letters of one channel are found however many of others stand before them, page by page, each once.

import { afterAll, beforeAll, expect, it } from "vitest";
import { type ListedLetter, listDeadLetters } from "#engine/monitor";
import { type TestDatabase, testDatabase } from "../../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  await db.query("insert into backbone.topic (name) values ('t')");
  await db.query(
    "insert into backbone.subscription (name, topic) select n, id from backbone.topic, unnest(array['a', 'b']) n",
  );
});
afterAll(() => database?.drop());

/** Letters at each of these positions in both subscriptions; `channel` null: their messages came by none. */
const died = (channel: string | null, from: number, to: number, state = "dead") =>
  database.db.query({
    text: `with letters as (select gen_random_uuid() as journey, s.name, p.position
        from generate_series($2::bigint, $3::bigint) as p(position), unnest(array['a', 'b']) as s(name)),
      roots as (insert into channels.intake (journey_id, channel, sender, control_id, digest, deliveries)
        select journey, $1, 'S', journey::text, '', 1 from letters where $1::text is not null)
      insert into backbone.parked (subscription, partition, position, state, attempt, next_at, reason, journey_id, at, attributes, body)
      select name, 0, position, $4, 1, now(), 'ERP_REFUSED', journey, now(), '{}', '' from letters`,
    values: [channel, from, to, state],
  });

async function paged(channel: string | undefined, most: number): Promise<ListedLetter[]> {
  const found: ListedLetter[] = [];
  for (;;) {
    const page = await listDeadLetters(database, { channel, behind: found.at(-1), most });
    found.push(...page);
    if (page.length < most) return found;
  }
}

it("lists every letter of a channel behind thousands of another's, newest first", async () => {
  await died("adt", 1, 3);
  await died("orders", 10, 1_210);
  await died("adt", 2_000, 2_001);
  await died("adt", 2_002, 2_003, "dismissed");
  await died(null, 3_000, 3_000);
  const told = (letters: readonly ListedLetter[]) => letters.map((one) => `${one.position}${one.subscription}`);
  const ofAdt = await paged("adt", 3);
  expect(told(ofAdt)).toEqual(["2001b", "2001a", "2000b", "2000a", "3b", "3a", "2b", "2a", "1b", "1a"]);
  expect(new Set(ofAdt.map(({ channel }) => channel))).toEqual(new Set(["adt"]));
  const all = await paged(undefined, 500);
  expect([all.length, new Set(told(all)).size]).toEqual([2_414, 2_414]);
  expect(all[0]).toMatchObject({ position: 3_000, channel: undefined, reason: "ERP_REFUSED" });
  expect(await paged("nobodys", 3)).toEqual([]);
});
