// The national service in trouble: nothing is lost, doubled or guessed, order is kept, and work resumes by itself.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultInput } from "../../doubles/pds/index.ts";
import { until } from "../until.ts";
import { testNhsNumber } from "./adt.ts";
import { type Site, startSite } from "./platform-rig.ts";
import { nationally, type Telling, tellingOf } from "./telling.ts";

let site: Site;
let t: Telling;
beforeAll(async () => {
  site = await startSite();
  t = tellingOf(site);
});
afterAll(() => site.close());
afterEach(() => site.pds.faults());

const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `${from + index} Row`);

/** Attempts that a journey tells of, by their reason. */
const attempts = async (key: string) =>
  ((await site.journey(key).catch(() => undefined))?.milestones ?? []).flatMap(({ name, code }) =>
    name === "attempted" ? [code] : [],
  );

describe("the national service away for long", () => {
  const patients = [
    { mrn: "LA1", nhsNumber: testNhsNumber(7_000), isKnown: true },
    { mrn: "LA2", nhsNumber: testNhsNumber(7_010), isKnown: true },
    { mrn: "LA3", nhsNumber: testNhsNumber(7_020), isKnown: false },
    { mrn: "LA4", nhsNumber: testNhsNumber(7_030), isKnown: false },
  ];

  /** Everybody moves from row `from` to row `to`, one message for each row. */
  async function everybodyMoves(from: number, to: number, prefix = ""): Promise<string[]> {
    const keys: string[] = [];
    for (let n = from; n <= to; n += 1)
      for (const { mrn, nhsNumber } of patients)
        keys.push(await t.update({ mrn: prefix + mrn, nhsNumber, addressLine1: `${n} Row` }, n));
    return keys;
  }

  it("keeps every message of several patients in order, says why it waits, and goes on by itself", async () => {
    await site.pds.know(...patients.filter(({ isKnown }) => isKnown).map(({ nhsNumber }) => nationally(nhsNumber)));
    for (const { mrn, nhsNumber } of patients.slice(0, 2)) await t.register({ mrn, nhsNumber, addressLine1: "0 Row" });
    const comeBack = await site.stopPds();
    let keys: string[];
    try {
      keys = await everybodyMoves(1, 5);
      await until(async () => (await attempts("LA1-1")).includes("NATIONAL_UNAVAILABLE"));
      const waiting = await site.journey("LA1-1");
      expect(waiting.state).toBe("running");
      expect(waiting.open).toContainEqual(
        expect.objectContaining({ subscription: "demographics.update", reason: "NATIONAL_UNAVAILABLE" }),
      );
      expect(await site.nav.patientsBy("LA1")).toMatchObject([{ addressLine1: "0 Row" }]);
      expect(await site.nav.patientsBy("LA3")).toEqual([]);
    } finally {
      await comeBack();
    }
    await until(async () => (await site.journey(keys.at(-1)!)).state === "complete", 25_000);
    for (const key of keys) expect(await t.finished(key)).toMatch(/^applied$/);
    for (const { mrn, isKnown } of patients) {
      expect(await t.written(mrn, "addressLine1")).toEqual(rows(isKnown ? 0 : 1, 5));
      expect(await site.nav.patientsBy(mrn)).toMatchObject([{ nhsNumberStatus: isKnown ? "01" : "04" }]);
    }
    expect(await site.deadLetters()).toEqual([]);
  });

  it("goes on when every connection is reset for a while, and counts no attempt against a message", async () => {
    await site.pds.faults({ kind: "down", durationMs: 1_500 });
    const key = await t.update({ mrn: "LA1", nhsNumber: testNhsNumber(7_000), addressLine1: "6 Row" }, 6);
    await until(async () => (await attempts(key)).length >= 2);
    expect(await site.db.query("select attempt from backbone.parked where state = 'waiting'")).toEqual([
      { attempt: 0 },
    ]);
    expect(await t.ended(key, 20_000)).toBe("applied");
    expect(new Set(await attempts(key)).size).toBe(1);
  });
});

describe("the national service in trouble for one call", () => {
  const troubles: readonly [
    name: string,
    mrn: string,
    serial: number,
    faults: readonly FaultInput[],
    reason?: string,
  ][] = [
    ["limits the calls", "TR1", 7_100, [{ kind: "throttle", retryAfterSeconds: 1, times: 1 }], "NATIONAL_THROTTLED"],
    ["is not available", "TR2", 7_110, [{ kind: "unavailable", times: 1 }], "NATIONAL_UNAVAILABLE"],
    ["is too slow", "TR3", 7_120, [{ kind: "slow", delayMs: 1_500, times: 1 }], "NATIONAL_UNAVAILABLE"],
    ["answers with a page", "TR4", 7_130, [{ kind: "html", times: 1 }], "NATIONAL_UNAVAILABLE"],
    ["cuts its answer short", "TR5", 7_140, [{ kind: "truncatedBody", times: 1 }], "NATIONAL_UNAVAILABLE"],
    ["drops the connection", "TR6", 7_150, [{ kind: "dropBeforeCommit", times: 1 }], "NATIONAL_UNAVAILABLE"],
    ["lets the token end early", "TR7", 7_160, [{ kind: "tokenExpired", times: 1 }]],
    [
      "refuses a token",
      "TR8",
      7_170,
      [
        { kind: "tokenExpired", times: 1 },
        { kind: "tokenRefused", times: 1 },
      ],
      "NATIONAL_UNAUTHORISED",
    ],
  ];

  it.each(troubles)("has the change arrive once when it %s", async (_, mrn, serial, faults, reason) => {
    const nhsNumber = testNhsNumber(serial);
    await site.pds.know(nationally(nhsNumber));
    await t.register({ mrn, nhsNumber, addressLine1: "1 Row" });
    await site.pds.faults(...faults);
    const sentAt = Date.now();
    const key = await t.update({ mrn, nhsNumber, addressLine1: "2 Row" }, 1);
    expect(await t.ended(key, 20_000)).toBe("applied");
    if (faults[0]?.kind === "throttle") expect(Date.now() - sentAt).toBeGreaterThanOrEqual(1_000);
    expect(await t.written(mrn, "addressLine1")).toEqual(["1 Row", "2 Row"]);
    expect(await site.nav.patientsBy(mrn)).toMatchObject([{ nhsNumberStatus: "01" }]);
    expect(await attempts(key)).toEqual(reason ? [reason] : []);
    expect((await site.pds.fired()).map(({ fired }) => fired)).toEqual(faults.map(() => 1));
  });

  it("asks under the same request id again after a failure, so that the service knows the question", async () => {
    const nhsNumber = testNhsNumber(7_180);
    await site.pds.know(nationally(nhsNumber));
    await site.pds.faults({ kind: "truncatedBody", times: 2 });
    await t.register({ mrn: "RI1", nhsNumber });
    const asked = (await site.pds.ledger()).filter((entry) => entry.nhsNumber === nhsNumber);
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(1);
    expect(asked[0]?.requestId).not.toBeNull();
  });
});
