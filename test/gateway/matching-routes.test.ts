// What the routes of matching's quality promise: counts of a period, refused where the period is none.

import { type FastifyInstance, fastify } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "#kernel/clock";
import { openLog } from "#kernel/log";
import { matchOutcomes } from "#services/matching";
import { openContracts } from "../../src/gateway/contracts/contracts.ts";
import { serverBounds } from "../../src/gateway/protection.ts";
import type { RouteOptions } from "../../src/gateway/route-options.ts";
import { matchingRoutes } from "../../src/gateway/routes/matching.ts";

import { type TestDatabase, testDatabase } from "../database.ts";
import { settled } from "../services/matching/settled.ts";

let database: TestDatabase;
let server: FastifyInstance;
const clock = { ...systemClock, now: () => Date.parse("2026-11-16T09:00:00Z") };

beforeAll(async () => {
  database = await testDatabase();
  server = fastify(serverBounds as object);
  server.setErrorHandler((thrown: { statusCode?: number; row?: { http: number } }, _, reply) =>
    reply.code(thrown.row?.http ?? thrown.statusCode ?? 500).send(),
  );
  // Who may ask is the gate's to say, and tested with it.
  const contracts = openContracts({ folder: "resources/openapi", isLive: false, log: openLog("silent") });
  const gate = { allow: async () => {} };
  matchingRoutes(server, { db: database.db, clock, gate, contracts } as unknown as RouteOptions);
  const backbone = { numberOf: async () => 1, publish: async () => 1 };
  const { outcomes } = matchOutcomes({
    backbone,
    clock,
    rules: { current: async () => ({ secondReview: { share: 0 } }) },
  });
  for (let index = 0; index < 12; index += 1) await database.db.transaction((tx) => outcomes(tx, [settled()]));
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

const get = (path: string) => server.inject({ method: "GET", url: `/ops/v1${path}` });

test("the measures are of each day, or week, of the period", async () => {
  const days = await get("/matching/quality?since=2026-11-16T00:00:00Z&until=2026-11-17T00:00:00Z");
  expect(days.json()).toMatchObject({ quality: [{ from: "2026-11-16", matches: 12, autoLinkRate: 1 }] });
  const weeks = await get("/matching/quality?since=2026-11-16T00:00:00Z&until=2026-11-17T00:00:00Z&by=week");
  expect(weeks.json().quality).toHaveLength(1);
  expect((await get("/matching/quality?until=2026-11-15T00:00:00Z")).json()).toMatchObject({ quality: [] });
});

test("the report is of the groups of the period, 30 days back if nothing is said", async () => {
  const { groups, since } = (await get("/matching/report?until=2026-11-17T00:00:00Z")).json();
  expect(since).toBe("2026-10-18T00:00:00.000Z");
  expect(groups).toContainEqual(expect.objectContaining({ dimension: "sex", group: "female", matches: 12, notes: [] }));
});

test.each([
  "since=yesterday",
  "by=month",
  "since=2026-11-17T00:00:00Z&until=2026-11-16T00:00:00Z",
  "until=2026-11-16T00:00:00Z&since=2026-11-16T00:00:00Z",
  "sinc=2026-11-16T00:00:00Z",
])("%s is refused", async (query) => {
  expect((await get(`/matching/quality?${query}`)).statusCode).toBe(400);
});
