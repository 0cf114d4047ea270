// What does a saga cost? Workflows of three steps that act elsewhere, four transitions each, started by messages.
//
// An embedded PostgreSQL with durable publishing; the steps themselves do nothing. CPU is of Node and the server together.

import { setTimeout as pause } from "node:timers/promises";
import { type Backbone, type NewMessage, openBackbone } from "#engine/backbone";
import { defineSaga, openSagas, type StepEnd } from "#engine/sagas";
import { openWork } from "#engine/work";
import { systemClock } from "#kernel/clock";
import { openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { onFreshDatabase } from "./fresh-database.ts";
import { knownVault } from "./known-vault.ts";
import { cpuMsPerMessage, othersCores, report, usage, type Watched } from "./measure.ts";

const CONNECTIONS = 24;
const KEEP_MS = 86_400_000;
const TRANSITIONS = 4;
const WARM_UP = 2_000;
const WORKFLOWS = 8_000;
const BATCH = 500;
const LOW_RATE_EVERY_MS = 50;
const LOW_RATE_WORKFLOWS = 100;
/** Workflows of three steps a second that DBOS reaches on the same two cores. */
const DBOS = { least: 340, most: 430 };

type Order = { readonly number: number };

/** Told of each workflow that ends, by its number. */
let onEnd: (number: number) => void = () => undefined;

const act = async (): Promise<StepEnd<{ done: true }>> => ({ result: { done: true } });
const filling = defineSaga<Order>({
  name: "order.filling",
  version: 1,
  topic: "order.placed",
  read: (message) => JSON.parse(message.body.toString()) as Order,
  concurrency: 128,
  failures: { queue: "orders", domain: "bench", criticality: "normal", dueMs: 60_000, roles: [] },
})
  .step("reserve", { run: act, undo: async () => ({}) })
  .step("pay", { run: act, undo: async () => ({}) })
  .step("send", {
    run: async ({ input }) => {
      onEnd(input.number);
      return act();
    },
  })
  .end();

let made = 0;
function order(): NewMessage {
  made += 1;
  return {
    topic: "order.placed",
    session: `order ${made}`,
    journeyId: newId(),
    body: Buffer.from(JSON.stringify({ number: made, lines: "x".repeat(400) })),
    contentType: "application/json",
    source: "bench",
  };
}

/** Resolves once `count` workflows have ended. */
function ended(count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  onEnd = () => {
    left -= 1;
    if (left === 0) resolve();
  };
  return promise;
}

async function runBatch(backbone: Backbone, workflows: number): Promise<void> {
  const done = ended(workflows);
  for (let left = workflows; left > 0; left -= BATCH)
    await backbone.publishNow(Array.from({ length: Math.min(left, BATCH) }, order));
  await done;
}

async function measureThroughput(backbone: Backbone, watched: Watched): Promise<void> {
  const before = usage(watched);
  await runBatch(backbone, WORKFLOWS);
  const after = usage(watched);
  const seconds = (after.atMs - before.atMs) / 1_000;
  const workflowsPerSecond = WORKFLOWS / seconds;
  report({
    bench: "sagas",
    case: "three steps that act elsewhere",
    transitionsPerSecond: Math.round(workflowsPerSecond * TRANSITIONS),
    workflowsPerSecond: Math.round(workflowsPerSecond),
    timesDbos: [workflowsPerSecond / DBOS.most, workflowsPerSecond / DBOS.least].map((times) =>
      Number(times.toFixed(1)),
    ),
    cpuMsPerTransition: cpuMsPerMessage(before, after, WORKFLOWS * TRANSITIONS),
    workflows: WORKFLOWS,
    seconds: Number(seconds.toFixed(2)),
    others: othersCores(before, after),
  });
}

/** From the publishing of the message that starts it until its last step runs. */
async function measureLatency(backbone: Backbone, watched: Watched): Promise<void> {
  const took: number[] = [];
  const began = new Map<number, number>();
  onEnd = (number) => took.push(performance.now() - began.get(number)!);
  const before = usage(watched);
  for (let count = 0; count < LOW_RATE_WORKFLOWS; count += 1) {
    const message = order();
    began.set(made, performance.now());
    await Promise.all([backbone.publishNow([message]), pause(LOW_RATE_EVERY_MS)]);
  }
  while (took.length < LOW_RATE_WORKFLOWS) await pause(LOW_RATE_EVERY_MS);
  const after = usage(watched);
  took.sort((a, b) => a - b);
  const at = (share: number) => Number(took[Math.min(took.length - 1, Math.floor(took.length * share))]!.toFixed(1));
  report({
    bench: "sagas",
    case: `latency of a workflow at ${1_000 / LOW_RATE_EVERY_MS} a second`,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    workflows: took.length,
    others: othersCores(before, after),
  });
}

await onFreshDatabase(async (owner, postmaster) => {
  const db = openDatabase({ ...owner, user: "lockgate_app" }, CONNECTIONS, knownVault);
  const log = openLog("error");
  const backbone = await openBackbone({ db, node: newId(), clock: systemClock, log, keepMs: KEEP_MS });
  const work = openWork({ db, backbone, clock: systemClock, log });
  openSagas({ db, backbone, clock: systemClock, work, definitions: [filling] }).run();
  const watched: Watched = { node: process.pid, postmaster, rig: [] };
  await runBatch(backbone, WARM_UP);
  await measureThroughput(backbone, watched);
  await measureLatency(backbone, watched);
  await backbone.close();
  await db.close();
});
