// Retention: blocks of the log go when they are old and read, and never before; and nodes hear of each other's messages.

import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backbone, openBackbone } from "#engine/backbone";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { wakes } from "../../../src/engine/backbone/wake.ts";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { until } from "../../until.ts";

describe("the log's blocks", () => {
  let database: TestDatabase;
  let backbone: Backbone;
  beforeAll(async () => {
    database = await testDatabase();
    backbone = await openBackbone({
      db: database.db,
      node: newId(),
      clock: systemClock,
      log: openLog("silent"),
      keepMs: 86_400_000,
    });
  });
  afterAll(async () => {
    await backbone.close();
    await database.drop();
  });

  const one = async <T>(text: string): Promise<T> =>
    Object.values((await database.db.query<Record<string, T>>(text))[0]!)[0]!;
  const blocks = () => one<number>("select count(*) from pg_inherits where inhparent = 'backbone.log'::regclass");
  const current = () => one<number>("select last_value >> 20 from kernel.position");
  const publish = (text: string) =>
    backbone.publishNow([
      {
        topic: "old.told",
        journeyId: newId(),
        session: "one",
        body: Buffer.from(text),
        contentType: "text/plain",
        source: "test",
      },
    ]);

  test("are rolled by age, are kept while a subscription has not read them, and are dropped once it has", async () => {
    const seen: string[] = [];
    const subscription = {
      name: "reader",
      topic: "old.told",
      handler: async (envelope: { body: Buffer }) => {
        seen.push(envelope.body.toString());
        return { settle: "complete" } as const;
      },
    };
    await backbone.subscribe(subscription).stop();
    await publish("first");
    const before = await current();
    expect(await one("select backbone.roll(interval '1 hour')")).toBe(false);
    expect(await one("select backbone.roll(interval '0')")).toBe(true);
    expect(await current()).toBe(before + 1);
    await publish("second");
    expect(await one("select backbone.expire(interval '0')")).toBe(0);

    const run = backbone.subscribe(subscription);
    await until(() => seen.length === 2);
    await until(async () => (await backbone.backlog())[0]!.unread === 0);
    expect(await one("select backbone.expire(interval '1 hour')")).toBe(0);
    const had = await blocks();
    expect(await one("select backbone.expire(interval '0')")).toBe(1);
    expect(await blocks()).toBe(had - 1);
    await publish("third");
    await until(() => seen.length === 3);
    await run.stop();
    expect(seen).toEqual(["first", "second", "third"]);
  });

  test("are made ahead of need", async () => {
    const ahead = (await current()) + 6;
    await one("select backbone.extend(6)");
    expect(await one(`select to_regclass('backbone.log_${ahead}') is not null`)).toBe(true);
  });

  test("tell another node of a message by NOTIFY, long before it would look by itself", async () => {
    const [here, there] = await Promise.all([wakes(database.db, newId()), wakes(database.db, newId())]);
    await database.db.query({
      text: "insert into backbone.consumer values ('reader', $1, now() + interval '1 minute')",
      values: [newId()],
    });
    const woken = there.wait("old.told", there.count("old.told"), 60_000, new AbortController().signal);
    here.hint("old.told");
    expect(await Promise.race([woken.then(() => "woken"), setTimeout(5_000, "late", { ref: false })])).toBe("woken");
    await Promise.all([here.close(), there.close()]);
  });
});
