// The main job: how many journeys a second go from the hospital to the ERP and are closed, how soon, and at what cost?
//
// ADT over MLLP in, a saga each: person looked for, national service asked, compared, decided, written to the ERP, read back,
// closed. New persons and address changes half and half; half of the people are known nationally. Both doubles are
// processes of their own on the same cores, and their cost is told apart.

import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { demoCredentials } from "../doubles/nav/index.ts";
import { demoClient } from "../doubles/pds/index.ts";
import type { JourneyOrder, JourneysSent } from "./journey-load.ts";
import { cpuMsOf, hashesPerMs, memory, othersCores, report, usage, type Watched } from "./measure.ts";
import { controlId, knownNationally } from "./persons.ts";
import type { PlatformReady, PlatformSpec } from "./platform.ts";
import { ask, end, profiling, start, unsettled } from "./rig.ts";

const CONNECTIONS = 16;
/** Persons made before the measuring begins: the first whose addresses change then. */
const WARM_UP_PERSONS = 2_500;
const WARM_UP_RATE = 300;
/** More than the platform closes: what is measured is how fast it works through them. */
const OFFERED_RATE = 600;
const OFFERED_MS = 15_000;
const HALF_RATE_MS = 15_000;
const MOST_PERSONS = 20_000;
/** Seldom: the question costs PostgreSQL as much as some journeys do. */
const DRAIN_POLL_MS = 500;
/** By then the server's processes have told what they wrote. */
const FLUSH_MS = 1_200;

const dataDir = await mkdtemp(join(tmpdir(), "lockgate-bench-"));

/** Starts a double; `BENCH_CPU_PROFILE` has it profiled as well. */
async function startDouble<Ready>(name: "nav" | "pds"): Promise<{ child: ChildProcess; ready: Ready }> {
  const main = join(import.meta.dirname, `../doubles/${name}/main.ts`);
  const flags = ["--disable-warning=ExperimentalWarning", ...profiling()];
  const child = spawn(process.execPath, [...flags, main, "--data", join(dataDir, name), "--with-parent"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  return { child, ready: JSON.parse(line) as Ready };
}

async function put(url: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "PUT", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`a double answered ${answer.status}`);
}

const nav = await startDouble<{ odataPort: number }>("nav");
const pds = await startDouble<{ port: number }>("pds");
const pdsUrl = `http://127.0.0.1:${pds.ready.port}`;
const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
await put(`${pdsUrl}/admin/clients`, { ...demoClient, publicKeyPem: publicKey });
await put(`${pdsUrl}/admin/patients`, knownNationally(MOST_PERSONS));

const spec: PlatformSpec = {
  dataDir,
  channel: "adt",
  sinkPort: 0,
  settings: {
    site: "demo",
    writeback: { concurrency: 32, callsPerSecond: 10_000 },
    nav: {
      name: "nav",
      baseUrl: `http://127.0.0.1:${nav.ready.odataPort}/BC`,
      company: { name: "CRONUS UK Ltd." },
      user: demoCredentials.user,
      accessKey: demoCredentials.secret,
      timeoutMs: 10_000,
      maxConnections: 16,
    },
    pds: {
      baseUrl: `${pdsUrl}/personal-demographics/FHIR/R4`,
      tokenUrl: `${pdsUrl}/oauth2/token`,
      ...demoClient,
      privateKey,
      callsPerSecond: 2_000,
      timeoutMs: 10_000,
    },
  },
};
const platform = await start<PlatformReady>("platform.ts", [JSON.stringify(spec)], profiling());
const load = await start("journey-load.ts");
const db = new pg.Client(platform.ready.owner as pg.ClientConfig);
await db.connect();
const watched: Watched = {
  node: platform.child.pid!,
  postmaster: platform.ready.postmasterPid,
  rig: [process.pid, load.child.pid!, nav.child.pid!, pds.child.pid!],
};

const open = `select exists (select from saga.instance where status not in ('completed', 'undone', 'cancelled')) or u.yes as open
  from (${unsettled}) u`;
async function drained(): Promise<void> {
  while ((await db.query<{ open: boolean }>(open)).rows[0]!.open) await pause(DRAIN_POLL_MS);
}

/** CPU milliseconds so far, by part. */
const cpu = () => {
  const { nodeMs, postgresMs } = usage(watched);
  const own = (child: ChildProcess) => cpuMsOf(child.pid!);
  return { node: nodeMs, postgres: postgresMs, nav: own(nav.child), pds: own(pds.child), load: own(load.child) };
};

/** How each journey of a run ended: from when its message left until the commit that closed its saga, and as what. */
async function ends(order: Omit<JourneyOrder, "port" | "connections">, { newAt, movedAt }: JourneysSent) {
  const ids = [
    ...newAt.map((_, index) => controlId("A28", order.newFrom + index)),
    ...movedAt.map((_, index) => controlId("A31", order.movedFrom + index)),
  ];
  const { rows } = await db.query<{ closedAt: number; sentAt: number; outcome: string }>({
    text: `select s.sent as "sentAt", extract(epoch from i.changed_at)::float8 * 1000 as "closedAt",
        (select l.body::json ->> 'outcome' from audit.leaf l
          where l.journey_id = t.journey_id and l.body::json ->> 'name' = 'completed') as outcome
      from unnest($1::text[], $2::float8[]) as s(id, sent)
      join channels.intake t on t.control_id = s.id join saga.instance i on i.journey_id = t.journey_id`,
    values: [ids, [...newAt, ...movedAt]],
  });
  if (rows.length !== ids.length) throw new Error(`${ids.length - rows.length} messages started no saga`);
  const latencies = rows.map(({ closedAt, sentAt }) => closedAt - sentAt).sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!);
  const outcomes = Object.fromEntries(
    [...Map.groupBy(rows, ({ outcome }) => outcome)].map(([outcome, all]) => [outcome, all.length]),
  );
  const firstAt = rows.reduce((least, { sentAt }) => Math.min(least, sentAt), Number.POSITIVE_INFINITY);
  const lastAt = rows.reduce((most, { closedAt }) => Math.max(most, closedAt), 0);
  return { journeys: rows.length, seconds: (lastAt - firstAt) / 1_000, p50Ms: at(0.5), p99Ms: at(0.99), outcomes };
}

