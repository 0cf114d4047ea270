// What `lockgate match quality` and `match report` print.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { matchQuality, matchReport } from "../../src/app/commands/match-quality.ts";
import type { Config } from "../../src/app/config.ts";
import { keepSignedIn } from "../../src/app/signed-in.ts";

let server: FastifyInstance;
let config: Config;
const dataDir = mkdtempSync(join(tmpdir(), "lockgate-"));

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
  server = fastify();
  server.get("/ops/v1/matching/quality", async () => ({ quality: [quality] }));
  server.get("/ops/v1/matching/report", async () => ({ groups }));
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { port } = server.server.address() as { port: number };
  config = { dataDir, http: { host: "127.0.0.1" }, portBase: port } as Config;
  const token = { issuer: "https://id.test.example", clientId: "test", accessToken: "a-token-for-tests-only" };
  keepSignedIn(config, "olive", { ...token, expiresAt: Date.now() + 3_600_000 });
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

async function printed(run: () => Promise<number>): Promise<string[][]> {
  let text = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const code = await run().finally(() => spy.mockRestore());
  expect(code).toBe(0);
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => line.split(/ {2,}/));
}

test("quality is a line for each day, with rates in per cent and times in minutes", async () => {
  expect((await printed(() => matchQuality({ config }, { days: 7, by: "day" }, false)))[1]).toEqual([
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
  expect((await printed(() => matchReport({ config }, { days: 7 }, false))).slice(1)).toEqual([
    ["sex", "female", "40", "50.0 % (40.0 % to 60.0 %)", "50.0 % (40.0 % to 60.0 %)", "linked less often"],
    ["form of family name", "short", "too few to be shown"],
  ]);
});
