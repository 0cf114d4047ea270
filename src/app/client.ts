// The commands' way to a running platform: HTTP, in the name of whoever is signed in.

import { type ErrorCode, errorTable, LockgateError } from "#kernel/errors";
import type { Config } from "./config.ts";
import { readRunning } from "./installation.ts";
import { accessTokenOf } from "./signed-in.ts";

const TIMEOUT_MS = 60_000;

/** On whose behalf a command calls, and why. */
export type Caller = {
  readonly config: Config;
  /** Whose sign-in is used; absent: the latest. */
  readonly as?: string | undefined;
  /** For what data of patients is asked for; absent: administration. */
  readonly purpose?: string | undefined;
  /** Why, in words; it is recorded where a policy asks for it. */
  readonly reason?: string | undefined;
};

/**
 * Calls `path` under `/ops/v1`.
 * @param more headers besides
 * @throws the platform's own error; PLATFORM_NOT_RUNNING when nothing answers; SIGN_IN_REQUIRED
 */
export async function call<Answer>(
  caller: Caller,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { config, as, purpose = "administration", reason } = caller;
  const http = readRunning(config.dataDir)?.http ?? `http://${config.http.host}:${config.portBase}`;
  const answer = await fetch(`${http}/ops/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await accessTokenOf(config, as)}`,
      "purpose-of-use": purpose,
      ...(reason === undefined ? {} : { "access-reason": asHeader(reason) }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...more,
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

/** A header carries bytes: the text's UTF-8, on one line. */
const asHeader = (text: string): string => Buffer.from(text.replaceAll(/\s+/g, " ").trim(), "utf8").toString("latin1");
