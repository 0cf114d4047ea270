// Settings of the secret store: where it is and how it is reached.

import { z } from "zod";

const https = z.string().regex(/^https:\/\/[^/]+$/, "not an https address without a path");

export const secretSettings = z.strictObject({
  store: z
    .enum(["file", "environment", "key-vault"])
    .default("file")
    .describe("Files of mode 0600, variables `LOCKGATE_SECRET_…`, or an Azure Key Vault."),
  directory: z.string().optional().describe("Of the files; absent: `secrets` in `dataDir`."),
  refreshMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(300_000)
    .describe("How old a secret may grow before it is read again, ms."),
  keyVault: z
    .strictObject({
      url: https.describe("Address of the vault, e.g. `https://trust.vault.azure.net`."),
      clientId: z.string().min(1).optional().describe("Of the identity, where the machine has more than one."),
      tenantId: z.string().min(1).optional().describe("With `tokenFile`: the directory that takes the token."),
      tokenFile: z.string().min(1).optional().describe("A federated token; absent: the machine's managed identity."),
      authority: https.default("https://login.microsoftonline.com").describe("Who takes a federated token."),
      identityEndpoint: z
        .string()
        .default("http://169.254.169.254/metadata/identity/oauth2/token")
        .describe("Where a managed identity gets its tokens."),
      timeoutMs: z.int().min(100).max(60_000).default(5_000).describe("Milliseconds that one request may take."),
    })
    .optional()
    .describe("With `store: key-vault`."),
});
