// What clocks promise: time that tests move, and alarms that nobody hears once they are stopped.

import { expect, test } from "vitest";
import { manualClock, systemClock } from "#kernel/clock";

test("a manual clock runs alarms in the order of their time", async () => {
  const clock = manualClock(0);
  const heard: string[] = [];
  clock.after(20, () => heard.push("second"));
  clock.after(10, () => heard.push("first"));
  await clock.advance(9);
  expect(heard).toEqual([]);
  await clock.advance(11);
  expect(heard).toEqual(["first", "second"]);
});

test.each([
  ["manual", manualClock()],
  ["system", systemClock],
])("an alarm of the %s clock that is stopped never runs", async (_, clock) => {
  let rang = false;
  const stop = clock.after(0, () => {
    rang = true;
  });
  stop();
  stop();
  if ("advance" in clock) await (clock as ReturnType<typeof manualClock>).advance(1);
  else await new Promise<void>((resolve) => clock.after(1, resolve));
  expect(rang).toBe(false);
});
