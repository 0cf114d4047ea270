// Transactions and the least rights of the running platform.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { horizon, isSqlState, openDatabase, relaxedCommit } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { type TestDatabase, testDatabase } from "../database.ts";
import { until } from "../until.ts";

describe("the database", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    const owner = openDatabase(database.as("superuser"), 1);
    await owner.query("create schema scratch");
    await owner.query("create table scratch.note (id integer primary key)");
    await owner.query("grant usage on schema scratch to lockgate_app");
    await owner.query("grant select, insert on scratch.note to lockgate_app");
    await owner.close();
  });
  afterAll(() => database.drop());

  const insert = (id: number) => ({ text: "insert into scratch.note values ($1)", values: [id] });
  const count = async () => (await database.db.query<{ n: number }>("select count(*) as n from scratch.note"))[0]!.n;

  test("commits all statements of a transaction that were sent without waiting", async () => {
    const before = await count();
    await database.db.transaction(async (tx) => {
      for (let id = 1; id <= 50; id += 1) void tx.query(insert(id));
    });
    expect(await count()).toBe(before + 50);
  });

  test("keeps nothing of a transaction in which any statement failed, and throws that statement's error", async () => {
    const before = await count();
    const work = database.db.transaction(async (tx) => {
      void tx.query(insert(100));
      void tx.query(insert(100));
      void tx.query(insert(101));
    });
    await expect(work).rejects.toSatisfy((thrown) => isSqlState(thrown, "23505"));
    expect(await count()).toBe(before);
  });

  test("tells of a row that is there already by the code of the statement, and of any other failure as ever", async () => {
    const before = await count();
    const taken = { ...insert(150), ifTaken: "SAGA_CHANGED" } as const;
    await database.db.query(taken);
    await expect(database.db.query(taken)).rejects.toMatchObject({ code: "SAGA_CHANGED" });
    const work = database.db.transaction(async (tx) => {
      void tx.query(insert(151));
      void tx.query(taken);
    });
    await expect(work).rejects.toMatchObject({ code: "SAGA_CHANGED" });
    await expect(database.db.query({ ...taken, values: ["x"] })).rejects.toMatchObject({
      code: "DATABASE_REFUSED_VALUE",
    });
    expect(await count()).toBe(before + 1);
  });

  test("keeps nothing of a transaction whose work throws, and its connection is usable afterwards", async () => {
    const before = await count();
    const work = database.db.transaction(async (tx) => {
      void tx.query(insert(200));
      throw new LockgateError("PERSON_CHANGED");
    });
    await expect(work).rejects.toMatchObject({ code: "PERSON_CHANGED" });
    expect(await count()).toBe(before);
    await database.db.transaction(async (tx) => void (await tx.query(insert(201))));
    expect(await count()).toBe(before + 1);
  });

  test("refuses a statement of work that is still under way when its transaction has ended", async () => {
    const before = await count();
    let late: Promise<unknown> | undefined;
    const work = database.db.transaction(async (tx) => {
      late = tx.query(insert(300)).then(() => tx.query(insert(301)));
      late.catch(() => undefined);
      throw new LockgateError("PERSON_CHANGED");
    });
    await expect(work).rejects.toMatchObject({ code: "PERSON_CHANGED" });
    await expect(late).rejects.toMatchObject({ code: "INTERNAL", reason: "transaction-over" });
    expect(await count()).toBe(before);
  });

  test("does not wait for the disk with a relaxed statement, and does with the next one", async () => {
    const db = openDatabase(database.as("lockgate_app"), 1);
    const says = "current_setting('synchronous_commit') as says";
    // Of a row, so that it is read when the expression has been.
    const relaxed = `with ${relaxedCommit} select ${says} from relaxed, lateral (select relaxed.set_config) as after`;
    await db.query("set synchronous_commit to on");
    expect(await db.query(relaxed)).toEqual([{ says: "off" }]);
    expect(await db.query(`select ${says}`)).toEqual([{ says: "on" }]);
    await db.close();
  });

  test("says that the database is unavailable when nothing listens", async () => {
    const nowhere = openDatabase({ host: "/nonexistent", port: 1, user: "nobody", database: "none" }, 1);
    await expect(nowhere.query("select 1")).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    await nowhere.close();
  });

  test("says that the database is unavailable when a connection is cut in a transaction, and recovers", async () => {
    const admin = openDatabase(database.as("superuser"), 1);
    const work = database.db.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
      await admin.query({ text: "select pg_terminate_backend($1)", values: [row!.pid] });
      await tx.query(insert(300));
    });
    await expect(work).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    await admin.close();
    expect(await database.db.query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("hears notifications again after its connection was cut", async () => {
    const heard: string[] = [];
    const ear = await database.db.listen("test_channel", (payload) => heard.push(payload));
    const admin = openDatabase(database.as("superuser"), 1);
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%test_channel%'");
    await until(async () => {
      await database.db.query("select pg_notify('test_channel', 'hello')");
      return heard.includes("hello");
    });
    await admin.close();
    await ear.close();
  });

  test("holds the horizon below a transaction in progress", async () => {
    await database.db.transaction(async (tx) => {
      const [row] = await tx.query<{ drawn: number }>("select nextval('kernel.position') as drawn");
      expect(await horizon(database.db)).toBeLessThan(row!.drawn);
    });
    const [last] = await database.db.query<{ last: number }>("select last_value as last from kernel.position");
    expect(await horizon(database.db)).toBe(last!.last);
  });

  test.each([
    ["change an audit leaf", "update audit.leaf set body = ''"],
    ["delete an audit leaf", "delete from audit.leaf"],
    ["empty the audit log", "truncate audit.leaf"],
    ["change a checkpoint", "update audit.checkpoint set note = ''"],
    ["change a message on the log", "update backbone.log set body = ''"],
    ["delete a message from the log", "delete from backbone.log"],
    ["change the schema", "create table backbone.other (id integer)"],
    ["add a column", "alter table audit.leaf add column other text"],
    ["drop a table", "drop table audit.leaf"],
    ["take on the owner's role", "set role lockgate_owner"],
    ["read another login's password", "select * from pg_authid"],
  ])("the platform's role cannot %s", async (_, statement) => {
    await expect(database.db.query(statement)).rejects.toSatisfy((thrown) => isSqlState(thrown, "42501"));
  });

  test("the auditor's role reads and cannot write", async () => {
    const auditor = openDatabase(database.as("lockgate_auditor"), 1);
    await auditor.query("select * from audit.leaf");
    await expect(auditor.query("insert into audit.leaf (body) values ('x')")).rejects.toSatisfy((thrown) =>
      isSqlState(thrown, "42501"),
    );
    await auditor.close();
  });
});
