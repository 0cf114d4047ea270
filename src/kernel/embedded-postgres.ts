// Starts, watches and stops the PostgreSQL server that Lockgate brings along.

import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { type BoundedLog, boundedLog } from "./bounded-log.ts";
import { copiedServerBinaries, type ServerBinaries, serverBinaries } from "./embedded-binaries.ts";
import { LockgateError } from "./errors.ts";
import { endOrphans } from "./orphan-postmaster.ts";
import { openDataDirectory, openRunDirectory } from "./run-directory.ts";
import { canEnter, handOver, type ServerIdentity, serverIdentity } from "./server-identity.ts";
import { runInitdb, type ServerProcess, spawnServer } from "./server-process.ts";
import { serverSettings } from "./server-settings.ts";
import { dataDirectoryError, serverError } from "./start-error.ts";

/** A running embedded server. */
export type EmbeddedPostgres = {
  /** Directory of the Unix socket; there is no TCP port. */
  readonly host: string;
  /** The number in the socket's name. */
  readonly port: number;
  /** Role that owns the cluster; the socket's directory is what keeps others out. */
  readonly superuser: string;
  readonly pid: number;
  /** Ends it with a fast shutdown (open transactions are rolled back) and waits until it is gone. Safe to call twice. */
  stop(): Promise<void>;
  /** Resolves with the exit status, or null after a signal, however the server ended. */
  readonly onExit: Promise<number | null>;
};

/** How to start the embedded server. */
export type EmbeddedPostgresOptions = {
  /** The cluster lives in `<dataDir>/postgres`, its log in `<dataDir>/log`. The caller MUST hold the instance lock. */
  readonly dataDir: string;
  /** Default true. False gives up durability for speed: a crash may destroy the cluster. For tests only. */
  readonly durable?: boolean;
  /** Told what is going on, in words for a person. */
  readonly onProgress?: (step: string) => void;
};

type Place = {
  readonly cluster: string;
  readonly host: string;
  readonly identity: ServerIdentity;
  readonly binaries: ServerBinaries;
};

const superuser = "lockgate_super";
const port = 5432;
const pollMs = 10;
// Recovery after a crash replays up to `max_wal_size` of log; far longer than that means a hang.
const startTimeoutMs = 300_000;
const connectTimeoutMs = 10_000;

/**
 * Starts PostgreSQL on the data directory, creating the cluster on the first start and ending an orphan that a killed
 * Lockgate left running. Resolves when the server takes queries. Throws `START_DISK_FULL`, `START_DATA_UNUSABLE`,
 * `START_DATA_IN_USE`, or `DATABASE_START_FAILED` with the server's last log lines as the cause.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { durable = true, onProgress = () => {} } = options;
  const place = preparePlace(options.dataDir);
  const { cluster, host, identity } = place;
  const orphans = await endOrphans(cluster, join(host, `.s.PGSQL.${port}`));
  if (orphans.ended > 0) onProgress("ended a PostgreSQL left over from a killed Lockgate");
  if (!existsSync(join(cluster, "PG_VERSION"))) {
    onProgress("creating the database");
    await createCluster(place, durable);
  }
  handOver(identity, cluster);
  onProgress("starting PostgreSQL");
  const server = spawnServer({
    ...place,
    settings: serverSettings({ socketDirectory: host, port, durable }),
    log: openLog(join(dirname(cluster), "log")),
  });
  try {
    await untilReady(server, place);
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
  const { pid, stop, onExit } = server;
  return { host, port, superuser, pid, stop, onExit };
}

function preparePlace(dataDir: string): Place {
  if (process.platform === "win32") {
    throw new LockgateError("DATABASE_START_FAILED", {
      reason: "no embedded PostgreSQL on Windows; set a database URL",
    });
  }
  const real = openDataDirectory(dataDir);
  try {
    const identity = serverIdentity();
    const host = openRunDirectory(real);
    handOver(identity, host);
    if (identity.user === undefined) {
      return { cluster: join(real, "postgres"), host, identity, binaries: serverBinaries(join(real, "postgres-lib")) };
    }
    // Another user has to pass through the data directory, but not to look around in it.
    chmodSync(real, 0o711);
    if (!canEnter(identity, real)) {
      throw new LockgateError("START_DATA_UNUSABLE", { at: dataDir, reason: "a parent directory is closed to nobody" });
    }
    const programs = join(real, "postgres-programs");
    const binaries = copiedServerBinaries(programs);
    handOver(identity, programs);
    return { cluster: join(real, "postgres"), host, identity, binaries };
  } catch (thrown) {
    throw dataDirectoryError(thrown, dataDir);
  }
}

function openLog(directory: string): BoundedLog {
  try {
    return boundedLog(directory, "postgres");
  } catch (thrown) {
    throw dataDirectoryError(thrown, directory);
  }
}

// Built aside and renamed, so that an interrupted creation never looks like a cluster.
async function createCluster(place: Place, durable: boolean): Promise<void> {
  const { cluster, identity, binaries } = place;
  const unfinished = `${cluster}.new-${process.pid}`;
  try {
    removeUnfinished(cluster);
    mkdirSync(unfinished, { mode: 0o700 });
    handOver(identity, unfinished);
  } catch (thrown) {
    throw dataDirectoryError(thrown, unfinished);
  }
  const outcome = await runInitdb({ identity, binaries, cluster: unfinished, superuser, durable });
  if (outcome.status !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw serverError(outcome.printed, cluster, "the database could not be created");
  }
  try {
    renameSync(unfinished, cluster);
    if (durable) syncDirectory(dirname(cluster));
  } catch (thrown) {
    throw dataDirectoryError(thrown, cluster);
  }
}

// An initdb whose Lockgate was killed may still be writing for a moment: what cannot be removed now goes next time.
function removeUnfinished(cluster: string): void {
  for (const name of readdirSync(dirname(cluster))) {
    if (!name.startsWith(`${basename(cluster)}.new-`)) continue;
    try {
      rmSync(join(dirname(cluster), name), { recursive: true, force: true });
    } catch {
      // It has a name of its own and is in nobody's way.
    }
  }
}

// Without this a power cut could take the rename back after messages have been acknowledged.
function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

async function untilReady(server: ServerProcess, place: Place): Promise<void> {
  const giveUpAt = performance.now() + startTimeoutMs;
  let exited = false;
  void server.onExit.then(() => {
    exited = true;
  });
  while (!(await takesQueries(place.host))) {
    if (exited) throw serverError(await server.lastLines(), place.cluster, "PostgreSQL ended while starting");
    if (performance.now() > giveUpAt)
      throw serverError(await server.lastLines(), place.cluster, "PostgreSQL did not become ready");
    await pause(pollMs);
  }
}

async function takesQueries(host: string): Promise<boolean> {
  const client = new Client({
    host,
    port,
    user: superuser,
    database: "postgres",
    connectionTimeoutMillis: connectTimeoutMs,
  });
  // The server may drop the connection while we wait for it; the next poll tells.
  client.on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
