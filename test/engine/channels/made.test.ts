// What a channel made of a message at intake, and its delivery.

import { expect, test } from "vitest";
import type { Delivery, Envelope } from "#engine/backbone";
import { manualClock } from "#kernel/clock";
import { judge, topicHandler } from "../../../src/engine/channels/channel.ts";
import { openMade } from "../../../src/engine/channels/made.ts";
import type { ChannelDefinition } from "../../../src/engine/channels/types.ts";

function channel() {
  let made = 0;
  const definition: ChannelDefinition = {
    name: "notes",
    source: { connector: "none", settings: {} },
    format: { contentType: "text/plain", parse: (bytes) => Buffer.from(bytes).toString() },
    transform(message) {
      made += 1;
      return `${message} seen`;
    },
    route: (output) => [{ to: "seen", body: Buffer.from(String(output)), contentType: "text/plain" }],
    destinations: { seen: { kind: "topic", topic: "note.seen" } },
  };
  return { definition, timesMade: () => made };
}

const clock = manualClock();
const message = { journeyId: "j1", position: 7, at: new Date(0), body: Buffer.from("note") } as unknown as Envelope;
const delivery = { attempt: 1, waited: false, signal: new AbortController().signal } as Delivery;

test("what was made at intake is delivered once as it is; made anew it is the same", async () => {
  const { definition, timesMade } = channel();
  const kept = openMade();
  const handler = topicHandler({ definition, environment: "test", clock }, kept);
  const { outgoing } = judge(definition, { bytes: Buffer.from("note"), sender: "PAS" }, "test", clock);
  kept.keep("j1", outgoing!);
  const first = await handler(message, delivery);
  expect(timesMade()).toBe(1);
  expect(first).toMatchObject({ publish: [{ topic: "note.seen", body: Buffer.from("note seen"), journeyId: "j1" }] });
  expect(await handler(message, delivery)).toEqual(first);
  expect(timesMade()).toBe(2);
});

test("the oldest is let go where too many wait, and what is large is not kept at all", () => {
  const kept = openMade();
  const outgoing = (bytes: number) => [{ to: "seen", body: Buffer.alloc(bytes), contentType: "text/plain" }];
  kept.keep("large", outgoing(100_000));
  expect(kept.take("large")).toBeUndefined();
  for (let nth = 0; nth <= 1_024; nth += 1) kept.keep(`j${nth}`, outgoing(10));
  expect(kept.take("j0")).toBeUndefined();
  expect(kept.take("j1")).toHaveLength(1);
});
