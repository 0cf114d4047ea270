// A site as `lockgate start` brings it up, doubles and all, with the ways of a test around the browser.

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type MllpClient, mllpClient } from "#connectors/mllp";
import { readAcknowledgement } from "#formats/hl7v2";
import type { UserInput } from "../../doubles/idp/index.ts";
import { readRunning } from "../../src/app/installation.ts";
import { endAll, run } from "../chaos/processes.ts";
import { type Adt, adt } from "../journeys/adt.ts";
import { navDesk, pdsDesk } from "../journeys/desks.ts";
import { freePortBase } from "../journeys/platform-rig.ts";
import { type Order, orderMessage } from "./orders.ts";

/** The site. */
export type ConsoleSite = Awaited<ReturnType<typeof startConsoleSite>>;

/** Starts it. @param messageEveryMs how often the demo's hospital speaks; 0: never */
export async function startConsoleSite(messageEveryMs = 0) {
  const { dataDir, portBase, close } = await started(messageEveryMs);
  const [sender, stores] = [portBase + 1, portBase + 6].map((port) =>
    mllpClient({
      host: "127.0.0.1",
      port,
      connections: 1,
      connectTimeoutMs: 2_000,
      ackTimeoutMs: 10_000,
      maxFrameBytes: 100_000,
    }),
  ) as [MllpClient, MllpClient];
  return {
    http: `http://127.0.0.1:${portBase}`,
    nav: navDesk(portBase + 2),
    pds: pdsDesk(portBase + 4),
    /** What the hospital says; the acknowledgement's code. */
    say: async (message: Adt): Promise<string> => readAcknowledgement(await sender.send(adt(message))).code,
    /** What the stores order; the acknowledgement's code. */
    order: async (order: Order): Promise<string> => readAcknowledgement(await stores.send(orderMessage(order))).code,
    /** Lets somebody more sign in. */
    async employ(user: UserInput): Promise<void> {
      const address = `http://127.0.0.1:${portBase + 5}/admin/users`;
      const headers = { "content-type": "application/json" };
      const answer = await fetch(address, { method: "PUT", headers, body: JSON.stringify(user) });
      if (!answer.ok) throw new Error(`the identity provider answered ${answer.status}`);
    },
    /** What the installation's own machine says to a command; its exit code. */
    command: (...args: string[]): Promise<unknown> =>
      run("src/app/main.ts", args, { LOCKGATE_DATA: dataDir, LOCKGATE_PORT_BASE: String(portBase) }).ended,
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
      await Promise.all([sender.close(), stores.close()]);
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
