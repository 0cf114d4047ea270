// `lockgate config`: the settings in force, with secrets left out.

import type { Config } from "../config.ts";

const SECRETS = new Set(["accessKey", "privateKey", "clientSecret", "url", "migrationUrl", "password", "headers"]);

/** The settings as they may be shown: database addresses can hold a password, so they are left out like any secret. */
export function presentable(config: Config): unknown {
  return JSON.parse(
    JSON.stringify(config, (key, value: unknown) => (SECRETS.has(key) && value !== undefined ? "(set)" : value)),
  );
}
