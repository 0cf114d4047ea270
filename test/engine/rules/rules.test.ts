// Rules in the database: validated, versioned, seen by every node within a second, never changed afterwards.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openRules, type RuleDocument, type Rules } from "#engine/rules";
import { manualClock } from "#kernel/clock";
import { openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { openLog } from "#kernel/log";
import { type TestDatabase, testDatabase } from "../../database.ts";

/** Rules whose text is `name version content`. */
type Document = RuleDocument & { readonly content: string };
let reads = 0;
const check = (_: string, text: string): Document => {
  reads += 1;
  const [name = "", version = "", content] = text.split(" ");
  if (content === undefined) throw new LockgateError("RULES_INVALID", { at: "content", reason: "missing" });
  return { name, version, content, digest: createHash("sha256").update(text).digest("hex") };
};

describe("rules", () => {
  let database: TestDatabase;
  let clock: ReturnType<typeof manualClock>;
  let number = 0;
  let name: string;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    clock = manualClock();
    number += 1;
    name = `rules-${number}`;
  });
  const node = (): Rules<Document> => openRules({ db: database.db, clock, log: openLog("silent") }, { check });
  const leaves = async () =>
    (
      await database.db.query<{ body: string }>({
        text: "select body from audit.leaf where body like $1 order by position",
        values: [`%"rules":"${name}"%`],
      })
    ).map(({ body }) => JSON.parse(body) as { actor: string; detail: { version: string } });

  test("are in force as soon as they are put, on the node that put them", async () => {
    const rules = node();
    await rules.put(name, `${name} 1 a`, "anna");
    expect(await rules.current(name)).toMatchObject({ version: "1", content: "a" });
    expect(await rules.put(name, `${name} 2 b`, "ben")).toMatchObject({ changed: true, document: { version: "2" } });
    expect(await rules.current(name)).toMatchObject({ version: "2", content: "b" });
  });

  test("are followed by every other node within a second, and read again only when they changed", async () => {
    const [one, other] = [node(), node()];
    await one.put(name, `${name} 1 a`, "anna");
    await other.current(name);
    await one.put(name, `${name} 2 b`, "anna");
    const before = reads;
    expect((await other.current(name)).content).toBe("a");
    await clock.advance(1_000);
    expect((await other.current(name)).content).toBe("b");
    await clock.advance(1_000);
    await other.current(name);
    expect(reads - before).toBe(1);
  });

  test("are asked for once by many at the same moment", async () => {
    const rules = node();
    await rules.put(name, `${name} 1 a`, "anna");
    const before = reads;
    const all = await Promise.all(Array.from({ length: 20 }, () => rules.current(name)));
    expect(new Set(all).size).toBe(1);
    expect(reads - before).toBe(1);
  });

  test.each<[string, (rules: Rules<Document>) => Promise<unknown>]>([
    ["what is in force", (rules) => rules.current(name)],
    ["a text", (rules) => rules.read(name)],
    ["a text by its digest", (rules) => rules.read(name, "0".repeat(64))],
    ["a history", (rules) => rules.history(name)],
  ])("of a name that nobody put are unknown: %s", async (_, ask) => {
    await expect(ask(node())).rejects.toMatchObject({ code: "RULES_UNKNOWN" });
  });

  test("that were unknown are found at once when they are put", async () => {
    const rules = node();
    await expect(rules.current(name)).rejects.toMatchObject({ code: "RULES_UNKNOWN" });
    await node().put(name, `${name} 1 a`, "anna");
    expect((await rules.current(name)).content).toBe("a");
  });

  test.each<[string, string, string]>([
    ["are not well-formed", "1", "content"],
    ["go by another name", "other 1 a", "name"],
  ])("that %s are refused and leave no trace", async (_, text, at) => {
    const rules = node();
    await expect(rules.put(name, text, "anna")).rejects.toMatchObject({ code: "RULES_INVALID", at });
    await expect(rules.history(name)).rejects.toMatchObject({ code: "RULES_UNKNOWN" });
    expect(await leaves()).toEqual([]);
  });

  test("under a label that stands for other content are refused; the same content is no change", async () => {
    const rules = node();
    await rules.put(name, `${name} 1 a`, "anna");
    await expect(rules.put(name, `${name} 1 b`, "ben")).rejects.toMatchObject({ code: "RULES_VERSION_TAKEN" });
    expect(await rules.put(name, `${name} 1 a`, "ben")).toMatchObject({ changed: false });
    expect((await rules.current(name)).content).toBe("a");
    expect(await leaves()).toHaveLength(1);
  });

  test("come back into force when they are put again, and their history says when and by whom", async () => {
    const rules = node();
    for (const [text, by] of [
      ["1 a", "anna"],
      ["2 b", "ben"],
      ["1 a", "carol"],
    ] as const) {
      await rules.put(name, `${name} ${text}`, by);
      await clock.advance(60_000);
    }
    expect((await rules.current(name)).content).toBe("a");
    const history = await rules.history(name);
    expect(history.map(({ version, by, at }) => [version, by, at.getUTCMinutes()])).toEqual([
      ["1", "carol", 2],
      ["2", "ben", 1],
      ["1", "anna", 0],
    ]);
    expect((await leaves()).map(({ actor, detail }) => [actor, detail.version])).toEqual([
      ["anna", "1"],
      ["ben", "2"],
      ["carol", "1"],
    ]);
    expect(await rules.read(name, history[1]!.digest)).toMatchObject({ version: "2", text: `${name} 2 b` });
    expect((await rules.list()).filter((one) => one.name === name)).toMatchObject([{ version: "1", by: "carol" }]);
  });

  test("put by many nodes at once come into force one after the other, one content for each label", async () => {
    const put = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => node().put(name, `${name} 1 ${index % 2 ? "a" : "b"}`, `n${index}`)),
    );
    const taken = put.filter(({ status }) => status === "fulfilled");
    expect(taken).toHaveLength(4);
    expect(await node().history(name)).toHaveLength(1);
  });

  test("that are shipped are installed once, by however many nodes, and never over what was put", async () => {
    await Promise.all(Array.from({ length: 4 }, () => node().install(name, `${name} 1 a`)));
    expect(await node().history(name)).toMatchObject([{ version: "1", by: "lockgate" }]);
    await node().put(name, `${name} 2 b`, "anna");
    await node().install(name, `${name} 3 c`);
    expect((await node().current(name)).content).toBe("b");
  });

  test.each([
    "update rules.document set text = 'x'",
    "delete from rules.document",
    "update rules.in_force set by = 'x'",
    "delete from rules.in_force",
    "truncate rules.document, rules.in_force",
  ])("stay as they were put: the platform may not %s", async (statement) => {
    await node().put(name, `${name} 1 a`, "anna");
    await expect(database.db.query(statement)).rejects.toMatchObject({ code: "42501" });
  });

  test("may be read and not written by the auditor", async () => {
    const auditor = openDatabase(database.as("lockgate_auditor"));
    try {
      expect(await auditor.query("select name from rules.in_force")).not.toEqual([]);
      await expect(
        auditor.query("insert into rules.in_force (name, digest, by, at) values ('a', 'b', 'c', now())"),
      ).rejects.toMatchObject({ code: "42501" });
    } finally {
      await auditor.close();
    }
  });
});
