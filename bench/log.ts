// What does the backbone cost by itself: to append a message alone or in a batch, to consume a backlog, to take over from a dead node?
//
// 1.26 kB bodies in 5,000 sessions on an embedded PostgreSQL with durable commits. CPU is of client and server together.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type Backbone, type NewMessage, openBackbone } from "#engine/backbone";
import { systemClock } from "#kernel/clock";
import { type DatabaseAddress, type Db, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { onFreshDatabase } from "./fresh-database.ts";
import { knownVault } from "./known-vault.ts";
import { cpuMsPerMessage, othersCores, report, usage, type Watched } from "./measure.ts";
import { admission } from "./message.ts";

const CLIENTS = 20;
const SESSIONS = 5_000;
const BATCH = 500;
const CONNECTIONS = 24;
const APPEND_MS = 6_000;
const WARM_UP_MS = 1_500;
const BACKLOG = 40_000;
const KEEP_MS = 86_400_000;
const topic = "patient.admitted";
const takeoverTopic = "patient.moved";

type Node = { readonly db: Db; readonly backbone: Backbone };

async function openNode(address: DatabaseAddress): Promise<Node> {
  const db = openDatabase({ ...address, user: "lockgate_app" }, CONNECTIONS, knownVault);
  const log = openLog("error");
  return { db, backbone: await openBackbone({ db, node: newId(), clock: systemClock, log, keepMs: KEEP_MS }) };
}

let made = 0;
const nextMessage = (on = topic): NewMessage => {
  made += 1;
  return {
    topic: on,
    session: `RX9:X${made % SESSIONS}`,
    journeyId: newId(),
    body: admission(made),
    contentType: "x-application/hl7-v2+er7",
    source: "bench",
  };
};

/** Publishes from several clients until the time is up; returns how many messages. */
async function append(backbone: Backbone, clients: number, batch: number, ms: number): Promise<number> {
  const till = performance.now() + ms;
  let appended = 0;
  const client = async () => {
    while (performance.now() < till) {
      await backbone.publishNow(Array.from({ length: batch }, () => nextMessage()));
      appended += batch;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return appended;
}

/** Runs `work`, which says how many messages it was, and reports the cost of one. */
async function measure(name: string, watched: Watched, work: () => Promise<number>): Promise<void> {
  const before = usage(watched);
  const messages = await work();
  const after = usage(watched);
  const seconds = (after.atMs - before.atMs) / 1_000;
  report({
    bench: "log",
    case: name,
    perSecond: Math.round(messages / seconds),
    cpuMsPerMessage: cpuMsPerMessage(before, after, messages),
    messages,
    seconds: Number(seconds.toFixed(2)),
    others: othersCores(before, after),
  });
}

/** Resolves once `count` messages have been handled. */
function counting(backbone: Backbone, name: string, on: string, count: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  const { stop } = backbone.subscribe({
    name,
    topic: on,
    concurrency: 256,
    async handler() {
      left -= 1;
      if (left === 0) resolve();
      return { settle: "complete" };
    },
  });
  return { done: promise, stop };
}

async function consume(backbone: Backbone, name: string, backlog: number): Promise<number> {
  const { done, stop } = counting(backbone, name, topic, backlog);
  await done;
  await stop();
  return backlog;
}

/** Two nodes share a subscription, one is killed: how long until what comes for its partitions is handled? */
async function takeOver({ db, backbone }: Node, address: DatabaseAddress): Promise<void> {
  const messages = 1_000;
  const victim = fork(import.meta.filename, [JSON.stringify(address)], { execArgv: [] });
  await once(victim, "message");
  const { done, stop } = counting(backbone, "takeover", takeoverTopic, messages);
  while ((await ownersOf(db)) < 2) await pause(50);
  victim.kill("SIGKILL");
  const killedAt = performance.now();
  await backbone.publishNow(Array.from({ length: messages }, () => nextMessage(takeoverTopic)));
  await done;
  const seconds = Number(((performance.now() - killedAt) / 1_000).toFixed(2));
  report({ bench: "log", case: "takeover from a killed node", messages, seconds });
  await stop();
}

async function ownersOf(db: Db): Promise<number> {
  const [row] = await db.query<{ owners: number }>(
    "select count(distinct owner) as owners from backbone.cursor where subscription = 'takeover'",
  );
  return row!.owners;
}

async function runAll(owner: DatabaseAddress, postmaster: number): Promise<void> {
  const node = await openNode(owner);
  const { backbone } = node;
  const watched: Watched = { node: process.pid, postmaster, rig: [] };
  await append(backbone, CLIENTS, 1, WARM_UP_MS);
  await measure(`append, own commit, ${CLIENTS} clients`, watched, () => append(backbone, CLIENTS, 1, APPEND_MS));
  await append(backbone, 1, BATCH, WARM_UP_MS / 3);
  await measure(`append in batches of ${BATCH}`, watched, () => append(backbone, 1, BATCH, APPEND_MS / 2));
  await consume(backbone, "warm-up", 10_000);
  const backlog = Math.min(made, BACKLOG);
  await measure("consume a backlog in sessions", watched, () => consume(backbone, "backlog", backlog));
  await takeOver(node, owner);
  await backbone.close();
  await node.db.close();
}

/** The node that is killed: it consumes until then. */
async function runVictim(address: DatabaseAddress): Promise<ChildProcess["pid"]> {
  const { backbone } = await openNode(address);
  counting(backbone, "takeover", takeoverTopic, 1);
  process.send?.({});
  return process.pid;
}

const [address] = process.argv.slice(2);
await (address ? runVictim(JSON.parse(address) as DatabaseAddress) : onFreshDatabase(runAll));
