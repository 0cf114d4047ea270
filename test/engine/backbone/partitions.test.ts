// Rounds: what may run side by side without breaking the order of a session.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MessageRow } from "../../../src/engine/backbone/envelope.ts";
import { ownedPartitions } from "../../../src/engine/backbone/partitions.ts";

const row = (partition: number, position: number, session: string | null): MessageRow => ({
  partition,
  position,
  session,
  journey_id: "j",
  at: new Date(0),
  attributes: { source: "s", datacontenttype: "t" },
  body: null,
});
const owning = (...numbers: number[]) => {
  const partitions = ownedPartitions();
  partitions.settle(numbers.map((partition) => ({ partition, position: 0, epoch: 1 })));
  return partitions;
};

describe("rounds of a node's partitions", () => {
  test("never hold two messages of one session, keep each partition's order, and leave nothing out", () => {
    const arrivals = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 3 }), fc.option(fc.constantFrom("a", "b", "c"), { nil: null })),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 12 }), (messages, most) => {
        const partitions = owning(0, 1, 2, 3);
        partitions.add(messages.map(([partition, session], index) => row(partition, index + 1, session)));
        const taken: MessageRow[] = [];
        for (let round = partitions.takeRound(most); round.length > 0; round = partitions.takeRound(most)) {
          expect(round.length).toBeLessThanOrEqual(most);
          const sessions = round.filter((one) => one.session !== null).map((one) => `${one.partition}${one.session}`);
          expect(new Set(sessions).size).toBe(sessions.length);
          taken.push(...round);
        }
        expect(partitions.isDrained()).toBe(true);
        expect(taken.map((one) => one.position).toSorted((a, b) => a - b)).toEqual(
          messages.map((_, index) => index + 1),
        );
        for (let partition = 0; partition < 4; partition += 1) {
          const own = taken.filter((one) => one.partition === partition).map((one) => one.position);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  test("forget a partition whose epoch has moved on, with all that was read of it", () => {
    const partitions = owning(1, 2);
    partitions.add([row(1, 5, null), row(2, 6, null)]);
    expect(
      partitions.settle([
        { partition: 1, position: 0, epoch: 1 },
        { partition: 2, position: 3, epoch: 2 },
      ]),
    ).toEqual([2]);
    expect(partitions.takeRound(9).map((one) => one.position)).toEqual([5]);
    expect(partitions.readFrom()).toEqual([
      { partition: 1, position: 0 },
      { partition: 2, position: 3 },
    ]);
  });

  test("hold a session until as many messages are released as were held", () => {
    const partitions = owning(1);
    partitions.hold(1, "a", 2);
    partitions.hold(1, "a");
    for (let left = 3; left > 0; left -= 1) {
      expect(partitions.isHeld(1, "a")).toBe(true);
      partitions.release(1, "a");
    }
    expect(partitions.isHeld(1, "a")).toBe(false);
    expect(partitions.isHeld(9, "a")).toBe(false);
  });

  test("move each cursor to the furthest message of a round", () => {
    const partitions = owning(1, 2);
    expect(partitions.movesFor([row(1, 4, null), row(2, 5, null), row(1, 7, null)])).toEqual([
      { partition: 1, position: 7, epoch: 1 },
      { partition: 2, position: 5, epoch: 1 },
    ]);
  });
});