/** What the server has written so far; its processes tell of it once a second. */
async function written() {
  const { rows } = await db.query<{ commits: string; walRecords: string; walBytes: string; leaves: string }>(
    `select d.xact_commit as commits, w.wal_records as "walRecords", w.wal_bytes as "walBytes",
        (select count(*) from audit.leaf) as leaves
      from pg_stat_database d, pg_stat_wal w where d.datname = current_database()`,
  );
  return rows[0]!;
}

let newFrom = 0;
let movedFrom = 0;

async function run(rate: number, newCount: number, movedCount: number) {
  const order = { rate, newFrom, newCount, movedFrom, movedCount };
  newFrom += newCount;
  movedFrom += movedCount;
  await db.query("checkpoint");
  const writtenBefore = await written();
  const speedBefore = hashesPerMs();
  const [before, cpuBefore] = [usage(watched), cpu()];
  const sent = await ask<JourneysSent>(load.child, {
    port: platform.ready.mllpPort,
    connections: CONNECTIONS,
    ...order,
  });
  const memoryMb = memory(watched);
  await drained();
  const [after, cpuAfter] = [usage(watched), cpu()];
  const speedAfter = hashesPerMs();
  await pause(FLUSH_MS);
  const writtenAfter = await written();
  const { seconds, ...ended } = await ends(order, sent);
  const parts = Object.keys(cpuBefore) as (keyof typeof cpuBefore)[];
  const perJourney = parts.map((part) => [part, (cpuAfter[part] - cpuBefore[part]) / ended.journeys] as const);
  const total = perJourney.reduce((sum, [, ms]) => sum + ms, 0);
  return {
    perSecond: Math.round(ended.journeys / seconds),
    ...ended,
    cpuMsPerJourney: Object.fromEntries(
      [...perJourney, ["total", total] as const].map(([part, ms]) => [part, Number(ms.toFixed(3))]),
    ),
    perJourney: Object.fromEntries(
      Object.entries(writtenAfter).map(([what, count]) => [
        what,
        Number(
          ((Number(count) - Number(writtenBefore[what as keyof typeof writtenBefore])) / ended.journeys).toFixed(2),
        ),
      ]),
    ),
    seconds: Number(seconds.toFixed(2)),
    wrong: sent.wrong,
    memoryMb,
    others: othersCores(before, after),
    machine: { hashesPerMs: [speedBefore, speedAfter] },
  };
}

try {
  await run(WARM_UP_RATE, WARM_UP_PERSONS, 0);
  const each = (rate: number, ms: number) => Math.round((rate * ms) / 2_000);
  const full = each(OFFERED_RATE, OFFERED_MS);
  const worked = await run(OFFERED_RATE, full, full);
  report({ bench: "journey", case: "from the hospital to the ERP, closed", ...worked });
  const half = each(worked.perSecond / 2, HALF_RATE_MS);
  const calm = await run(worked.perSecond / 2, half, half);
  report({ bench: "journey", case: "at half that rate", ...calm });
} finally {
  await db.end();
  for (const { child } of [load, platform, nav, pds]) await end(child);
  await rm(dataDir, { recursive: true, force: true });
}
