// What any backbone must promise. Give it a way to open one on fresh storage; it does the rest.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Backbone, Envelope, NewMessage, Settlement } from "#engine/backbone";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { until } from "../until.ts";

/** Storage that several nodes open at once. */
export type BackboneStorage = {
  readonly db: Db;
  /** Opens a node on the storage. */
  open(): Promise<Backbone>;
  drop(): Promise<void>;
};

const message = (text: string, more: Partial<NewMessage> = {}): NewMessage => ({
  topic: "thing.happened",
  journeyId: newId(),
  body: Buffer.from(text),
  contentType: "text/plain",
  source: "test",
  ...more,
});

const done: Settlement = { settle: "complete" };
const quick = { firstPauseMs: 5, longestPauseMs: 20 };

/** A handler that keeps what it saw. */
function witness(settle: (envelope: Envelope, attempt: number) => Settlement | Promise<Settlement> = () => done) {
  const seen: string[] = [];
  return {
    seen,
    handler: async (envelope: Envelope, { attempt }: { attempt: number }): Promise<Settlement> => {
      seen.push(envelope.body.toString());
      return settle(envelope, attempt);
    },
  };
}

const countUpTo = (count: number, more: (index: number) => Partial<NewMessage> = () => ({})) =>
  Array.from({ length: count }, (_, index) => message(String(index), more(index)));

