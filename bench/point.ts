// One point of a curve: warm up, load for a while, let the platform finish, and say what a message cost.

import { setTimeout as pause } from "node:timers/promises";
import type { LoadResult } from "./load.ts";
import { cpuMsPerMessage, memory, othersCores, usage } from "./measure.ts";
import type { Rig } from "./rig.ts";

const WARM_UP_MS = 2_000;
const WARM_UP_CONNECTIONS = 50;
const LOAD_MS = 8_000;
/** Memory is read while the load is on. */
const LOOK_AT_MEMORY_MS = 6_000;

type Storage = { readonly bytes: number; readonly wal: number };
const storageSql = `select pg_database_size(current_database())::float8 as bytes, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as wal`;

/** What one point measured. */
export type Point = {
  readonly load: LoadResult;
  /** From the first message until nothing was left to do. */
  readonly wholeSeconds: number;
  /** When the load began, in milliseconds since the epoch. */
  readonly beganAt: number;
  readonly figures: object;
};

/** Lets the compiler see enough of the platform's code that the points after it measure a platform long at work. */
export async function warmUp(rig: Rig): Promise<void> {
  await rig.load(WARM_UP_CONNECTIONS, 2 * WARM_UP_MS);
  await rig.drained();
}

/** The cost of a message includes all that follows from it: the clock of the CPU stops when everything is settled. */
export async function measurePoint(rig: Rig, connections: number): Promise<Point> {
  await rig.load(connections, WARM_UP_MS);
  await rig.drained();
  await rig.sql("checkpoint");
  const storageBefore = await rig.sql<Storage>(storageSql);
  const beganAt = performance.timeOrigin + performance.now();
  const before = usage(rig.watched);
  const loading = rig.load(connections, LOAD_MS);
  await pause(LOOK_AT_MEMORY_MS);
  const memoryMb = memory(rig.watched);
  const load = await loading;
  await rig.drained();
  const after = usage(rig.watched);
  const walAfter = (await rig.sql<Storage>(storageSql)).wal;
  await rig.sql("checkpoint");
  const storageAfter = await rig.sql<Storage>(storageSql);
  const messages = load.acknowledged;
  return {
    load,
    wholeSeconds: (after.atMs - before.atMs) / 1_000,
    beganAt,
    figures: {
      p50Ms: Number(load.p50Ms.toFixed(2)),
      p99Ms: Number(load.p99Ms.toFixed(2)),
      cpuMsPerMessage: cpuMsPerMessage(before, after, messages),
      rigCpuMsPerMessage: Number(((after.rigMs - before.rigMs) / messages).toFixed(4)),
      bytesOnDiskPerMessage: Math.round((storageAfter.bytes - storageBefore.bytes) / messages),
      walBytesPerMessage: Math.round((walAfter - storageBefore.wal) / messages),
      messages,
      wrong: load.wrong,
      seconds: Number(load.seconds.toFixed(2)),
      memoryMb,
      others: othersCores(before, after),
    },
  };
}
