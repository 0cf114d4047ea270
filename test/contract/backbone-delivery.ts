// What any backbone must promise of delivery: order, durability, schedules, replay.

import { describe, expect, test } from "vitest";
import type { Envelope } from "#engine/backbone";
import { newId } from "#kernel/ids";
import { until } from "../until.ts";
import { type BackboneStorage, countUpTo, done, freshNodes, message, witness } from "./backbone-nodes.ts";

/** Registers the suite for one kind of storage. */
export function deliveryContract(kind: string, prepare: () => Promise<BackboneStorage>): void {
  describe(`a backbone on ${kind} delivers and`, () => {
    const nodes = freshNodes(prepare);

    test("delivers each message once and keeps the order of a session", async () => {
      const { seen, handler } = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler });
      await nodes.first.publishNow(countUpTo(300, (index) => ({ session: `s${index % 7}` })));
      await until(() => seen.length >= 300);
      expect(new Set(seen).size).toBe(300);
      for (let session = 0; session < 7; session += 1) {
        const own = seen.map(Number).filter((index) => index % 7 === session);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    });

    test("carries every attribute of an envelope", async () => {
      const got: Envelope[] = [];
      nodes.first.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async (envelope) => {
          got.push(envelope);
          return done;
        },
      });
      const sent = message("héllo", {
        session: newId(),
        causationId: "7",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        expiresAt: new Date(Date.now() + 60_000),
      });
      await nodes.first.publishNow([sent]);
      await until(() => got.length === 1);
      const { position, at, ...rest } = got[0]!;
      expect(rest).toEqual({ ...sent, body: Buffer.from("héllo"), dedupId: undefined });
      expect(position).toBeGreaterThan(0);
      expect(at.getTime()).toBeGreaterThan(0);
    });

    test("delivers bodies of any size unchanged", async () => {
      const bodies = [0, 1, 65_536, 65_537, 3_000_000].map((size) => Buffer.alloc(size, "ä"));
      const got: Buffer[] = [];
      nodes.first.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async (envelope) => {
          got.push(envelope.body);
          return done;
        },
      });
      await nodes.first.publishNow(bodies.map((body) => message("", { body })));
      await until(() => got.length === bodies.length);
      expect(got.map((body) => body.length).sort((a, b) => a - b)).toEqual(bodies.map((body) => body.length));
      for (const body of got) expect(body.equals(Buffer.alloc(body.length, "ä"))).toBe(true);
    });

    test("never delivers what was rolled back", async () => {
      const { seen, handler } = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler });
      await expect(
        nodes.db.transaction(async (tx) => {
          await nodes.first.publish(tx, [message("lost")]);
          throw new Error("no");
        }),
      ).rejects.toThrow("no");
      await nodes.first.publishNow([message("kept")]);
      await until(() => seen.length > 0);
      expect(seen).toEqual(["kept"]);
    });

    test("gives each subscription every message", async () => {
      const one = witness();
      const two = witness();
      nodes.first.subscribe({ name: "one", topic: "thing.happened", handler: one.handler });
      nodes.first.subscribe({ name: "two", topic: "thing.happened", handler: two.handler });
      await nodes.first.publishNow(countUpTo(20));
      await until(() => one.seen.length === 20 && two.seen.length === 20);
      expect(one.seen.toSorted()).toEqual(two.seen.toSorted());
    });

    test("commits what a handler publishes together with its message", async () => {
      const { seen, handler } = witness();
      nodes.first.subscribe({ name: "second", topic: "thing.followed", handler });
      nodes.first.subscribe({
        name: "first",
        topic: "thing.happened",
        handler: async (envelope) => ({
          settle: "complete",
          publish: [{ ...message(`after ${envelope.body}`), topic: "thing.followed" }],
        }),
      });
      await nodes.first.publishNow([message("a")]);
      await until(() => seen.length === 1);
      expect(seen).toEqual(["after a"]);
    });

    test("publishes a scheduled message when it is due and not before", async () => {
      const { seen, handler } = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler });
      const dueAt = Date.now() + 400;
      const [, cancelled] = await nodes.db.transaction((tx) =>
        Promise.all([
          nodes.first.schedule(tx, message("due", { session: "x" }), new Date(dueAt)),
          nodes.first.schedule(tx, message("cancelled"), new Date(dueAt)),
        ]),
      );
      expect(await nodes.db.transaction((tx) => nodes.first.cancel(tx, cancelled))).toBe(true);
      expect(await nodes.db.transaction((tx) => nodes.first.cancel(tx, cancelled))).toBe(false);
      await until(() => seen.length > 0);
      expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
      expect(seen).toEqual(["due"]);
    });

    test("keeps only the first of two messages with one dedup id, also when published at once", async () => {
      const { seen, handler } = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler });
      const published = await Promise.all(
        Array.from({ length: 8 }, () => nodes.first.publishNow([message("once", { dedupId: "d" }), message("free")])),
      );
      expect(published.toSorted()).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
      await until(() => seen.length === 9);
      expect(seen.filter((text) => text === "once").length).toBe(1);
    });

    test("turns an expired message into a dead letter", async () => {
      const { seen, handler } = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler });
      await nodes.first.publishNow([message("late", { expiresAt: new Date(Date.now() - 1) })]);
      await until(async () => (await nodes.first.parked({ state: "dead", most: 1 })).length === 1);
      expect(seen).toEqual([]);
    });

    test("queues while paused and delivers on resume", async () => {
      const { seen, handler } = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler });
      await nodes.first.publishNow([message("before")]);
      await until(() => seen.length === 1);
      await nodes.first.pause("all", "maintenance");
      await until(async () => (await nodes.first.backlog())[0]!.pausedReason === "maintenance");
      await new Promise((resolve) => setTimeout(resolve, 250)); // a node may take a moment to hear of it
      await nodes.first.publishNow([message("during")]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(seen).toEqual(["before"]);
      expect((await nodes.first.backlog())[0]).toMatchObject({ unread: 1 });
      await nodes.first.pause("all", null);
      await until(() => seen.length === 2);
      await expect(nodes.first.pause("nobody", null)).rejects.toMatchObject({ code: "SUBSCRIPTION_UNKNOWN" });
    });

    test("replays what is kept from an instant on", async () => {
      const { seen, handler } = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler });
      await nodes.first.publishNow(countUpTo(3, () => ({ session: "x" })));
      await until(() => seen.length === 3);
      await nodes.first.replay("all", new Date(0));
      await until(() => seen.length === 6);
      expect(seen).toEqual(["0", "1", "2", "0", "1", "2"]);
    });

    test("goes on where it stopped after a restart", async () => {
      const first = witness();
      const run = nodes.first.subscribe({ name: "all", topic: "thing.happened", handler: first.handler });
      await nodes.first.publishNow(countUpTo(10));
      await until(() => first.seen.length === 10);
      await run.stop();
      await nodes.first.publishNow([message("after")]);
      const second = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler: second.handler });
      await until(() => second.seen.length === 1);
      expect(second.seen).toEqual(["after"]);
    });

    test("spreads the work over nodes, whichever of them published it", async () => {
      const other = await nodes.open();
      const one = witness();
      const two = witness();
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler: one.handler });
      other.subscribe({ name: "all", topic: "thing.happened", handler: two.handler });
      await until(async () => {
        await nodes.first.publishNow(countUpTo(64));
        return one.seen.length > 0 && two.seen.length > 0;
      });
      const publisherOnly = await nodes.open();
      const before = one.seen.length + two.seen.length;
      await publisherOnly.publishNow(countUpTo(64));
      await until(() => one.seen.length + two.seen.length >= before + 64);
    });
  });
}
