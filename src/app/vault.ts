// The vault of an installation: its keys come from the database, and what opens them from the secret store.

import { systemClock } from "#kernel/clock";
import { type DatabaseAddress, openDatabase } from "#kernel/db";
import type { Log } from "#kernel/log";
import type { SecretStore } from "#kernel/secrets";
import { type OpenVault, openVault } from "#kernel/vault-keys";
import type { Config } from "./config.ts";

/** A vault with the connection that its keys are read on. */
export type InstallationVault = Omit<OpenVault, "close"> & { close(): Promise<void> };

/** @throws as `openVault` */
export async function openInstallationVault(
  { vault: { keyEncryptionKey, searchKey } }: Pick<Config, "vault">,
  address: DatabaseAddress,
  secrets: SecretStore,
  log: Log,
): Promise<InstallationVault> {
  const db = openDatabase(address, 1);
  try {
    const opened = await openVault({ db, secrets, keyEncryptionKey, searchKey, clock: systemClock, log });
    return {
      ...opened,
      async close() {
        opened.close();
        await db.close();
      },
    };
  } catch (thrown) {
    await db.close();
    throw thrown;
  }
}
