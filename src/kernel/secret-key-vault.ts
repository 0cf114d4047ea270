// Secrets of an Azure Key Vault, by its REST interface (api-version 7.4), as a managed identity or by a federated token.

import { readFile } from "node:fs/promises";
import { LockgateError } from "./errors.ts";
import type { SecretSource, SecretVersion } from "./secrets.ts";

/** How the vault is reached, and as whom. */
export type KeyVaultOptions = {
  /** `https://name.vault.azure.net`. */
  readonly url: string;
  /** `managed`: the machine's own identity; `federated`: a token file that the cluster renews (workload identity). */
  readonly as:
    | { readonly kind: "managed"; readonly endpoint: string; readonly clientId?: string | undefined }
    | {
        readonly kind: "federated";
        readonly authority: string;
        readonly tenantId: string;
        readonly clientId: string;
        readonly tokenFile: string;
      };
  readonly timeoutMs: number;
  /** Pauses between attempts; their number is that of further attempts. */
  readonly pausesMs?: readonly number[];
  readonly nowMs?: () => number;
};

const API = "api-version=7.4";
const RESOURCE = "https://vault.azure.net";
/** The newest, and the ones that a rotation may still rest on. */
const MOST_VERSIONS = 3;
/** A token is renewed before it ends. */
const TOKEN_MARGIN_MS = 120_000;
const LONGEST_PAUSE_MS = 10_000;

type Listed = { readonly id: string; readonly attributes: Attributes };
type Attributes = {
  readonly enabled: boolean;
  readonly created?: number;
  readonly nbf?: number;
  readonly exp?: number;
};

const unavailable = (reason: string, more: { cause?: unknown; retryAfterMs?: number } = {}): LockgateError =>
  new LockgateError("SECRET_UNAVAILABLE", { reason, ...more });

/** Opens a vault. Names go into paths, values never into errors. */
export function keyVaultSecrets(options: KeyVaultOptions): SecretSource {
  const { url, timeoutMs, pausesMs = [250, 1_000, 3_000], nowMs = Date.now } = options;
  let token: { value: string; till: number } | undefined;

  const send = async (
    to: string,
    init: RequestInit,
  ): Promise<{ status: number; body: unknown; retryAfterMs: number }> => {
    try {
      // One deadline for the answer and its body.
      const answer = await fetch(to, { ...init, redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
      const body = answer.ok ? ((await answer.json()) as unknown) : void (await answer.body?.cancel());
      return { status: answer.status, body, retryAfterMs: Number(answer.headers.get("retry-after") ?? 0) * 1_000 || 0 };
    } catch (cause) {
      throw unavailable("no answer", { cause });
    }
  };

  const signedIn = async (): Promise<string> => {
    if (token && token.till > nowMs()) return token.value;
    const { status, body, retryAfterMs } = await askToken();
    const { access_token: value, expires_in: seconds } = (body ?? {}) as {
      access_token?: unknown;
      expires_in?: unknown;
    };
    if (status !== 200 || typeof value !== "string") throw unavailable(`sign-in ${status}`, { retryAfterMs });
    token = { value, till: nowMs() + Number(seconds) * 1_000 - TOKEN_MARGIN_MS };
    return value;
  };

  const askToken = async () => {
    const { as } = options;
    if (as.kind === "managed") {
      const who = as.clientId ? `&client_id=${encodeURIComponent(as.clientId)}` : "";
      return send(`${as.endpoint}?api-version=2018-02-01&resource=${encodeURIComponent(RESOURCE)}${who}`, {
        headers: { metadata: "true" },
      });
    }
    const assertion = await readFile(as.tokenFile, "utf8").catch((cause: unknown) => {
      throw new LockgateError("SECRET_INVALID", { at: "token file", cause });
    });
    return send(`${as.authority}/${encodeURIComponent(as.tenantId)}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: as.clientId,
        scope: `${RESOURCE}/.default`,
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion.trim(),
      }),
    });
  };

  const attempt = async (path: string, name: string): Promise<unknown> => {
    const { status, body, retryAfterMs } = await send(`${url}${path}`, {
      headers: { authorization: `Bearer ${await signedIn()}` },
    });
    if (status === 200) return body;
    if (status === 404) throw new LockgateError("SECRET_UNKNOWN", { at: name });
    // A token that was taken back: the next attempt signs in anew.
    if (status === 401) token = undefined;
    if (status === 403) throw new LockgateError("SECRET_INVALID", { at: name, reason: "the vault refuses us" });
    throw unavailable(`vault ${status}`, { retryAfterMs });
  };

  const get = async <Body>(path: string, name: string): Promise<Body> => {
    for (const pauseMs of pausesMs) {
      try {
        return (await attempt(path, name)) as Body;
      } catch (thrown) {
        if (!(thrown instanceof LockgateError) || thrown.code !== "SECRET_UNAVAILABLE") throw thrown;
        const wanted = Math.max(pauseMs, thrown.retryAfterMs ?? 0);
        await new Promise((resolve) => setTimeout(resolve, Math.min(wanted, LONGEST_PAUSE_MS)));
      }
    }
    return (await attempt(path, name)) as Body;
  };

  const one = async (name: string, version: string): Promise<SecretVersion> => {
    const { value, attributes } = await get<{ value: string; attributes: Attributes }>(
      `/secrets/${name}/${encodeURIComponent(version)}?${API}`,
      name,
    );
    if (typeof value !== "string" || value === "")
      throw new LockgateError("SECRET_INVALID", { at: name, reason: "empty" });
    return { version, value, ...(attributes.exp === undefined ? {} : { expiresAt: new Date(attributes.exp * 1_000) }) };
  };

  return {
    async read(name, version) {
      if (version !== undefined) return [await one(name, version)];
      const listed: Listed[] = [];
      for (let path: string | undefined = `/secrets/${name}/versions?${API}&maxresults=25`; path !== undefined; ) {
        const page: { value: Listed[]; nextLink?: string | null } = await get(path, name);
        listed.push(...page.value);
        // A page that leads elsewhere would be told our token.
        if (page.nextLink && !page.nextLink.startsWith(`${url}/`)) throw unavailable("page elsewhere");
        path = page.nextLink ? page.nextLink.slice(url.length) : undefined;
      }
      const seconds = nowMs() / 1_000;
      const good = listed
        .filter(
          ({ attributes: { enabled, nbf = 0, exp = Number.POSITIVE_INFINITY } }) =>
            enabled && nbf <= seconds && seconds < exp,
        )
        .toSorted((a, b) => (b.attributes.created ?? 0) - (a.attributes.created ?? 0))
        .slice(0, MOST_VERSIONS);
      const [newest, ...others] = await Promise.all(good.map(({ id }) => one(name, id.slice(id.lastIndexOf("/") + 1))));
      if (!newest) throw new LockgateError("SECRET_UNKNOWN", { at: name });
      return [newest, ...others];
    },
  };
}
