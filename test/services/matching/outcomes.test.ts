// What is recorded of settled matches, and what is counted of it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MatchVerdict, SettledMatch } from "#canonical/contracts";
import { systemClock } from "#kernel/clock";
import { newId } from "#kernel/ids";
import { biasReport, matchOutcomes, qualityOf } from "#services/matching";
import { groupsOf } from "../../../src/services/matching/outcomes/groups.ts";

import { reportOn, wilson } from "../../../src/services/matching/outcomes/report.ts";
import { idOf, isSampled } from "../../../src/services/matching/outcomes/sample.ts";
import { type TestDatabase, testDatabase } from "../../database.ts";
import { jane } from "./rig.ts";
import { settled, verdictOf } from "./settled.ts";

let database: TestDatabase;
let now = Date.parse("2026-11-16T09:00:00Z");
const clock = { ...systemClock, now: () => now };
const published: string[] = [];
const backbone = {
  numberOf: async () => 1,
  publish: async (_tx: unknown, messages: readonly { readonly body: Uint8Array }[]) => {
    published.push(...messages.map(({ body }) => Buffer.from(body).toString()));
    return messages.length;
  },
};
const outcomes = (share: number) =>
  matchOutcomes({ backbone, clock, rules: { current: async () => ({ secondReview: { share } }) } });

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const record = (match: SettledMatch, share = 0) =>
  database.db.transaction((tx) => outcomes(share).outcomes(tx, [match]));
const rowsOf = (journeyId: string) =>
  database.db.query<Record<string, unknown>>({
    text: "select * from matching.outcome where journey_id = $1",
    values: [journeyId],
  });

describe("an outcome", () => {
  test("is kept with its code, weights, versions and who settled it", async () => {
    const match = settled({ settledBy: "steward", by: ["anna"], choice: "b" });
    await record(match);
    expect(await rowsOf(match.journeyId)).toMatchObject([
      {
        decision: "review",
        code: "MT-200",
        weight: 3,
        runner_up: 1,
        margin: 2,
        model: "uk@1",
        rules: "matching@1",
        settled_by: "steward",
        choice: "other",
        sex: "female",
        age_band: "40-64",
        name_form: "plain",
        address_stability: "one",
      },
    ]);
  });

  test("that is told twice is one", async () => {
    const match = settled();
    await record(match, 1);
    const before = published.length;
    await record(match, 1);
    expect(await rowsOf(match.journeyId)).toHaveLength(1);
    expect(published).toHaveLength(before);
  });

  test("holds no value of the record, nor of a candidate, nor whom it was", async () => {
    const match = settled({ fields: { ...jane, familyName: "Zmarker" }, by: ["anna"], settledBy: "steward" });
    await record(match);
    const kept = JSON.stringify(await rowsOf(match.journeyId)).toUpperCase();
    const { gender: _, ...values } = match.fields;
    for (const value of [...Object.values(values), ...match.candidates.map(({ personId }) => `"${personId}"`)])
      expect(kept).not.toContain(String(value).toUpperCase());
  });

  test("is marked as wrong once its journey is taken back, by the first who says so", async () => {
    const match = settled();
    await record(match);
    for (const by of ["anna", "ben"])
      await database.db.transaction((tx) => outcomes(0).overturned(tx, { journeyId: match.journeyId, by: [by] }));
    expect(await rowsOf(match.journeyId)).toMatchObject([{ overturned_by: ["anna"] }]);
  });

  test("cannot be changed afterwards in what was decided", async () => {
    await expect(database.db.query("update matching.outcome set code = 'MT-100'")).rejects.toThrow(/permission denied/);
    await expect(database.db.query("delete from matching.outcome")).rejects.toThrow(/permission denied/);
  });
});

describe("the sample for a second review", () => {
  test("takes links and stewards' answers, never somebody new whom nobody doubted", async () => {
    published.length = 0;
    await record(settled(), 1);
    await record(settled({ settledBy: "steward", by: ["anna"], choice: null }), 1);
    await record(settled({ verdict: verdictOf("none", null), choice: null }), 1);
    expect(published).toHaveLength(2);
    expect(published.map((body) => Object.keys(JSON.parse(body)))).not.toContainEqual(
      expect.arrayContaining(["verdict"]),
    );
  });

  test("is of the share that the rules say, and the same each time", () => {
    const ids = Array.from({ length: 4_000 }, (_, index) => idOf(`journey ${index}`));
    const sampled = ids.filter((id) => isSampled(id, 0.05));
    expect(sampled.length).toBeGreaterThan(140);
    expect(sampled.length).toBeLessThan(260);
    expect(ids.filter((id) => isSampled(id, 0.05))).toEqual(sampled);
    expect(sampled.every((id) => isSampled(id, 0.2))).toBe(true);
    expect(ids.some((id) => isSampled(id, 0))).toBe(false);
  });
});

