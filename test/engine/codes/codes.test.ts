// Code maps in the database: looked up at once by every node, changed by people who see what they replace, never forgotten.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Codes, openCodes } from "#engine/codes";
import { manualClock } from "#kernel/clock";
import { type TestDatabase, testDatabase } from "../../database.ts";

describe("code maps", () => {
  let database: TestDatabase;
  let codes: Codes;
  let number = 0;
  let map: string;
  const clock = manualClock();
  beforeAll(async () => {
    database = await testDatabase();
    codes = openCodes({ db: database.db, clock });
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    number += 1;
    map = `map-${number}`;
  });
  const put = (code: string, target: string, replaces: string | null = null, system = "STORES") =>
    codes.put({ map, system, code, target, replaces }, "anna");
  const targetOf = async (code: string, system = "STORES") => (await codes.look([{ map, system, code }]))[0];

  test("tell what codes stand for in the order asked, and nothing of those that nobody has mapped", async () => {
    await put("B", "2");
    await put("A", "1");
    const keys = ["A", "X", "B", "A"].map((code) => ({ map, system: "STORES", code }));
    expect(await codes.look(keys)).toEqual(["1", undefined, "2", "1"]);
    expect(await codes.look([])).toEqual([]);
  });

  test("tell the codes of one source, of one map and of one letter case from those of others", async () => {
    await put("A", "1");
    await put("A", "9", null, "PHARMACY");
    expect([await targetOf("A"), await targetOf("A", "PHARMACY"), await targetOf("a")]).toEqual(["1", "9", undefined]);
    expect(await codes.look([{ map: `${map}-other`, system: "STORES", code: "A" }])).toEqual([undefined]);
  });

  test("let a code be mapped anew by whoever saw what it stood for, and by nobody else", async () => {
    await put("A", "1");
    await expect(put("A", "2")).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    await expect(put("A", "2", "7")).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    await expect(put("B", "2", "1")).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    expect(await put("A", "2", "1")).toMatchObject({ code: "A", target: "2", by: "anna" });
    expect(await targetOf("A")).toBe("2");
  });

  test("of two who map one code at once, take one and tell the other", async () => {
    const both = await Promise.allSettled([put("A", "1"), put("A", "2")]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await codes.changes(map, 10)).toHaveLength(1);
  });

  test("keep what was mapped before, and put each change into the audit with who and what", async () => {
    await put("A", "1");
    await put("A", "2", "1");
    expect(await codes.changes(map, 10)).toMatchObject([
      { code: "A", target: "2", replaced: "1", by: "anna" },
      { code: "A", target: "1", replaced: null },
    ]);
    const rows = await database.db.query<{ body: string }>({
      text: "select body from audit.leaf where body like $1 order by position",
      values: [`%"map":"${map}"%`],
    });
    expect(rows.map(({ body }) => JSON.parse(body))).toMatchObject([
      { name: "code.mapped", actor: "anna", detail: { code: "A", system: "STORES", target: "1" } },
      { name: "code.mapped", detail: { target: "2", replaced: "1" } },
    ]);
  });

  test("list each code once, page by page, whatever was mapped anew, and count them", async () => {
    for (const code of ["C", "A", "B"]) await put(code, `t${code}`);
    await put("A", "t9", "tA");
    const first = await codes.list(map, { most: 2 });
    expect(first.map(({ code, target }) => [code, target])).toEqual([
      ["A", "t9"],
      ["B", "tB"],
    ]);
    expect((await codes.list(map, { behind: first[1]!, most: 2 })).map(({ code }) => code)).toEqual(["C"]);
    expect((await codes.counts()).get(map)).toBe(3);
  });

  test.each([
    ["a part of a code", "lv-", ["GLV-M"]],
    ["a part of a target", "i0000", ["GLV-M", "SAL"]],
    ["what an older mapping said", "OLD", []],
    ["a text that means something to the database", "%", ["50%"]],
  ])("find codes by %s", async (_, search, found) => {
    await put("SAL", "OLD");
    await put("SAL", "I00009", "OLD");
    await put("GLV-M", "I00008");
    await put("50%", "X");
    expect((await codes.list(map, { search, most: 10 })).map(({ code }) => code)).toEqual(found);
  });

  test("take over what a site brings along once, and nothing that people have mapped since", async () => {
    await put("A", "1");
    await codes.install(map, "STORES", { A: "7", B: "8" });
    await codes.install(map, "STORES", { A: "7", B: "9" });
    expect([await targetOf("A"), await targetOf("B")]).toEqual(["1", "8"]);
    expect(await codes.changes(map, 10)).toHaveLength(2);
  });

  test("cannot be rewritten by the platform's own role", async () => {
    await put("A", "1");
    const { db } = database;
    await expect(db.query("update codes.mapping set target = 'X'")).rejects.toThrow();
    await expect(db.query("delete from codes.mapping")).rejects.toThrow();
    expect(await targetOf("A")).toBe("1");
  });
});
