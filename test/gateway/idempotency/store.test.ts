// Keys taken together: each is one request's, whoever asks beside it, and what stands under it is told.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "#kernel/ids";
import { type Keyed, keepAnswers, take } from "../../../src/gateway/idempotency/store.ts";
import { type TestDatabase, testDatabase } from "../../database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());

const keyed = (key = newId(), text = "a"): Keyed => ({
  principal: "trust:ann",
  key,
  digest: createHash("sha256").update(text).digest(),
});
const underWay = { status: null, body: null };

test("new keys are the caller's, known ones are told as they stand, in the order of asking", async () => {
  const [answered, begun, fresh] = [keyed(), keyed(), keyed()];
  expect(await take(database.db, [answered, begun])).toEqual([undefined, undefined]);
  const { principal, key } = answered;
  await keepAnswers(database.db, [{ principal, key, status: 200, body: '{"done":true}' }]);
  expect(await take(database.db, [begun, fresh, answered])).toMatchObject([
    underWay,
    undefined,
    { status: 200, body: '{"done":true}' },
  ] as object[]);
});

test("the same key of somebody else is another", async () => {
  const one = keyed();
  expect(await take(database.db, [one, { ...one, principal: "trust:ben" }])).toEqual([undefined, undefined]);
});

test("of many that take one key side by side one gets it, whoever it is batched with", async () => {
  const contested = keyed();
  const batches = Array.from({ length: 8 }, () => [keyed(), contested, keyed()]);
  const answers = await Promise.all(batches.map((batch) => take(database.db, batch)));
  expect(answers.filter((batch) => batch[1] === undefined)).toHaveLength(1);
  expect(answers.flatMap((batch) => [batch[0], batch[2]]).every((one) => one === undefined)).toBe(true);
});

test("a key twice in one statement is refused as a whole, and neither is taken", async () => {
  const one = keyed();
  await expect(take(database.db, [one, one])).rejects.toThrow();
  expect(await take(database.db, [one])).toEqual([undefined]);
});
