// A platform with one channel, as a process of its own: intake to a topic, a relay from wire to wire, or the demo site's own.
//
// Started by rig.ts with one JSON argument; says over IPC that it is ready, and ends on SIGTERM.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sessionOf } from "#canonical/maps";
import type { DatabaseAddress } from "#kernel/db";
import { openLog } from "#kernel/log";
import {
  type ChannelFile,
  defineChannel,
  hl7v2,
  JSON_TYPE,
  json,
  LockgateError,
  mllp,
  mllpTo,
  topic,
  write,
} from "#lockgate";
import adt from "../integrations/demo/adt.channel.ts";
import { type Config, configSchema } from "../src/app/config.ts";
import { migrateDatabase, openInstallationDatabase } from "../src/app/database.ts";
import { startPlatform } from "../src/app/platform.ts";
import { openInstallationSecrets } from "../src/app/secrets.ts";
import { openInstallationVault } from "../src/app/vault.ts";

/** What to run. */
export type PlatformSpec = {
  readonly dataDir: string;
  readonly channel: ChannelKind;
  /** Where the relay delivers to. */
  readonly sinkPort: number;
  /** Settings of the demo site beside the benches' own. */
  readonly settings?: Partial<Record<keyof Config, unknown>>;
};
export type ChannelKind = "intake" | "relay" | "adt";

/** What the process says when it is ready. */
export type PlatformReady = {
  readonly mllpPort: number;
  readonly postmasterPid: number;
  /** The database with every right, for measuring. */
  readonly owner: DatabaseAddress;
};

const WIRE_CONNECTIONS = 50;
const spec = JSON.parse(process.argv[2] ?? "") as PlatformSpec;

const common = { name: "bench", source: mllp({ port: 0, processingId: "P" }), session: sessionOf } as const;

const requireBirthDate = (birthDate: string | undefined): void => {
  if (!birthDate || !/^\d{8}/.test(birthDate)) throw new LockgateError("HL7_BAD_VALUE", { at: "PID-7" });
};

const intake: ChannelFile = defineChannel(hl7v2, () => ({
  ...common,
  transform(message) {
    requireBirthDate(message.get("PID-7"));
    return { id: message.get("PID-3.1"), familyName: message.get("PID-5.1"), givenName: message.get("PID-5.2") };
  },
  route: (admitted) => [{ to: "admitted", body: json(admitted), contentType: JSON_TYPE }],
  destinations: { admitted: topic("patient.admitted") },
}));

const relay: ChannelFile = defineChannel(hl7v2, () => ({
  ...common,
  transform(message) {
    const birthDate = message.get("PID-7");
    requireBirthDate(birthDate);
    message.set("PID-5.1", (message.get("PID-5.1") ?? "").toUpperCase());
    message.set("PID-2", message.get("PID-3[1].1") ?? null);
    message.set("PID-13", (message.get("PID-13.7") ?? "").replaceAll(/\D/g, ""));
    message.set("MSH-5", "SINK");
    return write(message);
  },
  route: (body) => [{ to: "sink", body, contentType: hl7v2.contentType }],
  destinations: { sink: mllpTo({ host: "127.0.0.1", port: spec.sinkPort, connections: WIRE_CONNECTIONS }) },
}));

const channelFiles: Readonly<Record<ChannelKind, ChannelFile>> = {
  intake,
  relay,
  adt,
};

const config = configSchema.parse({ site: "bench", dataDir: spec.dataDir, log: { level: "warn" }, ...spec.settings });
const database = await openInstallationDatabase(config, () => {});
await migrateDatabase(database);
const log = openLog("silent");
const vault = await openInstallationVault(config, database.platform, await openInstallationSecrets(config, log), log);
const platform = await startPlatform({
  config,
  database: database.platform,
  vault: vault.vault,
  channels: [channelFiles[spec.channel]({ environment: "test", port: () => 0 })],
  roles: new Set(spec.channel === "adt" ? ["channels", "services", "audit"] : ["channels", "audit"]),
});

const stop = async (): Promise<never> => {
  await platform.stop();
  await vault.close();
  await database.stop();
  process.exit(0);
};
process.once("SIGTERM", stop);
process.once("disconnect", stop); // the bench was killed
const [pid] = readFileSync(join(spec.dataDir, "postgres", "postmaster.pid"), "utf8").split("\n");
process.send?.({
  mllpPort: Number(new URL(Object.values(platform.addresses)[0]!).port),
  postmasterPid: Number(pid),
  owner: database.owner,
} satisfies PlatformReady);
