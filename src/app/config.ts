// All settings of the platform in one strict schema; docs/configuration.md is printed from it.

import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type EnvironmentSetting, loadConfig } from "#kernel/config";
import { secretVariablePrefix } from "#kernel/secret-sources";
import { secret } from "#kernel/secrets";
import { telemetrySettings } from "#kernel/telemetry-settings";
import { navSettings } from "#settings/connectors/nav";
import { pdsSettings } from "#settings/connectors/pds";
import { identitySettings, throttleSettings, tlsSettings, transformationSettings } from "#settings/gateway";
import { secretSettings } from "./secret-settings.ts";

const days = (value: number) => value * 24 * 3_600_000;

export const configSchema = z.strictObject({
  site: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .default("demo")
    .describe("Folder under `integrations/` whose channels run; also names the audit log."),
  environment: z
    .enum(["live", "test"])
    .default("test")
    .describe("Which rules apply to test data: `live` refuses NHS numbers of the test range."),
  dataDir: z
    .string()
    .default(join(homedir(), ".lockgate"))
    .describe("Where the embedded database, keys and logs live."),
  portBase: z
    .int()
    .min(1_024)
    .max(65_500)
    .default(7_400)
    .describe(
      "First port: HTTP at it, MLLP at +1, the demo's doubles after that, and the MLLP of the demo's stock requisitions at +6.",
    ),
  http: z
    .strictObject({
      host: z.string().default("127.0.0.1").describe("Address that HTTP listens on."),
      trustedProxies: z
        .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
        .default([])
        .describe("Addresses and networks of reverse proxies whose `X-Forwarded-For` says who asks."),
      tls: tlsSettings.optional().describe("TLS; absent: HTTP in the clear, which a live site refuses."),
    })
    .prefault({}),
  database: z
    .strictObject({
      url: z
        .string()
        .optional()
        .describe("External PostgreSQL 15 or newer that the platform runs on; absent: the embedded one."),
      migrationUrl: z
        .string()
        .optional()
        .describe(
          "Login that may migrate: a member of `lockgate_owner`, or one that may create roles; absent: `database.url`.",
        ),
      password: secret
        .optional()
        .describe(
          "Password of these logins, where it does not stand in the address; asked for at each new connection.",
        ),
      connections: z.int().min(2).max(200).default(12).describe("Connections of this process."),
    })
    .prefault({}),
  secrets: secretSettings
    .prefault({})
    .describe("Where settings of the form `secret://name` or `secret://name#version` find their values."),
  vault: z
    .strictObject({
      keyEncryptionKey: secret
        .default("secret://key-encryption-key")
        .describe("Wraps the data keys that everything personal is sealed by: 32 bytes in base64."),
      searchKey: secret
        .default("secret://search-key")
        .describe("Keys the hashes that numbers and identifiers are found by: 32 bytes in base64."),
    })
    .prefault({}),
  backbone: z
    .strictObject({
      keepMs: z.int().min(0).default(days(30)).describe("How long messages stay on the log once read, ms."),
    })
    .prefault({}),
  channels: z
    .strictObject({
      duplicateWindowMs: z.int().min(0).default(days(7)).describe("How long a control id may not be used again, ms."),
    })
    .prefault({}),
  audit: z
    .strictObject({
      checkpointEveryMs: z.int().min(50).default(1_000).describe("Least time between two signed checkpoints, ms."),
    })
    .prefault({}),
  writeback: z
    .strictObject({
      concurrency: z.int().min(1).max(256).default(16).describe("Changes under way at the ERP at once."),
      callsPerSecond: z.int().min(1).default(500).describe("Upper bound of calls to the ERP per second."),
    })
    .prefault({}),
  sagas: z
    .strictObject({
      keepMs: z
        .int()
        .min(0)
        .default(days(90))
        .describe(
          "How long an ended saga is kept, with the personal values that its steps recorded, ms; a dry run sees no further back.",
        ),
    })
    .prefault({}),
  nav: navSettings.optional().describe("The ERP; the demo site fills it in for its double."),
  pds: pdsSettings.optional().describe("The national demographic service; the demo site fills it in for its double."),
  demo: z
    .strictObject({
      messageEveryMs: z
        .int()
        .min(0)
        .max(3_600_000)
        .default(5_000)
        .describe("Time between two messages of the demo site's invented hospital, ms; 0: it says nothing."),
      seed: z.int().min(1).max(499).default(1).describe("Which story the demo site's hospital tells."),
    })
    .prefault({}),
  identity: identitySettings.prefault({}),
  throttle: throttleSettings
    .prefault({})
    .describe("What a client may ask of each product: a machine as a whole, or each person at a client."),
  transformations: transformationSettings
    .default([])
    .describe(
      "What single clients call otherwise than the API documents: for each, by operation, steps for bodies and answers.",
    ),
  telemetry: telemetrySettings.prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(["debug", "info", "warn", "error", "silent"])
        .default("info")
        .describe("Least severity that is logged."),
    })
    .prefault({}),
});

/** The checked settings. */
export type Config = z.output<typeof configSchema>;

/** Settings that an environment variable can give. */
export const environmentSettings: readonly EnvironmentSetting[] = [
  { variable: "LOCKGATE_PORT_BASE", path: ["portBase"], isNumber: true },
  { variable: "LOCKGATE_DATA", path: ["dataDir"] },
  { variable: "LOCKGATE_SITE", path: ["site"] },
  { variable: "LOCKGATE_DATABASE_URL", path: ["database", "url"] },
  { variable: "LOCKGATE_MIGRATION_DATABASE_URL", path: ["database", "migrationUrl"] },
  { variable: "LOCKGATE_LOG_LEVEL", path: ["log", "level"] },
  { variable: "LOCKGATE_DEMO_MESSAGE_EVERY_MS", path: ["demo", "messageEveryMs"], isNumber: true },
];

/** Variables that are read before there are settings, or by the tests. */
export const knownVariables: readonly string[] = [
  "LOCKGATE_CONFIG",
  "LOCKGATE_SHARED",
  "LOCKGATE_TIER",
  `${secretVariablePrefix}*`,
];

/** Loads the settings from the file named by `LOCKGATE_CONFIG` and from the environment. @throws CONFIG_INVALID */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const config = loadConfig(configSchema, {
    file: environment.LOCKGATE_CONFIG,
    environment,
    settings: environmentSettings,
    known: knownVariables,
  });
  return { ...config, dataDir: resolve(config.dataDir) };
}
