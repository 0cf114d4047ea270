// Intake: which arrivals share a commit.

import { expect, test } from "vitest";
import type { Backbone } from "#engine/backbone";
import type { Db, Tx } from "#kernel/db";
import { openIntake } from "../../../src/engine/channels/intake.ts";
import { openMade } from "../../../src/engine/channels/made.ts";

/** A database whose commits end when they are told to; `sizes` are those begun. */
function slowCommits() {
  const sizes: number[] = [];
  const ends: (() => void)[] = [];
  const db = {
    async transaction(work: (tx: Tx) => Promise<unknown>) {
      const query = async ({ name, values }: { name: string; values: unknown[] }) => {
        if (name === "channels.intake") sizes.push((values[1] as string[]).length);
        return [];
      };
      const result = await work({ tx: true, query } as unknown as Tx);
      await new Promise<void>((resolve) => ends.push(resolve));
      return result;
    },
  } as unknown as Db;
  return { db, sizes, end: () => ends.shift()!() };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("a second commit begins beside the first once it carries as many, and what waits goes when the first ends", async () => {
  const { db, sizes, end } = slowCommits();
  const backbone = { publish: async () => 0, hint() {} } as unknown as Backbone;
  const intake = openIntake({ db, backbone, clock: { now: () => 0, sleep: async () => {} }, made: openMade() });
  let sent = 0;
  const arrive = async (count: number): Promise<void> => {
    for (let nth = 0; nth < count; nth += 1) {
      sent += 1;
      const arrival = { bytes: Buffer.from(`message ${sent}`), sender: "PAS", controlId: String(sent) };
      const judged = { arrival, channel: "adt", contentType: "text/plain", session: undefined, keys: [], faults: [] };
      void intake.accept({ ...judged, deliveries: 0 });
    }
    await turn();
  };
  await arrive(3);
  expect(sizes).toEqual([3]);
  await arrive(2);
  expect(sizes).toEqual([3]);
  await arrive(1);
  expect(sizes).toEqual([3, 3]);
  await arrive(9);
  expect(sizes).toEqual([3, 3]);
  end();
  await turn();
  expect(sizes).toEqual([3, 3, 9]);
  await arrive(1);
  end();
  end();
  await turn();
  expect(sizes).toEqual([3, 3, 9, 1]);
});
