// What any backbone must promise when something fails: retries, dead letters, slow handlers, lost leases.

import { describe, expect, test } from "vitest";
import { LockgateError } from "#kernel/errors";
import { until } from "../until.ts";
import { type BackboneStorage, countUpTo, done, freshNodes, message, quick, witness } from "./backbone-nodes.ts";

/** Registers the suite for one kind of storage. */
export function troubleContract(kind: string, prepare: () => Promise<BackboneStorage>): void {
  describe(`a backbone on ${kind} in trouble`, () => {
    const nodes = freshNodes(prepare);

    test("tries an abandoned message again while other sessions flow and its own waits in order", async () => {
      const { seen, handler } = witness((envelope, attempt) =>
        envelope.body.toString() === "bad" && attempt < 4
          ? { settle: "abandon", error: new LockgateError("ERP_LOCKED") }
          : done,
      );
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await nodes.first.publishNow([
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
      await until(async () => (await nodes.first.parked({ most: 10 })).length === 0);
    });

    test("turns a message into a dead letter when its attempts are used up", async () => {
      const { seen, handler } = witness(() => {
        throw new LockgateError("ERP_UNAVAILABLE");
      });
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler, retry: { ...quick, maxAttempts: 3 } });
      await nodes.first.publishNow([message("a")]);
      await until(async () => (await nodes.first.parked({ state: "dead", most: 10 })).length === 1);
      expect(seen.length).toBe(3);
      expect((await nodes.first.parked({ most: 10 }))[0]).toMatchObject({
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
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await nodes.first.publishNow([
        message("bad", { session: "x" }),
        message("behind", { session: "x" }),
        message("other", { session: "y" }),
      ]);
      await until(async () => seen.includes("other") && (await nodes.first.parked({ most: 10 })).length === 2);
      const [dead] = await nodes.first.parked({ state: "dead", most: 10 });
      expect(dead).toMatchObject({
        reason: "ERP_REFUSED",
        description: "The ERP refused the values. (addressLine1)",
        attempt: 1,
      });
      expect(seen).not.toContain("behind");
      await expect(nodes.first.replayDeadLetter("all", dead!.position + 999, "tester")).rejects.toMatchObject({
        code: "DEAD_LETTER_UNKNOWN",
      });
      mended = true;
      await nodes.first.replayDeadLetter("all", dead!.position, "tester");
      await until(() => seen.includes("behind"));
      expect(seen.slice(-2)).toEqual(["bad", "behind"]);
    });

    test("lets a session go on when its dead letter is dismissed, and keeps the letter", async () => {
      const { seen, handler } = witness((envelope) => {
        if (envelope.body.toString() === "bad") throw new LockgateError("ERP_REFUSED");
        return done;
      });
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await nodes.first.publishNow([message("bad", { session: "x" }), message("behind", { session: "x" })]);
      await until(async () => (await nodes.first.parked({ state: "dead", most: 10 })).length === 1);
      const [dead] = await nodes.first.parked({ state: "dead", most: 10 });
      await nodes.first.dismissDeadLetter("all", dead!.position, "tester");
      await until(() => seen.includes("behind"));
      await until(async () => (await nodes.first.parked({ state: "dismissed", most: 10 })).length === 1);
      const kept = await nodes.first.parkedMessage("all", dead!.position);
      expect(kept?.body.toString()).toBe("bad");
      await nodes.first.publishNow([message("later", { session: "x" })]);
      await until(() => seen.includes("later"));
    });

    test("does not count a deferral as an attempt", async () => {
      const attempts: number[] = [];
      nodes.first.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async (_, { attempt }) => {
          attempts.push(attempt);
          return attempts.length < 3 ? { settle: "defer", till: new Date() } : done;
        },
      });
      await nodes.first.publishNow([message("a")]);
      await until(() => attempts.length === 3);
      expect(attempts).toEqual([1, 1, 1]);
    });

    test("takes nothing up while the target is down, then goes on with nothing lost", async () => {
      let downTill = Date.now() + 300;
      const { seen, handler } = witness(() =>
        Date.now() < downTill ? { settle: "hold", forMs: 60, error: new LockgateError("ERP_UNAVAILABLE") } : done,
      );
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler, retry: { ...quick, maxAttempts: 2 } });
      await nodes.first.publishNow(countUpTo(5, () => ({ session: "x" })));
      await until(() => seen.length >= 1);
      downTill = Math.min(downTill, Date.now() + 300);
      await until(() => new Set(seen).size === 5);
      await until(async () => (await nodes.first.parked({ most: 10 })).length === 0);
    });

    test("tries a target that is down with one message at a time, and goes on even if that message is given up", async () => {
      let isDown = true;
      const { seen, handler } = witness(() =>
        isDown ? { settle: "hold", forMs: 20, error: new LockgateError("ERP_UNAVAILABLE") } : done,
      );
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await nodes.first.publishNow([message("first", { session: "x" })]);
      await until(() => seen.length >= 2);
      await nodes.first.publishNow(countUpTo(40, (index) => ({ session: `s${index}` })));
      const before = seen.length;
      await until(() => seen.length >= before + 3);
      expect(seen.length).toBeLessThan(before + 12);
      isDown = false;
      await until(() => new Set(seen).size === 41);
      await until(async () => (await nodes.first.parked({ most: 50 })).length === 0);
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
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler });
      await nodes.first.publishNow([
        message("slow", { session: "x" }),
        message("behind", { session: "x" }),
        ...countUpTo(50),
      ]);
      await until(() => seen.length === 51);
      await nodes.first.publishNow(countUpTo(5));
      await until(() => seen.length === 56);
      expect(seen).not.toContain("behind");
      release();
      await until(() => seen.includes("behind"));
      expect(seen.filter((text) => text === "slow").length).toBe(1);
      await until(async () => (await nodes.first.parked({ most: 10 })).length === 0);
    });

    test("abandons only the message whose effects cannot be committed", async () => {
      const { seen, handler } = witness((envelope, attempt) =>
        envelope.body.toString() === "3" && attempt === 1
          ? { settle: "complete", apply: async (tx) => void (await tx.query("select * from nowhere")) }
          : done,
      );
      nodes.first.subscribe({ name: "all", topic: "thing.happened", handler, retry: quick });
      await nodes.first.publishNow(countUpTo(6, (index) => ({ session: `s${index}` })));
      await until(async () => seen.length === 7 && (await nodes.first.parked({ most: 10 })).length === 0);
      expect(seen.filter((text) => text === "3").length).toBe(2);
    });

    test("never commits under a lost lease, and the new owner delivers what the old one had in hand", async () => {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      const effects: string[] = [];
      nodes.first.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async () => {
          await gate;
          return { settle: "complete", publish: [{ ...message("old"), topic: "thing.counted" }] };
        },
      });
      // Of a partition that the second node gets.
      await nodes.first.publishNow([message("a", { session: "018f2a00-0000-7000-8000-000000000004" })]);
      await until(async () => (await nodes.first.parked({ most: 1 })).length === 1);
      const counted = witness((envelope) => {
        effects.push(envelope.body.toString());
        return done;
      });
      const other = await nodes.open();
      other.subscribe({ name: "count", topic: "thing.counted", handler: counted.handler });
      await nodes.first.replay("all", new Date(0)); // any change of epoch will do: the old owner no longer holds it
      other.subscribe({
        name: "all",
        topic: "thing.happened",
        handler: async () => ({ settle: "complete", publish: [{ ...message("new"), topic: "thing.counted" }] }),
      });
      await until(() => effects.includes("new"));
      release();
      await until(async () => (await nodes.first.parked({ most: 1 })).length === 0);
      expect(effects).not.toContain("old");
    });
  });
}
