// What becomes of a message, as pure judgement.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ErrorCode, errorTable, LockgateError } from "#kernel/errors";
import { defaultRetry, type Settlement } from "../../../src/engine/backbone/types.ts";
import { judge, pauseAfter, settlementOf } from "../../../src/engine/backbone/verdict.ts";

const of = (attempt: number) => ({ part: "all", journeyId: "01920000-0000-7000-8000-000000000000", attempt });
const codes = Object.keys(errorTable) as ErrorCode[];

describe("judging an attempt", () => {
  test.each(codes)("settles %s by its disposition alone", (code) => {
    const { settle } = settlementOf(new LockgateError(code));
    expect(settle).toBe(errorTable[code].disposition === "permanent" ? "dead-letter" : "abandon");
  });

  test("takes anything unknown for a fault that may pass", () => {
    expect(settlementOf(new TypeError("x"))).toMatchObject({ settle: "abandon", error: { code: "INTERNAL" } });
    expect(settlementOf("x")).toMatchObject({ settle: "abandon", error: { code: "INTERNAL" } });
  });

  test.each<[string, Settlement, number, object]>([
    [
      "a first failure waits",
      { settle: "abandon", error: new LockgateError("ERP_LOCKED") },
      1,
      { state: "waiting", attempt: 1, holdMs: 0 },
    ],
    [
      "the last failure is dead",
      { settle: "abandon", error: new LockgateError("ERP_LOCKED") },
      10,
      { state: "dead", attempt: 10, reason: "ERP_LOCKED" },
    ],
    [
      "a hold does not count",
      { settle: "hold", forMs: 70, error: new LockgateError("ERP_UNAVAILABLE") },
      3,
      { state: "waiting", attempt: 2, pauseMs: 70, holdMs: 70 },
    ],
    [
      "a deferral does not count",
      { settle: "defer", till: new Date(0) },
      3,
      { state: "waiting", attempt: 2, pauseMs: 0, reason: undefined },
    ],
    [
      "a deferral says what it waits for",
      { settle: "defer", till: new Date(0), error: new LockgateError("PERSON_UNDECIDED") },
      1,
      { state: "waiting", attempt: 0, reason: "PERSON_UNDECIDED", effects: {} },
    ],
    [
      "a dead letter stops at once",
      { settle: "dead-letter", reason: "ERP_REFUSED", description: "d" },
      1,
      { state: "dead", attempt: 1, description: "d" },
    ],
  ])("%s", (_, settlement, attempt, expected) => {
    expect(judge(settlement, of(attempt), defaultRetry)).toMatchObject({ kind: "park", ...expected });
  });

  test("waits at least as long as the other side asked", () => {
    const error = new LockgateError("ERP_LOCKED", { retryAfterMs: 5_000 });
    expect(judge({ settle: "abandon", error }, of(1), defaultRetry)).toMatchObject({
      pauseMs: expect.toSatisfy((ms: number) => ms >= 5_000),
    });
  });

  test("makes a milestone of each failed attempt, and none of a deferral", () => {
    const failed = judge({ settle: "abandon", error: new LockgateError("ERP_LOCKED") }, of(2), defaultRetry);
    expect(failed.effects.leaves).toMatchObject([
      { part: "all", name: "attempted", outcome: "failed", code: "ERP_LOCKED", attempt: 2 },
    ]);
    expect(judge({ settle: "defer", till: new Date() }, of(2), defaultRetry).effects.leaves).toBeUndefined();
  });

  test("backs off exponentially, within its bound, over the whole range", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const pause = pauseAfter(attempt, defaultRetry, () => random);
          expect(pause).toBeGreaterThanOrEqual(0);
          expect(pause).toBeLessThanOrEqual(
            Math.min(defaultRetry.longestPauseMs, defaultRetry.firstPauseMs * 2 ** (attempt - 1)),
          );
        },
      ),
    );
    expect(pauseAfter(3, defaultRetry, () => 1)).toBe(800);
  });
});
