// What one installation keeps in its data directory beside the database: the operator's token and what is running.

import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DatabaseAddress } from "#kernel/db";

/** The project's root directory. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The token that operators' tools carry; made at the first start, readable by the owner alone. */
export function operatorToken(dataDir: string): string {
  const path = join(dataDir, "operator.token");
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    const token = randomBytes(32).toString("base64url");
    writeFileSync(path, `${token}\n`, { mode: 0o600, flag: "wx" });
    return token;
  }
}

/** Where a running platform is reached from the same machine. */
export type Running = { readonly pid: number; readonly http: string; readonly database: DatabaseAddress };

const pathOf = (dataDir: string): string => join(dataDir, "running.json");

export function writeRunning(dataDir: string, running: Running): void {
  writeFileSync(pathOf(dataDir), JSON.stringify(running), { mode: 0o600 });
}

export function clearRunning(dataDir: string): void {
  rmSync(pathOf(dataDir), { force: true });
}

/** The platform that runs on this data directory, as far as is known; it may have been killed. */
export function readRunning(dataDir: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(dataDir), "utf8")) as Running;
  } catch {
    return undefined;
  }
}
