// The demo site's stand-in for the ERP: a process of its own, started beside the platform and ended with it.

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { NavSettings } from "#connectors/nav";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import type { Config } from "./config.ts";

const HOST = "127.0.0.1";
/** After a kill the old double may hold its ports for a moment longer. */
const TRIES = 10;
const PAUSE_MS = 200;

/** A running double. */
export type NavDouble = {
  readonly settings: NavSettings;
  readonly addresses: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

/** Starts the NAV double for the demo site. @throws START_PORT_TAKEN */
export async function startNavDouble(config: Config, root: string): Promise<NavDouble> {
  const odataPort = config.portBase + 2;
  const soapPort = config.portBase + 3;
  await untilFree(odataPort);
  await untilFree(soapPort);
  const child = await spawnReady(root, [
    "--odata-port",
    `${odataPort}`,
    "--soap-port",
    `${soapPort}`,
    "--data",
    join(config.dataDir, "nav-double"),
    "--with-parent",
  ]);
  const odata = `http://${HOST}:${odataPort}`;
  return {
    settings: {
      name: "nav",
      protocol: "odata",
      baseUrl: `${odata}/BC`,
      company: { name: "CRONUS UK Ltd." },
      user: "LOCKGATE",
      accessKey: "lockgate-demo-key",
      timeoutMs: 10_000,
      maxConnections: 16,
    },
    addresses: { "NAV double, OData": odata, "NAV double, SOAP": `http://${HOST}:${soapPort}` },
    stop: () => end(child),
  };
}

async function untilFree(port: number): Promise<void> {
  for (let attempt = 1; !(await isFree(port)); attempt += 1) {
    if (attempt === TRIES) throw new LockgateError("START_PORT_TAKEN", { at: `${HOST}:${port}` });
    await systemClock.sleep(PAUSE_MS);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: HOST, port }, () => server.close(() => resolve(true)));
  });
}

async function spawnReady(root: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(root, "doubles/nav/main.ts"), ...args],
    {
      stdio: ["pipe", "pipe", "ignore"],
      // Ctrl-C is the platform's to hear; it ends the double last.
      detached: true,
    },
  );
  if (await saysReady(child)) return child;
  throw new LockgateError("START_PORT_TAKEN", { at: `${HOST}:${args[1]}`, reason: "the NAV double did not start" });
}

function saysReady(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).once("line", () => resolve(true));
    child.once("exit", () => resolve(false));
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
