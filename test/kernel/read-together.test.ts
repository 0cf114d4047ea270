// Reads side by side: one statement for all of a turn, each connection by itself, and a failure for everybody who asked.

import { expect, it } from "vitest";
import type { Queryable } from "#kernel/db";
import { readTogether } from "#kernel/read-together";
import { closedVault } from "#kernel/vault";

const nowhere = (): Queryable => ({ vault: closedVault, query: async () => [] });

it("asks once for all that is wanted side by side, and anew for what is wanted later", async () => {
  const asked: (readonly number[])[] = [];
  const read = readTogether(async (_db, wanted: readonly number[]) => {
    asked.push([...wanted]);
    return wanted.map((one) => one * 2);
  });
  const db = nowhere();
  expect(await Promise.all([read(db, 1), read(db, 2)])).toEqual([
    [2, 4],
    [2, 4],
  ]);
  expect(await read(db, 3)).toEqual([6]);
  expect(asked).toEqual([[1, 2], [3]]);
});

it("asks together for all that is wanted while an answer is under way", async () => {
  const asked: (readonly number[])[] = [];
  const answers: (() => void)[] = [];
  const read = readTogether(async (_db, wanted: readonly number[]) => {
    asked.push([...wanted]);
    await new Promise<void>((resolve) => answers.push(resolve));
    return wanted;
  });
  const db = nowhere();
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const first = read(db, 1);
  await turn();
  const second = read(db, 2);
  await turn();
  const third = read(db, 3);
  await turn();
  expect(asked).toEqual([[1]]);
  answers.shift()!();
  expect(await first).toEqual([1]);
  await turn();
  expect(asked).toEqual([[1], [2, 3]]);
  answers.shift()!();
  expect(await Promise.all([second, third])).toEqual([
    [2, 3],
    [2, 3],
  ]);
});

it("never asks one connection for what is wanted of another", async () => {
  const [one, other] = [nowhere(), nowhere()];
  const asked: Queryable[] = [];
  const read = readTogether(async (db, wanted: readonly string[]) => {
    asked.push(db);
    return wanted;
  });
  expect(await Promise.all([read(one, "a"), read(other, "b")])).toEqual([["a"], ["b"]]);
  expect(asked).toEqual([one, other]);
});

it("fails everybody who asked when the statement fails, and nobody who asks afterwards", async () => {
  let isDown = true;
  const read = readTogether(async (_db, wanted: readonly string[]) => {
    if (isDown) throw new Error("down");
    return wanted;
  });
  const db = nowhere();
  const ends = await Promise.allSettled([read(db, "a"), read(db, "b")]);
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isDown = false;
  expect(await read(db, "c")).toEqual(["c"]);
});
