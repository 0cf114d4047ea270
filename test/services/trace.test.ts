// Asking the national service: what its answers count as, and how long it is left alone while it is in trouble.

import { describe, expect, test } from "vitest";
import type { NationalAnswer, NationalDemographics } from "#canonical/contracts";
import { manualClock } from "#kernel/clock";
import { type ErrorCode, LockgateError } from "#kernel/errors";
import { nationalDesk, trace } from "../../src/services/demographics/trace.ts";
import type { Identified, Question } from "../../src/services/demographics/types.ts";

const record = { nhsNumber: "2", version: "1", restricted: false, fields: { town: "T", familyName: "F" } };

function desk(answer: () => NationalAnswer) {
  const ids: string[] = [];
  const clock = manualClock();
  const national: NationalDemographics = {
    name: "national",
    retrieve: async (_number, requestId) => {
      ids.push(requestId);
      return answer();
    },
    trace: async (_query, requestId) => {
      ids.push(requestId);
      return answer();
    },
    update: () => Promise.reject(new LockgateError("NATIONAL_REFUSED")),
  };
  const asked = nationalDesk(clock, national);
  const identify: Identified = { personId: "p", found: "new", by: "MT-300", newKeys: [], news: "changed" };
  const run = (question: Question | undefined, key = "k") =>
    trace(
      clock,
      asked,
    )({
      input: {} as never,
      results: { identify: { ...identify, ...(question ? { question } : {}) } },
      instance: {
        id: "i",
        saga: "s",
        key: "k",
        journeyId: "00000000-0000-7000-8000-000000000000",
        traceparent: undefined,
        position: 1,
      },
      key,
      attempt: 1,
      signal: new AbortController().signal,
    });
  return { asked, clock, ids, run };
}
const byNumber = { nhsNumber: "1" };
const byName = { familyName: "F", birthDate: "1980-02-03", postcode: "ZZ1 1ZZ" };

describe("an answer of the national service", () => {
  test.each([
    ["found by number", byNumber, { outcome: "found", record }, "found", "MT-100"],
    ["found by a number that was replaced", byNumber, { outcome: "found", record, supersedes: "1" }, "found", "MT-102"],
    ["found by demographics", byName, { outcome: "found", record }, "found", "MT-110"],
    ["restricted", byNumber, { outcome: "found", record: { ...record, restricted: true } }, "found", "MT-310"],
    ["nobody", byNumber, { outcome: "none" }, "none", "MT-300"],
    ["several", byName, { outcome: "several" }, "several", "MT-201"],
    ["withdrawn", byNumber, { outcome: "invalidated" }, "invalidated", "DQ-NHS-010"],
  ] as const)("that is %s counts as such, with its code", async (_, question, answer, outcome, code) => {
    const { result, leaves } = await desk(() => answer).run(question);
    expect(result).toMatchObject({ outcome, code });
    expect(leaves).toMatchObject([{ name: "verified", outcome, code }]);
  });

  test("holds no whereabouts of a restricted record, even if they were sent", async () => {
    const { result } = await desk(() => ({ outcome: "found", record: { ...record, restricted: true } })).run(byNumber);
    expect(result.record?.fields).toEqual({ familyName: "F" });
  });

  test("is not asked for where there is too little to ask by", async () => {
    const { ids, run } = desk(() => ({ outcome: "none" }));
    expect((await run(undefined)).result).toMatchObject({ outcome: "insufficient", code: "MT-302" });
    expect(ids).toEqual([]);
  });

  test("is asked for under one UUID for one key, and another for another", async () => {
    const { ids, run } = desk(() => ({ outcome: "none" }));
    await run(byNumber, "a");
    await run(byNumber, "a");
    await run(byNumber, "b");
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });
});

describe("a national service in trouble", () => {
  const holdOf = (asked: ReturnType<typeof desk>["asked"], code: ErrorCode, retryAfterMs?: number) =>
    asked.holdWhileDown(new LockgateError(code, retryAfterMs === undefined ? {} : { retryAfterMs }));

  test("is left alone for longer the longer it lasts, up to a bound, and as long as it asks", async () => {
    const { asked, clock, run } = desk(() => ({ outcome: "none" }));
    expect(holdOf(asked, "NATIONAL_UNAVAILABLE")).toMatchObject({ settle: "hold", forMs: 250 });
    await clock.advance(8_000);
    expect(holdOf(asked, "NATIONAL_NO_ANSWER")).toMatchObject({ forMs: 2_000 });
    await clock.advance(600_000);
    expect(holdOf(asked, "NATIONAL_UNAVAILABLE")).toMatchObject({ forMs: 15_000 });
    expect(holdOf(asked, "NATIONAL_THROTTLED", 60_000)).toMatchObject({ forMs: 60_000 });
    await run(byNumber);
    expect(holdOf(asked, "NATIONAL_UNAVAILABLE")).toMatchObject({ forMs: 250 });
  });

  test.each(["NATIONAL_REFUSED", "NATIONAL_BAD_ANSWER", "PERSON_CHANGED"] as const)(
    "is not what %s speaks of",
    (code) => expect(holdOf(desk(() => ({ outcome: "none" })).asked, code)).toBeUndefined(),
  );
});