/** Registers the suite for one kind of storage. */
export function backboneContract(kind: string, prepare: () => Promise<BackboneStorage>): void {
  describe(`a backbone on ${kind}`, () => {
    let storage: BackboneStorage;
    let backbone: Backbone;
    const opened: Backbone[] = [];
    const openNode = async () => {
      const node = await storage.open();
      opened.push(node);
      return node;
    };
    beforeEach(async () => {
      storage = await prepare();
      backbone = await openNode();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((node) => node.close()));
      await storage.drop();
    });

    test("delivers each message once and keeps the order of a session", async () => {
      const { seen, handler } = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler });
      await backbone.publishNow(countUpTo(300, (index) => ({ session: `s${index % 7}` })));
      await until(() => seen.length >= 300);
      expect(new Set(seen).size).toBe(300);
      for (let session = 0; session < 7; session += 1) {
        const own = seen.map(Number).filter((index) => index % 7 === session);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    });

    test("carries every attribute of an envelope", async () => {
      const got: Envelope[] = [];
      backbone.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async (envelope) => {
          got.push(envelope);
          return done;
        },
      });
      const sent = message("héllo", {
        session: "s",
        causationId: "7",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        expiresAt: new Date(Date.now() + 60_000),
      });
      await backbone.publishNow([sent]);
      await until(() => got.length === 1);
      const { position, at, ...rest } = got[0]!;
      expect(rest).toEqual({ ...sent, body: Buffer.from("héllo"), dedupId: undefined });
      expect(position).toBeGreaterThan(0);
      expect(at.getTime()).toBeGreaterThan(0);
    });

    test("delivers bodies of any size unchanged", async () => {
      const bodies = [0, 1, 65_536, 65_537, 3_000_000].map((size) => Buffer.alloc(size, "ä"));
      const got: Buffer[] = [];
      backbone.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async (envelope) => {
          got.push(envelope.body);
          return done;
        },
      });
      await backbone.publishNow(bodies.map((body) => message("", { body })));
      await until(() => got.length === bodies.length);
      expect(got.map((body) => body.length).sort((a, b) => a - b)).toEqual(bodies.map((body) => body.length));
      for (const body of got) expect(body.equals(Buffer.alloc(body.length, "ä"))).toBe(true);
    });

    test("never delivers what was rolled back", async () => {
      const { seen, handler } = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler });
      await expect(
        storage.db.transaction(async (tx) => {
          await backbone.publish(tx, [message("lost")]);
          throw new Error("no");
        }),
      ).rejects.toThrow("no");
      await backbone.publishNow([message("kept")]);
      await until(() => seen.length > 0);
      expect(seen).toEqual(["kept"]);
    });

    test("gives each subscription every message", async () => {
      const one = witness();
      const two = witness();
      backbone.subscribe({ name: "one", topic: "thing.happened", handler: one.handler });
      backbone.subscribe({ name: "two", topic: "thing.happened", handler: two.handler });
      await backbone.publishNow(countUpTo(20));
      await until(() => one.seen.length === 20 && two.seen.length === 20);
      expect(one.seen.toSorted()).toEqual(two.seen.toSorted());
    });

    test("commits what a handler publishes together with its message", async () => {
      const { seen, handler } = witness();
      backbone.subscribe({ name: "second", topic: "thing.followed", handler });
      backbone.subscribe({
        name: "first",
        topic: "thing.happened",
        handler: async (envelope) => ({
          settle: "complete",
          publish: [{ ...message(`after ${envelope.body}`), topic: "thing.followed" }],
        }),
      });
      await backbone.publishNow([message("a")]);
      await until(() => seen.length === 1);
      expect(seen).toEqual(["after a"]);
    });

    test("tries an abandoned message again while other sessions flow and its own waits in order", async () => {
      const { seen, handler } = witness((envelope, attempt) =>
        envelope.body.toString() === "bad" && attempt < 4
          ? { settle: "abandon", error: new LockgateError("ERP_LOCKED") }
          : done,
      );
      backbone.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await backbone.publishNow([
        message("bad", { session: "x" }),
        message("behind 1", { session: "x" }),
        message("other", { session: "y" }),
        message("behind 2", { session: "x" }),
      ]);
      await until(() => seen.includes("behind 2"));
      expect(seen.filter((text) => text === "bad").length).toBe(4);
      expect(seen.indexOf("other")).toBeLessThan(seen.lastIndexOf("bad"));
      expect(seen.filter((text) => text !== "bad" && text !== "other")).toEqual(["behind 1", "behind 2"]);
      expect(seen.lastIndexOf("bad")).toBeLessThan(seen.indexOf("behind 1"));
      await until(async () => (await backbone.parked({ most: 10 })).length === 0);
    });

    test("turns a message into a dead letter when its attempts are used up", async () => {
      const { seen, handler } = witness(() => {
        throw new LockgateError("ERP_UNAVAILABLE");
      });
      backbone.subscribe({ name: "all", topic: "thing.happened", handler, retry: { ...quick, maxAttempts: 3 } });
      await backbone.publishNow([message("a")]);
      await until(async () => (await backbone.parked({ state: "dead", most: 10 })).length === 1);
      expect(seen.length).toBe(3);
      expect((await backbone.parked({ most: 10 }))[0]).toMatchObject({
        state: "dead",
        attempt: 3,
        reason: "ERP_UNAVAILABLE",
        subscription: "all",
      });
    });

    test("stops at a permanent error, holds its session only, and goes on in order once replayed", async () => {
      let mended = false;
      const { seen, handler } = witness((envelope) => {
        if (envelope.body.toString() === "bad" && !mended)
          throw new LockgateError("ERP_REFUSED", { at: "addressLine1" });
        return done;
      });
      backbone.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await backbone.publishNow([
        message("bad", { session: "x" }),
        message("behind", { session: "x" }),
        message("other", { session: "y" }),
      ]);
      await until(async () => seen.includes("other") && (await backbone.parked({ most: 10 })).length === 2);
      const [dead] = await backbone.parked({ state: "dead", most: 10 });
      expect(dead).toMatchObject({
        reason: "ERP_REFUSED",
        description: "The ERP refused the values. (addressLine1)",
        attempt: 1,
        session: "x",
      });
      expect(seen).not.toContain("behind");
      await expect(backbone.replayDeadLetter("all", dead!.position + 999, "tester")).rejects.toMatchObject({
        code: "DEAD_LETTER_UNKNOWN",
      });
      mended = true;
      await backbone.replayDeadLetter("all", dead!.position, "tester");
      await until(() => seen.includes("behind"));
      expect(seen.slice(-2)).toEqual(["bad", "behind"]);
    });

    test("lets a session go on when its dead letter is dismissed, and keeps the letter", async () => {
      const { seen, handler } = witness((envelope) => {
        if (envelope.body.toString() === "bad") throw new LockgateError("ERP_REFUSED");
        return done;
      });
      backbone.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await backbone.publishNow([message("bad", { session: "x" }), message("behind", { session: "x" })]);
      await until(async () => (await backbone.parked({ state: "dead", most: 10 })).length === 1);
      const [dead] = await backbone.parked({ state: "dead", most: 10 });
      await backbone.dismissDeadLetter("all", dead!.position, "tester");
      await until(() => seen.includes("behind"));
      await until(async () => (await backbone.parked({ state: "dismissed", most: 10 })).length === 1);
      const kept = await backbone.parkedMessage("all", dead!.position);
      expect(kept?.body.toString()).toBe("bad");
      await backbone.publishNow([message("later", { session: "x" })]);
      await until(() => seen.includes("later"));
    });

    test("does not count a deferral as an attempt", async () => {
      const attempts: number[] = [];
      backbone.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async (_, { attempt }) => {
          attempts.push(attempt);
          return attempts.length < 3 ? { settle: "defer", till: new Date() } : done;
        },
      });
      await backbone.publishNow([message("a")]);
      await until(() => attempts.length === 3);
      expect(attempts).toEqual([1, 1, 1]);
    });

    test("takes nothing up while the target is down, then goes on with nothing lost", async () => {
      let downTill = Date.now() + 300;
      const { seen, handler } = witness(() =>
        Date.now() < downTill ? { settle: "hold", forMs: 60, error: new LockgateError("ERP_UNAVAILABLE") } : done,
      );
      backbone.subscribe({ name: "all", topic: "thing.happened", handler, retry: { ...quick, maxAttempts: 2 } });
      await backbone.publishNow(countUpTo(5, () => ({ session: "x" })));
      await until(() => seen.length >= 1);
      downTill = Math.min(downTill, Date.now() + 300);
      await until(() => new Set(seen).size === 5);
      await until(async () => (await backbone.parked({ most: 10 })).length === 0);
    });

    test("does not let a slow handler hold up other sessions", async () => {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const { seen, handler } = witness(async (envelope) => {
        if (envelope.body.toString() === "slow") await gate;
        return done;
      });
      backbone.subscribe({ name: "all", topic: "thing.happened", handler });
      await backbone.publishNow([
        message("slow", { session: "x" }),
        message("behind", { session: "x" }),
        ...countUpTo(50),
      ]);
      await until(() => seen.length === 51);
      await backbone.publishNow(countUpTo(5));
      await until(() => seen.length === 56);
      expect(seen).not.toContain("behind");
      release();
      await until(() => seen.includes("behind"));
      expect(seen.filter((text) => text === "slow").length).toBe(1);
      await until(async () => (await backbone.parked({ most: 10 })).length === 0);
    });

    test("abandons only the message whose effects cannot be committed", async () => {
      const { seen, handler } = witness((envelope, attempt) =>
        envelope.body.toString() === "3" && attempt === 1
          ? { settle: "complete", apply: async (tx) => void (await tx.query("select 1/0")) }
          : done,
      );
      backbone.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await backbone.publishNow(countUpTo(6, (index) => ({ session: `s${index}` })));
      await until(async () => seen.length === 7 && (await backbone.parked({ most: 10 })).length === 0);
      expect(seen.filter((text) => text === "3").length).toBe(2);
    });

    test("publishes a scheduled message when it is due and not before", async () => {
      const { seen, handler } = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler });
      const dueAt = Date.now() + 400;
      const [, cancelled] = await storage.db.transaction((tx) =>
        Promise.all([
          backbone.schedule(tx, message("due", { session: "x" }), new Date(dueAt)),
          backbone.schedule(tx, message("cancelled"), new Date(dueAt)),
        ]),
      );
      expect(await storage.db.transaction((tx) => backbone.cancel(tx, cancelled))).toBe(true);
      expect(await storage.db.transaction((tx) => backbone.cancel(tx, cancelled))).toBe(false);
      await until(() => seen.length > 0);
      expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
      expect(seen).toEqual(["due"]);
    });

    test("keeps only the first of two messages with one dedup id, also when published at once", async () => {
      const { seen, handler } = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler });
      const published = await Promise.all(
        Array.from({ length: 8 }, () => backbone.publishNow([message("once", { dedupId: "d" }), message("free")])),
      );
      expect(published.map((positions) => positions.length).toSorted()).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
      await until(() => seen.length === 9);
      expect(seen.filter((text) => text === "once").length).toBe(1);
    });

    test("turns an expired message into a dead letter", async () => {
      const { seen, handler } = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler });
      await backbone.publishNow([message("late", { expiresAt: new Date(Date.now() - 1) })]);
      await until(async () => (await backbone.parked({ state: "dead", most: 1 })).length === 1);
      expect(seen).toEqual([]);
    });

    test("queues while paused and delivers on resume", async () => {
      const { seen, handler } = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler });
      await backbone.publishNow([message("before")]);
      await until(() => seen.length === 1);
      await backbone.pause("all", "maintenance");
      await until(async () => (await backbone.backlog())[0]!.pausedReason === "maintenance");
      await new Promise((resolve) => setTimeout(resolve, 250)); // a node may take a moment to hear of it
      await backbone.publishNow([message("during")]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(seen).toEqual(["before"]);
      expect((await backbone.backlog())[0]).toMatchObject({ unread: 1 });
      await backbone.pause("all", null);
      await until(() => seen.length === 2);
      await expect(backbone.pause("nobody", null)).rejects.toMatchObject({ code: "SUBSCRIPTION_UNKNOWN" });
    });

    test("replays what is kept from an instant on", async () => {
      const { seen, handler } = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler });
      await backbone.publishNow(countUpTo(3, () => ({ session: "x" })));
      await until(() => seen.length === 3);
      await backbone.replay("all", new Date(0));
      await until(() => seen.length === 6);
      expect(seen).toEqual(["0", "1", "2", "0", "1", "2"]);
    });

    test("goes on where it stopped after a restart", async () => {
      const first = witness();
      const run = backbone.subscribe({ name: "all", topic: "thing.happened", handler: first.handler });
      await backbone.publishNow(countUpTo(10));
      await until(() => first.seen.length === 10);
      await run.stop();
      await backbone.publishNow([message("after")]);
      const second = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler: second.handler });
      await until(() => second.seen.length === 1);
      expect(second.seen).toEqual(["after"]);
    });

    test("spreads the work over nodes and wakes a node for what another published", async () => {
      const other = await openNode();
      const one = witness();
      const two = witness();
      backbone.subscribe({ name: "all", topic: "thing.happened", handler: one.handler });
      other.subscribe({ name: "all", topic: "thing.happened", handler: two.handler });
      await until(async () => {
        await backbone.publishNow(countUpTo(64));
        return one.seen.length > 0 && two.seen.length > 0;
      });
      const publisherOnly = await openNode();
      const before = one.seen.length + two.seen.length;
      const startedAt = Date.now();
      await publisherOnly.publishNow(countUpTo(64));
      await until(() => one.seen.length + two.seen.length >= before + 64);
      expect(Date.now() - startedAt).toBeLessThan(5_000);
    });

    test("never commits under a lost lease, and the new owner delivers what the old one had in hand", async () => {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const effects: string[] = [];
      backbone.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async () => {
          await gate;
          return { settle: "complete", publish: [{ ...message("old"), topic: "thing.counted" }] };
        },
      });
      await backbone.publishNow([message("a", { session: "x" })]);
      await until(async () => (await backbone.parked({ most: 1 })).length === 1);
      const counted = witness((envelope) => {
        effects.push(envelope.body.toString());
        return done;
      });
      const other = await openNode();
      other.subscribe({ name: "count", topic: "thing.counted", handler: counted.handler });
      await backbone.replay("all", new Date(0)); // any change of epoch will do: the old owner no longer holds it
      other.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async () => ({ settle: "complete", publish: [{ ...message("new"), topic: "thing.counted" }] }),
      });
      await until(() => effects.includes("new"));
      release();
      await until(async () => (await backbone.parked({ most: 1 })).length === 0);
      expect(effects).not.toContain("old");
    });
  });
}
