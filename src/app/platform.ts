// Wires the platform together: the only file that knows both wings.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PersonMatching } from "#canonical/contracts";
import { openMllpSender, startMllpSource } from "#connectors/mllp";
import { type Nav, openNav } from "#connectors/nav";
import { pdsDemographics } from "#connectors/pds";
import { auditSequencer, checkpointPath, openAuditKeys } from "#engine/audit";
import { type Backbone, openBackbone } from "#engine/backbone";
import { type ChannelDefinition, type Channels, keepVersion, openChannels } from "#engine/channels";
import { openCodes } from "#engine/codes";
import { announceNode, watchServiceLevels } from "#engine/monitor";
import { openResubmissions, type Resubmissions } from "#engine/resubmissions";
import type { Rules } from "#engine/rules";
import { openSagas, type Sagas } from "#engine/sagas";
import { openWork, type RunningWork } from "#engine/work";
import { openPace, openWriteback } from "#engine/writeback";
import { type Credential, type GatewayOptions, openGateway, readRoles } from "#gateway";
import { type AlarmClock, systemClock } from "#kernel/clock";
import { type DatabaseAddress, type Db, openDatabase } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { type Log, openLog } from "#kernel/log";
import type { Vault } from "#kernel/vault";
import {
  type Changes,
  duplicateSaga,
  makeFindable,
  mergeSaga,
  openChanges,
  openPersons,
  openTrials,
  type Persons,
  recordedDecisions,
  reevaluation,
  type Trials,
  unmergeSaga,
  updateSaga,
  WRITE_SETTLED,
} from "#services/demographics";
import { matchOutcomes, openPersonMatching, readModel, secondReviewSaga } from "#services/matching";
import { type CodeDesk, openCodeDesk, REQUISITION_SETTLED, requisitionSaga } from "#services/supply";
import type { Config } from "./config.ts";
import { root } from "./installation.ts";
import { reconcilePatients } from "./reconcile.ts";
import { textOf } from "./site.ts";
import { installSiteCodes } from "./site-codes.ts";
import { openSiteRules, type SiteRules } from "./site-rules.ts";
import { startTelemetry, type Telemetry, watchQueues } from "./telemetry.ts";

/** What one process does; a hospital splits them over many. */
export const roles = ["channels", "services", "audit", "gateway"] as const;
export type Role = (typeof roles)[number];

const FORGET_EVERY_MS = 3_600_000;

export type PlatformOptions = {
  readonly config: Config;
  readonly database: DatabaseAddress;
  /** What the sealed columns of the database open by. */
  readonly vault: Vault;
  readonly channels: readonly ChannelDefinition[];
  readonly roles: ReadonlySet<Role>;
  /** What the settings name of secrets and certificates; absent: nothing. */
  readonly credentials?: (() => Promise<readonly Credential[]>) | undefined;
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
  /** This process: its leases and what it tells of itself go by it. */
  readonly node: string;
  readonly clock: AlarmClock;
  readonly log: Log;
  readonly db: Db;
  readonly stopping: AbortSignal;
  onStop(end: () => Promise<unknown>): void;
};

type NationalConnection = ReturnType<typeof pdsDemographics>;

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
      node: newId(),
      clock: systemClock,
      log: openLog(config.log.level, join(config.dataDir, "log", "lockgate.log")),
      db: openDatabase(options.database, config.database.connections, options.vault),
      stopping: stopping.signal,
      onStop: (end) => void stops.push(end),
    };
    ground.onStop(() => ground.db.close());
    const telemetry = await startTelemetry({ ...ground, settings: config.telemetry, site: config.site });
    ground.onStop(() => telemetry.close());
    if (own.has("audit")) await startAudit(ground);
    const isServing = own.has("services") || own.has("gateway");
    // The connections outlive the backbone, whose handlers may still be at work when it stops.
    const erp = isServing ? openErp(ground) : undefined;
    const national = isServing ? openNational(ground) : undefined;
    const backbone = await startBackbone(ground);
    const announcing = announceNode({ id: ground.node, roles: [...own] }, ground, ground.stopping);
    ground.onStop(() => announcing);
    const services =
      erp && national ? await openServices(ground, backbone, options.channels, erp, national) : undefined;
    if (own.has("services")) await services?.run();
    const channels = own.has("channels") ? await startChannels(ground, backbone, options.channels) : undefined;
    const http =
      own.has("gateway") && services && erp
        ? await startGateway(
            ground,
            backbone,
            { channels, definitions: options.channels, credentials: options.credentials },
            services,
            erp,
            telemetry,
          )
        : {};
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

async function startBackbone({ config, node, clock, log, db, onStop }: Ground): Promise<Backbone> {
  const backbone = await openBackbone({
    db,
    node,
    clock,
    log,
    keepMs: config.backbone.keepMs,
    rolesOf: (name) => readRoles(db, name),
  });
  onStop(() => backbone.close());
  return backbone;
}

function openErp({ config, clock, onStop }: Ground): Nav {
  if (!config.nav) throw new LockgateError("CONFIG_INVALID", { at: "nav", reason: "missing" });
  const erp = openNav(config.nav, { clock });
  onStop(() => erp.close());
  return erp;
}

function openNational({ config, clock, db, log, onStop }: Ground): NationalConnection {
  if (!config.pds) throw new LockgateError("CONFIG_INVALID", { at: "pds", reason: "missing" });
  const national = pdsDemographics(config.pds, { clock, db, log });
  onStop(() => national.close());
  return national;
}

