// The race at the end of the log: a transaction may draw a lower position and commit later than another.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Db, horizon, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { publisher } from "../../../src/engine/backbone/publisher.ts";
import { readUnread } from "../../../src/engine/backbone/store.ts";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { testVault } from "../../vault.ts";

const WRITERS = 12;
const MESSAGES_PER_WRITER = 60;

/** Follows the positions of `race` as a reader would: from a cursor on, never looking back. */
function follower(db: Db, limit: () => Promise<number>) {
  const seen: number[] = [];
  let cursor = 0;
  return {
    seen,
    async read() {
      const upTo = await limit();
      const rows = await db.query<{ position: number }>({
        text: "select position from race.log where position > $1 and position <= $2 order by position",
        values: [cursor, upTo],
      });
      for (const { position } of rows) seen.push(position);
      cursor = seen.at(-1) ?? cursor;
    },
  };
}

describe("reading the log while others write", () => {
  let database: TestDatabase;
  let writersDb: Db;
  beforeAll(async () => {
    database = await testDatabase();
    const owner = openDatabase(database.as("superuser"), 2);
    await owner.query("create schema race");
    await owner.query(
      "create table race.log (position bigint primary key default nextval('kernel.position'), writer integer, nth integer)",
    );
    await owner.query("grant usage on schema race to lockgate_app");
    await owner.query("grant select, insert on race.log to lockgate_app");
    await owner.close();
    writersDb = openDatabase(database.as("lockgate_app"), WRITERS, testVault);
  });
  afterAll(async () => {
    await writersDb.close();
    await database.drop();
  });

  const newest = async () =>
    (await database.db.query<{ last: number }>("select last_value as last from kernel.position"))[0]!.last;
  const insert = (writer: number, nth: number) => ({
    text: "insert into race.log (writer, nth) values ($1, $2)",
    values: [writer, nth],
  });

  test("what stands above the horizon is told of without being handed out, and handed out once nothing is under way below", async () => {
    const posts = publisher(database.db);
    const topic = await posts.numberOf("held.back");
    const journeyId = newId();
    const message = {
      topic: "held.back",
      session: "one",
      journeyId,
      body: Buffer.from("x"),
      contentType: "text/plain",
      source: "test",
    };
    const after = Array.from({ length: 16 }, (_, partition) => ({ partition, position: 0 }));
    const read = () => readUnread(database.db, { topic, after });
    await writersDb.transaction(async (early) => {
      await early.query("select 1");
      await database.db.transaction((tx) => posts.publish(tx, [message]));
      expect(await read()).toEqual({ rows: [], isMore: false, isHeldBack: true });
    });
    const { rows, ...rest } = await read();
    expect(rows).toMatchObject([{ journey_id: journeyId }]);
    expect(rest).toEqual({ isMore: false, isHeldBack: false });
    await database.db.transaction((tx) =>
      posts.publish(
        tx,
        Array.from({ length: 15 }, () => message),
      ),
    );
    expect(await read()).toMatchObject({ isMore: true, isHeldBack: false });
  });

  test("a reader that trusts the newest position loses a message that commits late; one that keeps below the horizon does not", async () => {
    const naive = follower(database.db, newest);
    const careful = follower(database.db, () => horizon(database.db));
    await writersDb.transaction(async (early) => {
      await early.query(insert(0, 0));
      await writersDb.transaction(async (late) => void (await late.query(insert(1, 0))));
      await naive.read();
      await careful.read();
    });
    await naive.read();
    await careful.read();
    const all = (await database.db.query<{ position: number }>("select position from race.log order by position")).map(
      (row) => row.position,
    );
    expect(all).toHaveLength(2);
    expect(naive.seen).toHaveLength(1);
    expect(careful.seen).toEqual(all);
  });

  test("with many writers and rollbacks the careful reader loses nothing and keeps each writer's order", async () => {
    const naive = follower(database.db, newest);
    const careful = follower(database.db, () => horizon(database.db));
    let writing = true;
    const write = async (writer: number): Promise<void> => {
      for (let nth = 1; nth <= MESSAGES_PER_WRITER; nth += 1) {
        await writersDb
          .transaction(async (tx) => {
            await tx.query(insert(writer, nth));
            await tx.query({ text: "select pg_sleep($1)", values: [Math.random() * 0.003] });
            if (nth % 7 === 0) throw new Error("rolled back");
          })
          .catch(() => undefined);
      }
    };
    const reading = (async () => {
      while (writing) await Promise.all([naive.read(), careful.read()]);
    })();
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    writing = false;
    await reading;
    await Promise.all([naive.read(), careful.read()]);
    const rows = await database.db.query<{ position: number; writer: number; nth: number }>(
      "select position, writer, nth from race.log order by position",
    );
    const byPosition = new Map(rows.map((row) => [row.position, row]));
    expect(careful.seen).toEqual(rows.map((row) => row.position));
    expect(naive.seen.length).toBeLessThan(rows.length);
    for (let writer = 0; writer < WRITERS; writer += 1) {
      const own = careful.seen
        .map((position) => byPosition.get(position)!)
        .filter((row) => row.writer === writer)
        .map((row) => row.nth);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
  });

  test("an unrelated long transaction does not hold the reader back", async () => {
    const other = openDatabase(database.as("superuser"), 1);
    const idle = other.query("select pg_sleep(0.5)");
    const before = await newest();
    await writersDb.transaction(async (tx) => void (await tx.query(insert(99, 0))));
    expect(await horizon(database.db)).toBeGreaterThan(before);
    await idle;
    await other.close();
  });
});
