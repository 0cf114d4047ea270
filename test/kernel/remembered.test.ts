// Answers that are worked out once for many.

import { describe, expect, test } from "vitest";
import { manualClock } from "#kernel/clock";
import { remembered } from "#kernel/remembered";

/** A look that ends when told to, and how often it was begun. */
function slowLook() {
  const ends: ((answer: number) => void)[] = [];
  const fails: ((error: Error) => void)[] = [];
  return {
    ends,
    fails,
    begin: () =>
      new Promise<number>((resolve, reject) => {
        ends.push(resolve);
        fails.push(reject);
      }),
  };
}

describe("what is remembered for a while", () => {
  test("is worked out once however long that takes and however many ask meanwhile", async () => {
    const clock = manualClock();
    const look = slowLook();
    const ask = remembered<number>(2_000, clock.now);
    const first = ask("a", look.begin);
    await clock.advance(60_000);
    const second = ask("a", look.begin);
    expect(look.ends).toHaveLength(1);
    look.ends[0]!(7);
    expect([await first, await second]).toEqual([7, 7]);
  });

  test("is told for its while from when it was known, and then asked for again", async () => {
    const clock = manualClock();
    const look = slowLook();
    const ask = remembered<number>(2_000, clock.now);
    const first = ask("a", look.begin);
    await clock.advance(5_000);
    look.ends[0]!(1);
    await first;
    await clock.advance(1_999);
    expect(await ask("a", look.begin)).toBe(1);
    await clock.advance(1);
    void ask("a", look.begin);
    expect(look.ends).toHaveLength(2);
  });

  test("is nobody's answer after it failed, and no other key's", async () => {
    const look = slowLook();
    const ask = remembered<number>(2_000, manualClock().now);
    const failed = ask("a", look.begin);
    void ask("b", look.begin);
    expect(look.ends).toHaveLength(2);
    look.fails[0]!(new Error("no"));
    await expect(failed).rejects.toThrow("no");
    const again = ask("a", look.begin);
    look.ends[2]!(3);
    expect(await again).toBe(3);
  });

  test("is shared by those who ask side by side even where it is kept for no time", async () => {
    const look = slowLook();
    const ask = remembered<number>(0, manualClock().now);
    const both = [ask("a", look.begin), ask("a", look.begin)];
    look.ends[0]!(4);
    expect(await Promise.all(both)).toEqual([4, 4]);
    void ask("a", look.begin);
    expect(look.ends).toHaveLength(2);
  });
});