/** The left wing, and the machinery that people steer it by. */
type Services = {
  readonly sagas: Sagas;
  readonly work: RunningWork;
  readonly resubmissions: Resubmissions;
  readonly rules: Rules;
  readonly codes: CodeDesk;
  readonly persons: Persons;
  readonly changes: Changes;
  readonly matching: PersonMatching;
  readonly trials: Trials;
  run(): Promise<void>;
};

async function openServices(
  ground: Ground,
  backbone: Backbone,
  definitions: readonly ChannelDefinition[],
  { patients: erp, supplies }: Nav,
  national: NationalConnection,
): Promise<Services> {
  const { config, clock, log, db, stopping, onStop } = ground;
  const work = openWork({ db, backbone, clock, log, rolesOf: (name) => readRoles(db, name) });
  const { environment } = config;
  // Whoever decides work items, at a desk or for a group, carries out what hangs on them.
  const resubmissions = await openResubmissions({ db, backbone, work, clock, log, environment, definitions });
  const rules = await openSiteRules({ db, clock, log });
  const { concurrency, callsPerSecond } = config.writeback;
  const towards = { db, backbone, clock, log, concurrency, pace: openPace(clock, callsPerSecond) };
  const writeback = openWriteback({ ...towards, target: erp, tells: WRITE_SETTLED });
  const requisitions = openWriteback({ ...towards, target: supplies, tells: REQUISITION_SETTLED });
  const codes = openCodes({ db, clock });
  await installSiteCodes(codes, config);
  const matching = await openMatching(ground, backbone, rules.matching);
  const needs = { db, clock, erp, national, writeback, matching, rules: rules.packs, work };
  const sagaDefinitions = [
    updateSaga(needs),
    mergeSaga(needs),
    unmergeSaga(needs),
    duplicateSaga(needs),
    secondReviewSaga({ clock }),
    requisitionSaga({ clock, codes, writeback: requisitions }),
  ];
  const sagas = openSagas({ db, backbone, clock, work, definitions: sagaDefinitions });
  return {
    sagas,
    work,
    resubmissions,
    rules: rules.all,
    codes: openCodeDesk({ codes, work, supplies, writeback: requisitions }),
    persons: openPersons({ db, clock, backbone, matching }),
    changes: openChanges({ db, clock, backbone, sagas, work, environment }),
    matching,
    trials: openTrials(needs, sagas),
    async run() {
      // Whoever is not findable yet would be taken for somebody new.
      const found = await makeFindable(db, matching, stopping);
      if (found > 0) log.info("persons made findable", { persons: found });
      writeback.run();
      requisitions.run();
      sagas.run();
      backbone.subscribe(reevaluation(needs));
      const tending = Promise.all([
        work.run(stopping),
        resubmissions.run(stopping),
        forgetEnded(sagas, config.sagas.keepMs, { clock, log }, stopping),
      ]);
      onStop(() => tending);
    },
  };
}

/** The index of persons, judged by the shipped model under the rules in force. */
async function openMatching(
  { config, clock, db }: Ground,
  backbone: Backbone,
  rules: SiteRules["matching"],
): Promise<PersonMatching> {
  const model = readModel(await readFile(join(root, "resources/matching/uk.json"), "utf8"));
  return {
    ...openPersonMatching({ db, clock, environment: config.environment, model, rules }),
    ...matchOutcomes({ backbone, clock, rules }),
  };
}

/** Sagas that ended long ago are forgotten, every hour: their journals hold personal values. */
async function forgetEnded(
  sagas: Sagas,
  keepMs: number,
  { clock, log }: Pick<Ground, "clock" | "log">,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    const before = new Date(clock.now() - keepMs);
    await sagas.forget(before).catch((error: unknown) => log.warn("ended sagas could not be forgotten", { error }));
    await clock.sleep(FORGET_EVERY_MS, stopping);
  }
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
  for (const definition of definitions) {
    const text = textOf(definition);
    if (text) await keepVersion(db, definition.name, text, new Date(clock.now()));
  }
  const watching = watchServiceLevels(definitions, { db, clock, log }, stopping);
  onStop(() => watching);
  return channels;
}

async function startGateway(
  { config, clock, log, db, onStop }: Ground,
  backbone: Backbone,
  {
    channels,
    ...told
  }: { readonly channels: Channels | undefined } & Pick<GatewayOptions, "definitions" | "credentials">,
  { sagas, work, resubmissions, rules, codes, persons, changes, matching, trials }: Services,
  { patients }: Nav,
  { prometheus }: Telemetry,
): Promise<Record<string, string>> {
  const unwatch = watchQueues({ backbone, work, clock });
  onStop(async () => unwatch());
  const gateway = await openGateway({
    host: config.http.host,
    tls: config.http.tls,
    port: config.portBase,
    db,
    backbone,
    clock,
    log,
    identity: config.identity,
    throttle: config.throttle,
    transformations: config.transformations,
    trustedProxies: config.http.trustedProxies,
    console: join(root, "console/dist"),
    policies: join(root, "resources/policies"),
    environment: config.environment,
    channels,
    ...told,
    sagas,
    work,
    resubmissions,
    rules,
    codes,
    persons,
    changes,
    matching,
    trials,
    recordedDecisions: (since) => recordedDecisions(sagas, since),
    reconcile: () => reconcilePatients(db, patients),
    prometheus,
  });
  onStop(() => gateway.close());
  return { http: gateway.address };
}
