// Searching the log finds exactly the leaves that the filter means, whatever their texts look like.

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { append, isMeant, type Leaf, type LeafFilter, searchLeaves } from "#engine/audit";
import { type TestDatabase, testDatabase } from "../../database.ts";

const ACTORS = ["trust:ann", 'a"actor":"trust:ann', "back\\slash", "é ☂", '"at":"1999-01-01T00:00:00.000Z"', undefined];
const NAMES = ["work.chosen", "work.decided", "workshop", "work", "access.read"];
const DAY_MS = 86_400_000;
const BEGUN_AT = Date.UTC(2026, 0, 1);

let database: TestDatabase;
let all: readonly (Leaf & { readonly position: number })[];
beforeAll(async () => {
  database = await testDatabase();
  const leaves = Array.from({ length: 240 }, (_, index): Leaf => {
    const actor = ACTORS[index % ACTORS.length];
    return {
      at: new Date(BEGUN_AT + (index % 40) * DAY_MS),
      part: "gateway",
      name: NAMES[index % NAMES.length]!,
      outcome: "ok",
      ...(actor === undefined ? {} : { actor }),
      detail: { name: NAMES[(index + 1) % NAMES.length]!, said: 'so "name":"work.chosen"' },
    };
  });
  await database.db.transaction((tx) => append(tx, leaves));
  all = (await searchLeaves(database.db, { most: 1_000 })).leaves as typeof all;
});
afterAll(() => database?.drop());

const instant = fc.integer({ min: -1, max: 41 }).map((day) => new Date(BEGUN_AT + day * DAY_MS));
const filters: fc.Arbitrary<LeafFilter> = fc.record({
  actor: fc.constantFrom(...ACTORS, "nobody"),
  name: fc.constantFrom(undefined, ...NAMES, "work.", "access.", "wor."),
  since: fc.option(instant, { nil: undefined }),
  until: fc.option(fc.oneof(instant, fc.constant(new Date(8.64e15))), { nil: undefined }),
  most: fc.integer({ min: 1, max: 300 }),
});

test("all leaves are found, the newest first", () => {
  expect(all).toHaveLength(240);
  expect(all.map(({ position }) => position)).toEqual(all.map(({ position }) => position).toSorted((a, b) => b - a));
});

test("a filter finds what it means and nothing else, and says where to look on", async () => {
  await fc.assert(
    fc.asyncProperty(filters, async (filter) => {
      const meant = all.filter((leaf) => isMeant(filter, leaf as Parameters<typeof isMeant>[1]));
      const found = await searchLeaves(database.db, filter);
      expect(found.leaves.map(({ position }) => position)).toEqual(
        meant.slice(0, filter.most).map(({ position }) => position),
      );
      if (found.next === undefined) return;
      const rest = await searchLeaves(database.db, { ...filter, before: found.next, most: 1_000 });
      expect(rest.leaves.map(({ position }) => position)).toEqual(
        meant.slice(filter.most).map(({ position }) => position),
      );
    }),
    { numRuns: 150 },
  );
});
