// Journeys that begin without a wire: found as any other, and begun once.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { journeyLeaves } from "#engine/audit";
import { beginJourneys, findRoots, type NewRoot, readBegun } from "#engine/channels";
import { newId } from "#kernel/ids";
import { type TestDatabase, testDatabase } from "../../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const rootOf = (more: Partial<NewRoot> = {}): NewRoot => ({
  journeyId: newId(),
  at: new Date(),
  origin: "some.part",
  by: "trust:ann",
  requestId: newId(),
  digest: createHash("sha256").update("asked").digest(),
  keys: [{ kind: "thing", value: newId() }],
  strands: 1,
  ...more,
});
const begin = (...roots: NewRoot[]) => database.db.transaction((tx) => beginJourneys(tx, roots));

test("a journey is found by its id's keys and begins with a leaf that names who caused it", async () => {
  const root = rootOf();
  expect([...(await begin(root))]).toEqual([root.journeyId]);
  for (const key of [root.keys[0]!.value, root.requestId])
    expect(await findRoots(database.db, key, 5)).toMatchObject([{ journeyId: root.journeyId, channel: "some.part" }]);
  expect(await journeyLeaves(database.db, root.journeyId)).toMatchObject([
    { part: "some.part", name: "received", outcome: "ok", actor: "trust:ann", commitments: {} },
  ]);
});

test("a journey whose id or request is known already is left as it was, beside others that begin", async () => {
  const root = rootOf();
  await begin(root);
  const [again, other] = [rootOf({ requestId: root.requestId }), rootOf()];
  const begun = await begin(root, again, other, { ...other, requestId: newId() });
  expect([...begun]).toEqual([other.journeyId]);
  expect(await readBegun(database.db, again)).toMatchObject({ journeyId: root.journeyId });
  expect(await journeyLeaves(database.db, again.journeyId)).toEqual([]);
  expect(await journeyLeaves(database.db, root.journeyId)).toHaveLength(1);
});

test("the same request of somebody else, or elsewhere, is another", async () => {
  const root = rootOf();
  const others = [
    rootOf({ requestId: root.requestId, by: "trust:ben" }),
    rootOf({ requestId: root.requestId, origin: "other.part" }),
  ];
  expect((await begin(root, ...others)).size).toBe(3);
});
