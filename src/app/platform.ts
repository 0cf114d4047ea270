// Wires the platform together: the only file that knows both wings.

import { join } from "node:path";
import { openMllpSender, startMllpSource } from "#connectors/mllp";
import { type NavPatients, navPatients } from "#connectors/nav";
import { auditSequencer, checkpointPath, openAuditKeys } from "#engine/audit";
import { type Backbone, openBackbone } from "#engine/backbone";
import { type ChannelDefinition, type Channels, openChannels } from "#engine/channels";
import { watchServiceLevels } from "#engine/monitor";
import { openWriteback } from "#engine/writeback";
import { openGateway } from "#gateway";
import { type Clock, systemClock } from "#kernel/clock";
import { type DatabaseAddress, type Db, openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { type Log, openLog } from "#kernel/log";
import { openDemographics } from "#services/demographics";
import type { Config } from "./config.ts";
import { reconcilePatients } from "./reconcile.ts";

/** What one process does; a hospital splits them over many. */
export const roles = ["channels", "services", "audit", "gateway"] as const;
export type Role = (typeof roles)[number];

export type PlatformOptions = {
  readonly config: Config;
  readonly database: DatabaseAddress;
  readonly channels: readonly ChannelDefinition[];
  readonly operatorToken: string;
  readonly roles: ReadonlySet<Role>;
};

/** A running platform. */
export type Platform = {
  /** What listens where, for people. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Takes nothing new in, finishes what is in hand, and ends. */
  stop(): Promise<void>;
};

/** What the parts share. `onStop` is called in reverse order: what was started last ends first. */
type Ground = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly db: Db;
  readonly stopping: AbortSignal;
  onStop(end: () => Promise<unknown>): void;
};

/** Starts the parts that the roles ask for, from the bottom up. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { config, roles: own } = options;
  const stops: (() => Promise<unknown>)[] = [];
  const stopping = new AbortController();
  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const ground: Ground = {
      config,
      clock: systemClock,
      log: openLog(config.log.level, join(config.dataDir, "log", "lockgate.log")),
      db: openDatabase(options.database, config.database.connections),
      stopping: stopping.signal,
      onStop: (end) => void stops.push(end),
    };
    ground.onStop(() => ground.db.close());
    if (own.has("audit")) await startAudit(ground);
    // The ERP's connection outlives the backbone, whose handlers may still be writing when it stops.
    const erp = own.has("services") || own.has("gateway") ? openErp(ground) : undefined;
    const backbone = await startBackbone(ground);
    if (own.has("services") && erp) startServices(ground, backbone, erp);
    const channels = own.has("channels") ? await startChannels(ground, backbone, options.channels) : undefined;
    const http = own.has("gateway") ? await startGateway(ground, backbone, channels, erp, options.operatorToken) : {};
    return { addresses: { ...channels?.addresses(), ...http }, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** The sequencer. A fault stops the signing, never the care: it is logged as an error and tried again. */
async function startAudit({ config, clock, log, db, stopping, onStop }: Ground): Promise<void> {
  const keys = await openAuditKeys(config.dataDir, config.site);
  const { checkpointEveryMs } = config.audit;
  const sequencer = auditSequencer({
    db,
    keys,
    checkpointFile: checkpointPath(config.dataDir),
    clock,
    checkpointEveryMs,
  });
  const sequencing = (async () => {
    while (!stopping.aborted) {
      await sequencer
        .run(stopping)
        .catch((error: unknown) => log.error("the audit log is not being signed", { error }));
      await clock.sleep(2_000, stopping);
    }
  })();
  onStop(() => sequencing);
}

async function startBackbone({ config, clock, log, db, onStop }: Ground): Promise<Backbone> {
  const backbone = await openBackbone({ db, node: newId(), clock, log, keepMs: config.backbone.keepMs });
  onStop(() => backbone.close());
  return backbone;
}

function openErp({ config, clock, onStop }: Ground): NavPatients {
  if (!config.nav) throw new LockgateError("CONFIG_INVALID", { at: "nav", reason: "missing" });
  const erp = navPatients(config.nav, { clock });
  onStop(() => erp.close());
  return erp;
}

function startServices({ config, clock, log, db }: Ground, backbone: Backbone, erp: NavPatients): void {
  const writeback = openWriteback({ db, backbone, clock, log, target: erp, ...config.writeback });
  openDemographics({ db, backbone, clock, erp, writeback });
}

async function startChannels(
  ground: Ground,
  backbone: Backbone,
  definitions: readonly ChannelDefinition[],
): Promise<Channels> {
  const { config, clock, log, db, stopping, onStop } = ground;
  const channels = await openChannels(definitions, {
    db,
    backbone,
    clock,
    log,
    environment: config.environment,
    sources: { mllp: startMllpSource },
    senders: { mllp: openMllpSender },
    duplicateWindowMs: config.channels.duplicateWindowMs,
  });
  onStop(() => channels.close());
  const watching = watchServiceLevels(definitions, { db, clock, log }, stopping);
  onStop(() => watching);
  return channels;
}

async function startGateway(
  { config, clock, log, db, onStop }: Ground,
  backbone: Backbone,
  channels: Channels | undefined,
  erp: NavPatients | undefined,
  operatorToken: string,
): Promise<Record<string, string>> {
  const gateway = await openGateway({
    host: config.http.host,
    port: config.portBase,
    db,
    backbone,
    clock,
    log,
    operatorToken,
    channels,
    reconcile: erp && (() => reconcilePatients(db, erp)),
  });
  onStop(() => gateway.close());
  return { http: gateway.address };
}
