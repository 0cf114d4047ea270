// Wires the platform together: the only file that knows both wings.

import { join } from "node:path";
import { openMllpSender, startMllpSource } from "#connectors/mllp";
import { navPatients } from "#connectors/nav";
import { auditSequencer, checkpointPath, openAuditKeys } from "#engine/audit";
import { openBackbone } from "#engine/backbone";
import { type ChannelDefinition, openChannels } from "#engine/channels";
import { watchServiceLevels } from "#engine/monitor";
import { openWriteback } from "#engine/writeback";
import { openGateway } from "#gateway";
import { systemClock } from "#kernel/clock";
import { type DatabaseAddress, openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { openDemographics } from "#services/demographics";
import type { Config } from "./config.ts";
import { reconcilePatients } from "./reconcile.ts";

/** What one process does; a hospital splits them over many. */
export const roles = ["channels", "services", "audit", "gateway"] as const;
export type Role = (typeof roles)[number];

/** A running platform. */
export type Platform = {
  /** What listens where, for people. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Takes nothing new in, finishes what is in hand, and ends. */
  stop(): Promise<void>;
  /** Rejects when a part that must run has failed. */
  readonly failed: Promise<never>;
};

export type PlatformOptions = {
  readonly config: Config;
  readonly database: DatabaseAddress;
  readonly channels: readonly ChannelDefinition[];
  readonly operatorToken: string;
  readonly roles: ReadonlySet<Role>;
};

/** Starts the parts that the roles ask for, from the bottom up; `stop` ends them from the top down. */
export async function startPlatform({
  config,
  database,
  channels,
  operatorToken,
  roles: own,
}: PlatformOptions): Promise<Platform> {
  const clock = systemClock;
  const log = openLog(config.log.level, join(config.dataDir, "log", "lockgate.log"));
  const node = newId();
  const stops: (() => Promise<unknown>)[] = [];
  const stopping = new AbortController();
  const failures: Promise<never>[] = [];
  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const one of stops.splice(0).reverse()) await one();
  };
  const addresses: Record<string, string> = {};
  try {
    const db = openDatabase(database, config.database.connections);
    stops.push(() => db.close());
    if (own.has("audit")) {
      const sequencer = auditSequencer({
        db,
        keys: await openAuditKeys(config.dataDir, config.site),
        checkpointFile: checkpointPath(config.dataDir),
        clock,
        checkpointEveryMs: config.audit.checkpointEveryMs,
      });
      const sequencing = keepRunning(() => sequencer.run(stopping.signal), stopping.signal);
      failures.push(sequencing.then(() => new Promise<never>(() => {})));
      stops.push(() => sequencing.catch(() => undefined));
    }
    const backbone = await openBackbone({ db, node, clock, log, keepMs: config.backbone.keepMs });
    stops.push(() => backbone.close());
    const erp = own.has("services") || own.has("gateway") ? openErp(config) : undefined;
    if (erp) stops.push(() => erp.close());
    if (own.has("services") && erp) {
      const writeback = openWriteback({ db, backbone, clock, log, target: erp as never, ...config.writeback });
      openDemographics({ db, backbone, clock, erp, writeback });
    }
    const runningChannels = own.has("channels")
      ? await openChannels(channels, {
          db,
          backbone,
          clock,
          log,
          environment: config.environment,
          sources: { mllp: startMllpSource },
          senders: { mllp: openMllpSender },
          duplicateWindowMs: config.channels.duplicateWindowMs,
        })
      : undefined;
    if (runningChannels) {
      stops.push(() => runningChannels.close());
      const watching = watchServiceLevels(channels, { db, clock, log }, stopping.signal);
      stops.push(() => watching);
      for (const [name, address] of Object.entries(runningChannels.addresses())) addresses[`channel ${name}`] = address;
    }
    if (own.has("gateway")) {
      const gateway = await openGateway({
        host: config.http.host,
        port: config.portBase,
        db,
        backbone,
        clock,
        log,
        operatorToken,
        channels: runningChannels,
        reconcile: erp && (() => reconcilePatients(db, erp)),
      });
      stops.push(() => gateway.close());
      addresses.http = gateway.address;
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { addresses, stop, failed: Promise.race([...failures, new Promise<never>(() => {})]) };
}

function openErp(config: Config) {
  if (!config.nav) throw new LockgateError("CONFIG_INVALID", { at: "nav", reason: "missing" });
  return navPatients(config.nav, { clock: systemClock });
}

/** Runs a chore again after a passing fault; a fault that a retry cannot mend ends the platform. */
async function keepRunning(chore: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await chore();
    } catch (thrown) {
      if (!(thrown instanceof LockgateError) || thrown.disposition !== "transient") throw thrown;
      await systemClock.sleep(1_000, signal);
    }
  }
}
