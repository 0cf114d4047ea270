// One reader's stream: a slow reader costs no more than a fast one, and whoever takes nothing up is let go.

import { expect, test } from "vitest";
import { kinds } from "../../../src/gateway/live/kinds.ts";
import { openStream } from "../../../src/gateway/live/streams.ts";

test("gathers what changes while its reader is busy, and tells it once with the last position", () => {
  const { body, tell } = openStream(() => 0);
  for (let position = 1; position <= 10_000; position += 1) tell([kinds[position % kinds.length]!], position);
  const bytes = (body.read() as Buffer | null)?.toString() ?? "";
  const rest = (body.read() as Buffer | null)?.toString() ?? "";
  const events = [...`${bytes}${rest}`.matchAll(/^id: (\d+)\nevent: changed\ndata: (.*)$/gm)];
  expect(events).toHaveLength(1);
  expect(events[0]![1]).toBe("10000");
  expect((JSON.parse(events[0]![2]!) as { kinds: string[] }).kinds.toSorted()).toEqual([...kinds].toSorted());
});

test("keeps no more than its buffer for a reader that takes nothing up, and lets them go after a minute", () => {
  let nowMs = 0;
  const { body, tell, beat } = openStream(() => nowMs);
  body.read();
  for (let position = 1; position <= 10_000; position += 1) {
    tell(kinds, position);
    beat();
  }
  expect(body.readableLength).toBeLessThan(2 * body.readableHighWaterMark);
  nowMs = 59_000;
  beat();
  expect(body.destroyed).toBe(false);
  nowMs = 61_000;
  beat();
  expect(body.destroyed).toBe(true);
});

test("is quiet after its end, whoever goes on telling it", () => {
  const { body, tell, beat, end } = openStream(() => 0);
  const errors: unknown[] = [];
  body.on("error", (error) => errors.push(error));
  body.read();
  end();
  tell(kinds, 7);
  beat();
  end();
  expect(errors).toEqual([]);
});
