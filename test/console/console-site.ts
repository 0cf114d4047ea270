// A site as `lockgate start` brings it up, doubles and all, with the ways of a test around the browser.

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { mllpClient } from "#connectors/mllp";
import { readAcknowledgement } from "#formats/hl7v2";
import { readRunning } from "../../src/app/installation.ts";
import { endAll, run } from "../chaos/processes.ts";
import { type Adt, adt } from "../journeys/adt.ts";
import { navDesk, pdsDesk } from "../journeys/desks.ts";
import { freePortBase } from "../journeys/platform-rig.ts";

/** The site. */
export type ConsoleSite = Awaited<ReturnType<typeof startConsoleSite>>;

/** Starts it. @param messageEveryMs how often the demo's hospital speaks; 0: never */
export async function startConsoleSite(messageEveryMs = 0) {
  const { dataDir, portBase, close } = await started(messageEveryMs);
  const sender = mllpClient({
    host: "127.0.0.1",
    port: portBase + 1,
    connections: 1,
    connectTimeoutMs: 2_000,
    ackTimeoutMs: 10_000,
    maxFrameBytes: 100_000,
  });
  return {
    http: `http://127.0.0.1:${portBase}`,
    nav: navDesk(portBase + 2),
    pds: pdsDesk(portBase + 4),
    /** What the hospital says; the acknowledgement's code. */
    say: async (message: Adt): Promise<string> => readAcknowledgement(await sender.send(adt(message))).code,
    /** The log's key, as an auditor is handed it. */
    verifierKey: () => readFileSync(join(dataDir, "audit", "verifier.key"), "utf8").trim(),
    /** Whoever has the database in hand, past every right that the platform keeps. */
    async asIntruder<Row extends pg.QueryResultRow>(text: string, ...values: unknown[]): Promise<Row[]> {
      const client = new pg.Client({ ...readRunning(dataDir)!.database, user: "lockgate_super" } as pg.ClientConfig);
      await client.connect();
      try {
        return (await client.query<Row>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    async close(): Promise<void> {
      await sender.close();
      await close();
    },
  };
}

async function started(messageEveryMs: number) {
  const dataDir = mkdtempSync(join(tmpdir(), "lockgate-console-"));
  const portBase = await freePortBase();
  const platform = run("src/app/main.ts", ["start"], {
    LOCKGATE_DATA: dataDir,
    LOCKGATE_PORT_BASE: String(portBase),
    LOCKGATE_DEMO_MESSAGE_EVERY_MS: String(messageEveryMs),
  });
  const close = () => endAll(dataDir, [platform]);
  if ((await platform.line(/Lockgate is ready/)) !== undefined) return { dataDir, portBase, close };
  await close();
  throw new Error(platform.errors.join("\n"));
}
