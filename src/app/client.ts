// The commands' way to a running platform: HTTP with the operator's token.

import { type ErrorCode, errorTable, LockgateError } from "#kernel/errors";
import type { Config } from "./config.ts";
import { operatorToken, readRunning } from "./installation.ts";

const TIMEOUT_MS = 60_000;

/** Calls `path` under `/ops/v1`. @throws the platform's own error; PLATFORM_NOT_RUNNING when nothing answers */
export async function call<Answer>(
  config: Config,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const http = readRunning(config.dataDir)?.http ?? `http://${config.http.host}:${config.portBase}`;
  const answer = await fetch(`${http}/ops/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${operatorToken(config.dataDir)}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new LockgateError("PLATFORM_NOT_RUNNING", { at: http, cause });
  });
  const content = (await answer.json()) as Answer & { code?: string; detail?: string };
  if (answer.ok) return content;
  const code = content.code && content.code in errorTable ? (content.code as ErrorCode) : "INTERNAL";
  throw new LockgateError(code);
}
