// The platform alone as a process that can be killed: database and doubles are others' to keep.
//
// Everything is loaded before the line `loaded`; the first line on stdin, the setting as JSON, starts it; then `ready`.

import { createInterface } from "node:readline";
import type { DatabaseAddress } from "#kernel/db";
import { configSchema } from "../../src/app/config.ts";
import { roles, startPlatform } from "../../src/app/platform.ts";
import { loadChannels } from "../../src/app/site.ts";
import { testVault } from "../vault.ts";
import { root } from "./processes.ts";

/** What the platform is started with. */
export type NodeSetting = {
  readonly database: DatabaseAddress;
  readonly config: Readonly<Record<string, unknown>>;
};

const input = createInterface(process.stdin).once("close", () => process.exit());
input.once("line", async (line) => {
  const setting = JSON.parse(line) as NodeSetting;
  const config = configSchema.parse(setting.config);
  const channels = await loadChannels(config, root);
  await startPlatform({ ...setting, vault: testVault, config, channels, roles: new Set(roles) });
  process.stdout.write("ready\n");
});
process.stdout.write("loaded\n");
