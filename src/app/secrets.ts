// The secret store of an installation, as its settings name it.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Credential, certificateEnd } from "#gateway";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import type { Log } from "#kernel/log";
import { keyVaultSecrets } from "#kernel/secret-key-vault";
import { makeSecretFile, secretEnvironment, secretFiles } from "#kernel/secret-sources";
import { isReference, openSecrets, type SecretSource, type SecretStore, withSecrets } from "#kernel/secrets";
import type { Config } from "./config.ts";

const sourceOf = ({ secrets, dataDir }: Config, environment: NodeJS.ProcessEnv): SecretSource => {
  if (secrets.store === "environment") return secretEnvironment(environment);
  if (secrets.store === "file") return secretFiles(directoryOf({ secrets, dataDir }));
  const { keyVault } = secrets;
  if (!keyVault) throw new LockgateError("CONFIG_INVALID", { at: "secrets.keyVault", reason: "missing" });
  const { url, timeoutMs, clientId, tenantId, tokenFile, authority, identityEndpoint: endpoint } = keyVault;
  if (tokenFile === undefined) return keyVaultSecrets({ url, timeoutMs, as: { kind: "managed", endpoint, clientId } });
  if (tenantId === undefined || clientId === undefined)
    throw new LockgateError("CONFIG_INVALID", { at: "secrets.keyVault.tenantId", reason: "needed with tokenFile" });
  return keyVaultSecrets({ url, timeoutMs, as: { kind: "federated", authority, tenantId, clientId, tokenFile } });
};

const directoryOf = ({ secrets, dataDir }: Pick<Config, "secrets" | "dataDir">): string =>
  secrets.directory ?? join(dataDir, "secrets");

const KEY_BYTES = 32;

/**
 * Opens the store. The keys of the vault are made where a site that is not live keeps its secrets in files and has none yet;
 * a live one is given them. `makes` false: nothing is made, whatever the site.
 * @throws CONFIG_INVALID, SECRET_UNSAFE, SECRET_INVALID
 */
export async function openInstallationSecrets(
  config: Config,
  log: Log,
  {
    makes = true,
    environment = process.env,
  }: { readonly makes?: boolean; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<SecretStore> {
  const { keyEncryptionKey, searchKey } = config.vault;
  for (const [at, value] of Object.entries({ keyEncryptionKey, searchKey }))
    if (!isReference(value))
      throw new LockgateError("SECRET_UNSAFE", { at: `vault.${at}`, reason: "not in a secret store" });
  if (makes && config.secrets.store === "file" && config.environment !== "live") {
    for (const reference of [keyEncryptionKey, searchKey])
      if (!reference.includes("#"))
        await makeSecretFile(
          directoryOf(config),
          reference.slice("secret://".length),
          randomBytes(KEY_BYTES).toString("base64"),
        );
  }
  return openSecrets(sourceOf(config, environment), { clock: systemClock, log, refreshMs: config.secrets.refreshMs });
}

/** The settings with every secret that they name, asked for at each use. The keys of the vault stay names. */
export async function settingsWithSecrets(config: Config, store: SecretStore): Promise<Config> {
  const { vault, ...others } = config;
  const settled = (await withSecrets(others, store)) as Omit<Config, "vault">;
  return Object.defineProperties({ vault } as Config, Object.getOwnPropertyDescriptors(settled));
}

/** What is in use of secrets and certificates, by name and with its end; never a value. */
export function credentialsOf({ http }: Config, store: SecretStore): () => Promise<readonly Credential[]> {
  return async () => [
    ...store.states().map(({ reference: name, expiresAt = null, ...state }) => ({
      kind: "secret" as const,
      name,
      expiresAt,
      ...state,
    })),
    ...(http.tls
      ? [
          {
            kind: "certificate" as const,
            name: "http.tls.certificateFile",
            expiresAt: certificateEnd(http.tls),
            readAt: null,
            versions: 1,
            isStale: false,
          },
        ]
      : []),
  ];
}
