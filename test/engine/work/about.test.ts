// What a node remembers of items: only what nobody may change, and who has chosen is asked each time.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Db } from "#kernel/db";
import { openAbout } from "../../../src/engine/work/about.ts";
import { anna, type Desk, openDesk } from "./desk.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk?.close());

/** The reads of one node, and the names of the statements that they take. */
function counted() {
  const asked: unknown[] = [];
  const db: Pick<Db, "query" | "vault"> = {
    vault: desk.db.vault,
    query: (statement) => {
      asked.push(typeof statement === "string" ? statement : statement.name);
      return desk.db.query(statement);
    },
  };
  return { asked, about: openAbout(db) };
}

test("where an item belongs is read once, and who has chosen each time", async () => {
  const { id, journeyId, digest } = await desk.open({ excluded: ["carol"] });
  const { asked, about } = counted();
  const first = await about(id, "approve");
  expect(first).toMatchObject({ domain: "demographics", journeyId, proposers: ["carol"], chosenBy: [] });
  await desk.work.decide(id, anna, { action: "approve", digest });
  expect(await about(id, "approve")).toMatchObject({ proposers: ["carol"], chosenBy: ["anna"] });
  expect(await (await about(id)).deeds()).toBe(1);
  expect(asked).toEqual(["work.about-all", "work.choices", "work.choices", "work.deeds"]);
});

test("an item that there is not is asked for again: it may be opened", async () => {
  const { asked, about } = counted();
  const unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
  for (let turn = 0; turn < 2; turn += 1) await expect(about(unknown)).rejects.toMatchObject({ code: "WORK_UNKNOWN" });
  expect(asked).toHaveLength(2);
});

test("the platform has no right to change what is remembered", async () => {
  const rights = await desk.db.query<{ name: string; may: boolean }>(
    `select name, has_column_privilege('lockgate_app', 'work.item', name, 'update') as may
      from unnest(array['id', 'domain', 'journey_id', 'excluded', 'state']) as name`,
  );
  expect(Object.fromEntries(rights.map(({ name, may }) => [name, may]))).toEqual({
    id: false,
    domain: false,
    journey_id: false,
    excluded: false,
    state: true,
  });
});
