// Promises of the index under concurrency: two arrivals of one person are one person, in every order.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonChanges } from "#canonical/model";
import { type Db, openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { testVault } from "../../vault.ts";
import { numbers, openIndex, said, somebody } from "./index-rig.ts";
import { jane } from "./rig.ts";

let database: TestDatabase;
let nodes: { readonly db: Db; readonly index: ReturnType<typeof openIndex> }[];
beforeAll(async () => {
  database = await testDatabase();
  nodes = [1, 2, 3].map(() => {
    const db = openDatabase(database.as("lockgate_app"), 6, testVault);
    return { db, index: openIndex(db) };
  });
});
afterAll(async () => {
  await Promise.all(nodes.map(({ db }) => db.close()));
  await database.drop();
});

const isChanged = (thrown: unknown): boolean => thrown instanceof LockgateError && thrown.code === "PERSON_CHANGED";

/** An arrival as a node handles it: whom it may be, else a new person; how often it had to match again. */
async function arrive(
  node: number,
  fields: PersonChanges,
): Promise<{ readonly personId: string; readonly isNew: boolean; readonly again: number }> {
  const { db, index } = nodes[node]!;
  for (let again = 0; ; again += 1) {
    const verdict = await index.match(fields);
    if (verdict.decision !== "none") return { personId: verdict.candidates[0]!.personId, isNew: false, again };
    const personId = newId();
    try {
      await db.transaction((tx) => index.keep(tx, [{ personId, fields, newSince: verdict.mark }]));
      return { personId, isNew: true, again };
    } catch (thrown) {
      if (!isChanged(thrown)) throw thrown;
    }
  }
}

const dropAll = (personIds: readonly string[]) => nodes[0]!.db.transaction((tx) => nodes[0]!.index.drop(tx, personIds));

/** A transaction that has kept a person and stays open until told. */
async function holding(node: number, fields: PersonChanges, mark: string) {
  const { db, index } = nodes[node]!;
  const personId = newId();
  const kept = Promise.withResolvers<void>();
  const end = Promise.withResolvers<"commit" | "rollback">();
  const ended = db.transaction(async (tx) => {
    await index.keep(tx, [{ personId, fields, newSince: mark }]);
    kept.resolve();
    if ((await end.promise) === "rollback") throw new Error("rolled back");
  });
  ended.catch(kept.reject);
  await kept.promise;
  return {
    personId,
    async end(how: "commit" | "rollback") {
      end.resolve(how);
      await ended.catch(() => undefined);
    },
  };
}

/** Whether the other transaction waits for a lock of the index. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const waiting = await database.db.query("select from pg_locks where locktype = 'advisory' and not granted");
    if (waiting.length > 0) return;
  }
}

describe("two arrivals of one person at one moment", () => {
  it.each([
    [0, 1],
    [1, 0],
  ])("are one person whichever comes first (%i before %i)", async (first, second) => {
    const both = [jane, { ...jane, nhsNumber: null, email: null, givenName: "Janet" }];
    const mark = (await nodes[2]!.index.match(jane)).mark;
    const open = await holding(first, both[first]!, mark);
    const { db, index } = nodes[second]!;
    const later = db.transaction((tx) =>
      index.keep(tx, [{ personId: newId(), fields: both[second]!, newSince: mark }]),
    );
    const refused = expect(later).rejects.toSatisfy(isChanged);
    await untilWaiting();
    await open.end("commit");
    await refused;
    const found = await arrive(second, both[second]!);
    expect(found).toMatchObject({ personId: open.personId, isNew: false });
    await dropAll([open.personId]);
  });

  it("let the second be kept where the first is rolled back", async () => {
    const { mark } = await nodes[2]!.index.match(jane);
    const open = await holding(0, jane, mark);
    const later = arrive(1, jane);
    await untilWaiting();
    await open.end("rollback");
    const kept = await later;
    expect(kept).toMatchObject({ isNew: true, again: 0 });
    await dropAll([kept.personId]);
  });

  it("never make two persons, in hundreds of cases over three nodes", async () => {
    const next = numbers(71);
    let collided = 0;
    for (let round = 0; round < 300; round += 1) {
      const person = somebody(next);
      const forms = [said(person, next), said(person, next)];
      const [a, b] = await Promise.all(forms.map((fields, at) => arrive((round + at) % 3, fields)));
      collided += a!.again + b!.again;
      const created = [a!, b!].filter(({ isNew }) => isNew).map(({ personId }) => personId);
      // Where both are new they are no match at all, in whatever order they had come.
      if (created.length === 2) {
        const alone = await nodes[0]!.index.match(forms[0]!, { personId: created[0]! });
        expect(alone.candidates.find(({ personId }) => personId === created[1])?.decision ?? "none").toBe("none");
      } else expect(created).toHaveLength(1);
      await dropAll(created);
    }
    expect(collided).toBeGreaterThan(20);
  });

  it("never make two persons nor lock each other out, many at a time in random rounds", async () => {
    const next = numbers(72);
    for (let round = 0; round < 12; round += 1) {
      const persons = Array.from({ length: 6 }, () => somebody(next));
      const waves = Array.from({ length: 9 }, () =>
        Array.from({ length: 1 + next(round % 3 === 0 ? 30 : 4) }, () => said(persons[next(persons.length)]!, next)),
      );
      const kept = await Promise.all(
        waves.map(async (wave, at) => {
          const { db, index } = nodes[at % nodes.length]!;
          const verdicts = await Promise.all(wave.map((fields) => index.match(fields)));
          const fresh = wave.flatMap((fields, which) => {
            const { decision, mark } = verdicts[which]!;
            return decision === "none" ? [{ personId: newId(), fields, newSince: mark }] : [];
          });
          try {
            await db.transaction((tx) => index.keep(tx, fresh));
            return fresh;
          } catch (thrown) {
            if (!isChanged(thrown)) throw thrown;
            return [];
          }
        }),
      );
      const all = kept.flat();
      for (const { personId, fields } of all)
        expect((await nodes[0]!.index.match(fields, { personId })).decision).toBe("none");
      await dropAll(all.map(({ personId }) => personId));
    }
  });
});

describe("arrivals that have nothing to do with each other", () => {
  it("do not wait for each other", async () => {
    const next = numbers(73);
    const { mark } = await nodes[2]!.index.match(jane);
    const open = await holding(0, jane, mark);
    const others = await Promise.all(Array.from({ length: 20 }, (_, at) => arrive(at % 3, somebody(next))));
    expect(others.every(({ isNew }) => isNew)).toBe(true);
    await open.end("commit");
    await dropAll([open.personId, ...others.map(({ personId }) => personId)]);
  });
});

describe("a mark", () => {
  it("lets a person be new whom a steward told apart from those already there", async () => {
    const known = await arrive(0, jane);
    const { mark } = await nodes[1]!.index.match(jane);
    const personId = newId();
    const { db, index } = nodes[1]!;
    await db.transaction((tx) => index.keep(tx, [{ personId, fields: jane, newSince: mark }]));
    await dropAll([known.personId, personId]);
  });

  it("is outdated by a known person who has become like the new one since", async () => {
    const known = await arrive(0, {
      ...jane,
      nhsNumber: null,
      givenName: "Hugo",
      birthDate: "1931-02-17",
      gender: "male",
    });
    const { mark } = await nodes[1]!.index.match(jane);
    const { db, index } = nodes[1]!;
    await db.transaction((tx) => index.keep(tx, [{ personId: known.personId, fields: jane }]));
    const late = db.transaction((tx) => index.keep(tx, [{ personId: newId(), fields: jane, newSince: mark }]));
    await expect(late).rejects.toSatisfy(isChanged);
    await dropAll([known.personId]);
  });

  it("is outdated for two of one round who may be one person", async () => {
    const { db, index } = nodes[0]!;
    const { mark } = await index.match(jane);
    const twice = [jane, jane].map((fields) => ({ personId: newId(), fields, newSince: mark }));
    await expect(db.transaction((tx) => index.keep(tx, twice))).rejects.toSatisfy(isChanged);
    expect((await index.match(jane)).decision).toBe("none");
  });
});
