// What does an audit leaf cost: to append, to put into the tree and under a checkpoint, to prove, to verify, and on disk?
//
// An embedded PostgreSQL with durable commits. CPU microseconds are of client and server together; JSON lines.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  append,
  auditSequencer,
  checkpointPath,
  consistencyProof,
  databaseLog,
  inclusionProof,
  type Leaf,
  openAuditKeys,
  verifierKeyText,
  verifyAudit,
  verifyProof,
} from "#engine/audit";
import { systemClock } from "#kernel/clock";
import { type Db, openDatabase } from "#kernel/db";
import { startEmbeddedPostgres } from "#kernel/embedded-postgres";
import { newId } from "#kernel/ids";
import { migrate, readMigrations } from "#kernel/migrate";
import { knownVault } from "./known-vault.ts";
import { report, usage } from "./measure.ts";

const LEAVES_PER_JOURNEY = 4;

const dataDir = await mkdtemp(join(tmpdir(), "lockgate-bench-"));
const server = await startEmbeddedPostgres({ dataDir });

const cpuMicros = (): number => {
  const { nodeMs, postgresMs } = usage({ node: process.pid, postmaster: server.pid, rig: [] });
  return (nodeMs + postgresMs) * 1_000;
};

/** Runs `work`, which says how many things it did, and prints what one of them cost. */
async function measure(name: string, work: () => Promise<number>, extra: object = {}): Promise<void> {
  const [startMs, startCpu] = [performance.now(), cpuMicros()];
  const count = await work();
  const [ms, cpu] = [performance.now() - startMs, cpuMicros() - startCpu];
  const line = {
    bench: "audit",
    case: name,
    count,
    perSecond: Math.round((count / ms) * 1000),
    cpuMicros: Number((cpu / count).toFixed(2)),
    ...extra,
  };
  report(line);
}

let journeyId = newId();
let made = 0;
function nextLeaf(): Leaf {
  if (made++ % LEAVES_PER_JOURNEY === 0) journeyId = newId();
  return {
    at: new Date(),
    part: "channels",
    name: "message.taken",
    outcome: "ok",
    journeyId,
    detail: { channel: "pas-adt", bytes: 1260 },
  };
}

async function appendLeaves(db: Db, total: number, batch: number, writers: number): Promise<number> {
  const writer = async (): Promise<void> => {
    for (let done = 0; done < total / writers; done += batch) {
      await db.transaction((tx) => append(tx, Array.from({ length: batch }, nextLeaf)));
    }
  };
  const before = made;
  await Promise.all(Array.from({ length: writers }, writer));
  return made - before;
}

async function run(db: Db): Promise<void> {
  const keys = await openAuditKeys(dataDir, "bench");
  const verifierKey = verifierKeyText(keys);
  const sequencer = auditSequencer({
    db,
    keys,
    checkpointFile: checkpointPath(dataDir),
    clock: systemClock,
    checkpointEveryMs: 0,
  });

  await appendLeaves(db, 4_000, 500, 2);
  await measure("append in batches of 50", () => appendLeaves(db, 20_000, 50, 4));
  await measure("append in batches of 500", () => appendLeaves(db, 50_000, 500, 2));
  await measure("sequence", async () => (await sequencer.runOnce()).size);
  await measure("append one leaf, sign a checkpoint", async () => {
    for (let i = 0; i < 100; i++) {
      await appendLeaves(db, 1, 1, 1);
      await sequencer.runOnce();
    }
    return 100;
  });

  const positions = await db.query<{ position: number }>("select position from audit.leaf order by random() limit 500");
  await measure("make and verify an inclusion proof", async () => {
    for (const { position } of positions) {
      const { text, body } = await inclusionProof(db, position);
      if (!verifyProof({ text, body, verifierKey })) throw new Error("a proof did not hold");
    }
    return positions.length;
  });
  await measure("make a consistency proof", async () => {
    for (let size = 1; size <= 50_000; size += 250) await consistencyProof(db, size, 50_000);
    return 200;
  });

  await measure("verify", async () => {
    const reader = { query: async (text: string, values: unknown[]) => ({ rows: await db.query({ text, values }) }) };
    const verdict = await verifyAudit({ ...(await databaseLog(reader)), verifierKey });
    if (!verdict.intact) throw new Error("the log was found altered");
    return verdict.size;
  });
  await disk(db);
}

async function disk(db: Db): Promise<void> {
  const tables = ["leaf", "tile", "checkpoint"];
  const [row] = await db.query<Record<string, number>>(
    `select ${tables.map((name) => `pg_total_relation_size('audit.${name}') as ${name}`).join(", ")}, (select count(*) from audit.leaf) as leaves,
            (select round(avg(octet_length(body)))::int from audit.leaf) as body`,
  );
  const { leaves, body } = row!;
  const perLeaf = Object.fromEntries(
    tables.map((name) => [`${name}Bytes`, Number((row![name]! / leaves!).toFixed(1))]),
  );
  report({ bench: "audit", case: "disk per leaf", leaves, bodyBytes: body, ...perLeaf });
}

try {
  const address = { host: server.host, port: server.port, user: server.superuser, database: "postgres" };
  await migrate(address, await readMigrations("migrations"));
  const db = openDatabase({ ...address, user: "lockgate_app" }, 6, knownVault);
  await run(db).finally(() => db.close());
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
