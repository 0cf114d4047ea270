// What `lockgate match quality` and `match report` print.

import { afterAll, beforeAll, expect, test } from "vitest";
import { matchQuality, matchReport } from "../../src/app/commands/match-quality.ts";
import { printed, startStandIn } from "./stand-in.ts";

let standIn: Awaited<ReturnType<typeof startStandIn>>;

const rate = { rate: 0.5, low: 0.4, high: 0.6 };
const quality = {
  from: "2026-11-16",
  matches: 40,
  sampled: 2,
  autoLinkRate: 0.9,
  reviewRate: 0.1,
  overturnRate: 0,
  agreementRate: null,
  medianSeconds: 90,
  p95Seconds: 600,
};
const groups = [
  { dimension: "sex", group: "female", matches: 40, linked: rate, reviewed: rate, notes: ["linked less often"] },
  { dimension: "nameForm", group: "short", notes: ["too few to be shown"] },
];

beforeAll(async () => {
  standIn = await startStandIn((server) => {
    server.get("/ops/v1/matching/quality", async () => ({ quality: [quality] }));
    server.get("/ops/v1/matching/report", async () => ({ groups }));
  });
});
afterAll(() => standIn?.close());

const cells = async (command: () => Promise<number>) => (await printed(command)).map((line) => line.split(/ {2,}/));

test("quality is a line for each day, with rates in per cent and times in minutes", async () => {
  expect((await cells(() => matchQuality(standIn, { days: 7, by: "day" }, false)))[1]).toEqual([
    "2026-11-16",
    "40",
    "90.0 %",
    "10.0 %",
    "0.0 %",
    "2",
    "1.5 min",
    "10.0 min",
  ]);
});

test("the report is a line for each group, with intervals and notes, and without counts of small groups", async () => {
  expect((await cells(() => matchReport(standIn, { days: 7 }, false))).slice(1)).toEqual([
    ["sex", "female", "40", "50.0 % (40.0 % to 60.0 %)", "50.0 % (40.0 % to 60.0 %)", "linked less often"],
    ["form of family name", "short", "too few to be shown"],
  ]);
});
