// Shared commits: who comes while one is under way shares the next, and nobody suffers for another's job.

import { describe, expect, test } from "vitest";
import { commitTogether } from "#kernel/commit-together";
import { LockgateError } from "#kernel/errors";

/** Commits that end when the test says, and what each was given. */
function heldCommits(judge: (jobs: readonly number[]) => void = () => undefined) {
  const given: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const together = commitTogether<number, string>(async (jobs) => {
    given.push(jobs);
    await new Promise<void>((resolve) => ends.push(resolve));
    judge(jobs);
    return jobs.map((job) => `done ${job}`);
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const end = async () => {
    while (ends.length === 0) await turn();
    ends.shift()!();
    await turn();
  };
  return { given, together, turn, end };
}

describe("jobs", () => {
  test("of one turn share a commit, and those that come meanwhile the next", async () => {
    const { given, together, turn, end } = heldCommits();
    const first = [together(1), together(2)];
    await turn();
    const next = [together(3), together(4), together(5)];
    await end();
    expect(await Promise.all(first)).toEqual(["done 1", "done 2"]);
    await end();
    expect(await Promise.all(next)).toEqual(["done 3", "done 4", "done 5"]);
    expect(given).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  test("that fail together are tried each by itself", async () => {
    const { together, end } = heldCommits((jobs) => {
      if (jobs.includes(2)) throw new Error("two cannot be");
    });
    const all = Promise.allSettled([together(1), together(2), together(3)]);
    for (let commits = 0; commits < 4; commits += 1) await end();
    expect((await all).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("are not tried again where the database is gone: what became of them is not known", async () => {
    const { given, together, end } = heldCommits(() => {
      throw new LockgateError("DATABASE_UNAVAILABLE");
    });
    const all = Promise.allSettled([together(1), together(2)]);
    await end();
    expect((await all).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(given).toHaveLength(1);
  });

  test("are at most five hundred a commit, and at most ten thousand wait", async () => {
    const { given, together, turn, end } = heldCommits();
    const all = Promise.allSettled(Array.from({ length: 600 }, (_, job) => together(job)));
    await turn();
    expect(given[0]).toHaveLength(500);
    const more = Array.from({ length: 10_001 }, (_, job) => together(job));
    await expect(more.at(-1)).rejects.toMatchObject({ code: "GATEWAY_OVERLOADED" });
    void Promise.allSettled(more);
    while (given.flat().length < 10_500) await end();
    await end();
    expect((await all).every(({ status }) => status === "fulfilled")).toBe(true);
  });
});