describe("groups", () => {
  const at = new Date("2026-11-21T09:00:00Z");
  test.each([
    ["O'Brien", "beyond a to z"],
    ["Nováková", "beyond a to z"],
    ["Lloyd-Jones", "several words"],
    ["van der Berg", "several words"],
    ["Ng", "short"],
    ["Featherstonehaugh", "long"],
    ["Patela", "vowel ending"],
    ["Threlfall", "plain"],
    ["", "unknown"],
  ])("tell the form of the name %s", (familyName, form) => {
    expect(groupsOf({ familyName }, at, undefined).nameForm).toBe(form);
  });

  test.each([
    ["2026-01-01", "0-4"],
    ["2009-12", "5-17"],
    ["1987", "18-39"],
    ["1962-05-06", "40-64"],
    ["1950-05-06", "65-79"],
    ["1930-05-06", "80+"],
    ["1800-01-01", "unknown"],
    ["2030-01-01", "unknown"],
    [null, "unknown"],
  ])("tell the age band of somebody born %s", (birthDate, band) => {
    expect(groupsOf({ birthDate }, at, undefined).ageBand).toBe(band);
  });

  test.each([
    [undefined, "unknown"],
    [0, "none"],
    [1, "one"],
    [7, "several"],
  ])("tell how settled somebody of %s address changes is", (changes, stability) => {
    expect(groupsOf({}, at, changes).addressStability).toBe(stability);
  });
});

describe("the measures", () => {
  test("are told for each day and each week, in UTC", async () => {
    const own = await testDatabase();
    const say = (match: SettledMatch) =>
      own.db.transaction(async (tx) => {
        await outcomes(0).outcomes(tx, [match]);
      });
    const asked = (seconds: number): MatchVerdict => ({
      ...verdictOf("review", null),
      asAt: new Date(now - seconds * 1_000).toISOString(),
    });
    now = Date.parse("2026-11-15T23:59:00Z");
    await say(settled());
    now = Date.parse("2026-11-16T00:01:00Z");
    const wrong = settled();
    await say(wrong);
    await say(settled({ verdict: verdictOf("none", null), choice: null }));
    await say(settled({ verdict: asked(60), settledBy: "steward", by: ["anna"], choice: "a" }));
    await say(settled({ verdict: asked(120), settledBy: "steward", by: ["ben"], choice: null }));
    await own.db.transaction((tx) => outcomes(0).overturned(tx, { journeyId: wrong.journeyId, by: ["anna"] }));
    const period = { since: new Date("2026-11-01T00:00:00Z"), until: new Date("2026-12-01T00:00:00Z") };
    const days = await qualityOf(own.db, "day", period);
    const weeks = await qualityOf(own.db, "week", period);
    await own.drop();
    expect(days).toMatchObject([
      { from: "2026-11-15", matches: 1, autoLinkRate: 1, reviewRate: 0, overturnRate: 0, medianSeconds: null },
      {
        from: "2026-11-16",
        matches: 4,
        autoLinks: 1,
        linked: 2,
        reviews: 2,
        autoLinkRate: 0.25,
        reviewRate: 0.5,
        overturnRate: 0.25,
        agreementRate: null,
        medianSeconds: 90,
      },
    ]);
    expect(weeks.map(({ from, matches }) => [from, matches])).toEqual([
      ["2026-11-09", 1],
      ["2026-11-16", 4],
    ]);
  });
});

describe("the bias report", () => {
  test("counts every group of every dimension, and those who may be told hidden", async () => {
    const own = await testDatabase();
    const many = async (count: number, gender: "male" | "female", choice: string | null) => {
      for (let index = 0; index < count; index += 1)
        await own.db.transaction((tx) =>
          outcomes(0).outcomes(tx, [settled({ fields: { ...jane, gender }, choice, journeyId: newId() })]),
        );
    };
    now = Date.parse("2026-11-16T09:00:00Z");
    await many(30, "female", "a");
    await many(20, "male", null);
    await many(9, "male", "a");
    const period = { since: new Date("2026-11-01T00:00:00Z"), until: new Date("2026-12-01T00:00:00Z") };
    const groups = await biasReport(own.db, period);
    await own.drop();
    expect(groups.filter(({ dimension }) => dimension === "sex")).toMatchObject([
      { group: "female", matches: 30, linked: { rate: 1 }, notes: ["linked more often than the rest (31.0 %)"] },
      { group: "male", matches: 29, notes: ["linked less often than the rest (100.0 %)"] },
    ]);
    expect(new Set(groups.map(({ dimension }) => dimension)).size).toBe(4);
  });

  const counted = (group: string, matches: number, linked = matches, reviews = 0) =>
    ({ dimension: "sex", group, matches, linked, reviews }) as const;

  test("hides small groups, and a second one where the small one could be told by taking the others away", () => {
    const hidden = (...sizes: number[]) =>
      reportOn(
        ["female", "male", "other", "unknown"].slice(0, sizes.length).map((group, at) => counted(group, sizes[at]!)),
      )
        .filter(({ matches }) => matches === undefined)
        .map(({ group }) => group);
    expect(hidden(100, 200, 9)).toEqual(["female", "other"]);
    expect(hidden(100, 200, 9, 3)).toEqual(["other", "unknown"]);
    expect(hidden(100, 200, 10)).toEqual([]);
  });

  test("notes a difference only beyond the interval", () => {
    const notes = reportOn([counted("female", 1_000, 900, 50), counted("male", 40, 35, 10)]).map((one) => one.notes);
    expect(notes[1]).toEqual(["reviewed more often than the rest (5.0 %)"]);
  });

  test.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [81, 263, 0.2553, 0.3662],
  ])("gives Wilson's interval of %i in %i", (part, all, low, high) => {
    const interval = wilson(part, all);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});
