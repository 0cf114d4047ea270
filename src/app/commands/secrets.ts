// `lockgate secrets …`: how secrets and keys stand, and keys and values brought up to the newest.

import { LockgateError } from "#kernel/errors";
import { openLog } from "#kernel/log";
import { hideSearched, sealStored } from "../carry-over/store.ts";
import type { Config } from "../config.ts";
import { withVault } from "../offline.ts";
import { EXIT, print, show, table } from "../output.ts";
import { openInstallationSecrets, settingsWithSecrets } from "../secrets.ts";

/** Days before its end at which a secret counts as a fault. */
const NOTICE_DAYS = 14;
const DAY_MS = 24 * 3_600_000;

/** Reads every secret that the settings name. @returns a line for people @throws SECRET_UNSAFE for one that ends soon */
export async function tellSecrets(config: Config): Promise<string> {
  const secrets = await openInstallationSecrets(config, openLog("silent"), { makes: false });
  try {
    await settingsWithSecrets(config, secrets);
    for (const reference of Object.values(config.vault)) await secrets.load(reference);
    const states = secrets.states();
    const late = states.filter(({ expiresAt }) => expiresAt && expiresAt.getTime() - Date.now() < NOTICE_DAYS * DAY_MS);
    const [first] = late;
    if (first)
      throw new LockgateError("SECRET_UNSAFE", {
        at: first.reference,
        reason: `ends ${first.expiresAt!.toISOString()}`,
      });
    const turning = states.filter(({ versions }) => versions > 1).length;
    return `${states.length} readable in the ${config.secrets.store} store, ${turning} of them in rotation`;
  } finally {
    secrets.close();
  }
}

/** @returns a line for people */
export const tellKeys = (config: Config): Promise<string> =>
  withVault(config, async (vault) => {
    const { keys, wrappedByNewest, newestDay, unsealed } = vault.state();
    const rest = [
      ...(wrappedByNewest < keys ? [`${keys - wrappedByNewest} wrapped by an older key`] : []),
      ...(unsealed.length > 0
        ? [`${unsealed.length} tables with values of before: run \`lockgate secrets rewrap\``]
        : []),
    ];
    return [`${keys} data keys, the newest of ${newestDay}`, ...rest].join("; ");
  });

export async function secretsStatus(config: Config, json: boolean): Promise<number> {
  const told = { secrets: await tellSecrets(config), keys: await tellKeys(config) };
  show(json, told, () => table(Object.entries(told).map(([name, text]) => [name, text])));
  return EXIT.done;
}

/**
 * Wraps the data keys by the newest key-encryption key, and seals what is left of before; may run beside the platform, and
 * begun again it goes on where it stood.
 */
export const rewrap = (config: Config, json: boolean): Promise<number> =>
  withVault(config, async (vault, { owner }) => {
    const tell = (name: string, rows: number): void => {
      if (!json) print(`  sealed ${rows} rows of ${name}`);
    };
    await hideSearched(owner, vault.vault, tell);
    await sealStored(owner, vault.vault, tell);
    const wrapped = await vault.rewrap();
    show(json, { wrapped }, () => `${wrapped} data keys wrapped anew`);
    return EXIT.done;
  });
