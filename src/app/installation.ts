// What one installation keeps in its data directory beside the database: what is running, and where.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DatabaseAddress } from "#kernel/db";

/** The project's root directory. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where a running platform is reached from the same machine. */
export type Running = {
  readonly pid: number;
  readonly http: string;
  readonly database: DatabaseAddress;
  /** The demo's identity provider, where people sign in at it. */
  readonly demoIdentity?: string | undefined;
};

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
