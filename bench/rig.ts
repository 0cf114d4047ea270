// The benches' rig: platform, load generator and receiver, each a process of its own, and a view into the database.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { LoadResult } from "./load.ts";
import type { Watched } from "./measure.ts";
import type { ChannelKind, PlatformReady, PlatformSpec } from "./platform.ts";
import type { SinkCount, SinkReady } from "./sink.ts";

/** A running rig. */
export type Rig = {
  readonly watched: Watched;
  /** Runs one statement with every right. */
  sql<Row extends pg.QueryResultRow>(text: string): Promise<Row>;
  /** Sends for `ms` on so many connections. */
  load(connections: number, ms: number): Promise<LoadResult>;
  /** What the receiver has got. */
  received(): Promise<SinkCount>;
  /** Resolves when every subscription has read and settled everything. */
  drained(): Promise<void>;
  close(): Promise<void>;
};

const DRAIN_POLL_MS = 100;
/** Whether any subscription has something to read or to settle. */
export const unsettled = `select exists (
    select from backbone.subscription s join backbone.cursor c on c.subscription = s.name
      cross join lateral (select from backbone.log l
        where l.topic = s.topic and l.partition = c.partition and l.position > c.position limit 1) l)
  or exists (select from backbone.parked where state <> 'dismissed') as yes`;

/** Starts a file of this folder as a process and waits for its first word. */
export async function start<Ready>(file: string, args: string[] = [], execArgv: string[] = []) {
  const child = fork(join(import.meta.dirname, file), args, {
    execArgv,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const first = await Promise.race([once(child, "message"), once(child, "exit").then(() => undefined)]);
  if (!first) throw new Error(`${file} ended before it was ready`);
  return { child, ready: first[0] as Ready };
}

/** Gives a process an order and waits for its answer. */
export async function ask<Answer>(child: ChildProcess, order: object): Promise<Answer> {
  child.send(order);
  const [answer] = await once(child, "message");
  return answer as Answer;
}

/** Ends a process in good order. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** `BENCH_CPU_PROFILE=<directory>` leaves a CPU profile of the platform there. */
export const profiling = (): string[] => {
  const directory = process.env.BENCH_CPU_PROFILE;
  return directory ? ["--cpu-prof", `--cpu-prof-dir=${directory}`] : [];
};

/** Starts everything on an empty data directory. */
export async function openRig(channel: ChannelKind): Promise<Rig> {
  const dataDir = await mkdtemp(join(tmpdir(), "lockgate-bench-"));
  const sink = await start<SinkReady>("sink.ts");
  const load = await start("load.ts");
  const spec: PlatformSpec = { dataDir, channel, sinkPort: sink.ready.port };
  const platform = await start<PlatformReady>("platform.ts", [JSON.stringify(spec)], profiling());
  const { mllpPort, postmasterPid, owner } = platform.ready;
  const client = new pg.Client(owner as pg.ClientConfig);
  await client.connect();
  const sql = async <Row extends pg.QueryResultRow>(text: string): Promise<Row> =>
    (await client.query<Row>(text)).rows[0]!;
  return {
    watched: {
      node: platform.child.pid!,
      postmaster: postmasterPid,
      rig: [process.pid, load.child.pid!, sink.child.pid!],
    },
    sql,
    load: (connections, ms) => ask<LoadResult>(load.child, { port: mllpPort, connections, ms }),
    received: () => ask<SinkCount>(sink.child, {}),
    async drained() {
      while ((await sql<{ yes: boolean }>(unsettled)).yes) await pause(DRAIN_POLL_MS);
    },
    async close() {
      await client.end();
      for (const { child } of [load, platform, sink]) await end(child);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
