// A whole platform in this process, on a database of its own, between a hospital that speaks MLLP and a NAV double.

import { generateKeyPairSync, randomInt } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { type MllpClient, mllpClient } from "#connectors/mllp";
import { checkpointPath, databaseLog, readCheckpointFile, type Verdict, verifyAudit } from "#engine/audit";
import { type InstanceWithJournal, openSagas } from "#engine/sagas";
import { readAcknowledgement } from "#formats/hl7v2";
import { systemClock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { openLog } from "#kernel/log";
import { matchRulesName } from "#services/matching";
import { demoCredentials, type NavDouble, startNavDouble } from "../../doubles/nav/index.ts";
import { demoClient, type PdsDouble, startPdsDouble } from "../../doubles/pds/index.ts";
import { configSchema } from "../../src/app/config.ts";
import { roles, startPlatform } from "../../src/app/platform.ts";
import { loadChannels } from "../../src/app/site.ts";
import { openSiteRules } from "../../src/app/site-rules.ts";
import { testDatabase } from "../database.ts";
import { openTestIssuer } from "../gateway/identity/test-issuer.ts";
import { testVault } from "../vault.ts";
import { navDesk, operatorDesk, pdsDesk } from "./desks.ts";

export { idOf, type NavRecord, navDesk, operatorDesk, pdsDesk, person } from "./desks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** An acknowledgement as the hospital reads it. */
export type Answer = ReturnType<typeof readAcknowledgement>;

/** Below what Linux and macOS give to outgoing connections: a port that is free stays so until it is listened on. */
const LOWEST_BASE = 11_000;
const HIGHEST_BASE = 32_000;

/** HTTP, MLLP, the demo's doubles, and the MLLP of its stores. */
const PORTS = 7;

/** The first of as many ports in a row that nobody listens on as the demo site has. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = randomInt(LOWEST_BASE, HIGHEST_BASE);
    const isFree = await Promise.all(Array.from({ length: PORTS }, (_, index) => isPortFree(base + index)));
    if (!isFree.includes(false)) return base;
  }
}

function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port }, () => server.close(() => resolve(true)));
  });
}

let keys: { publicKey: string; privateKey: string } | undefined;

/** The connection to a PDS double, for the client that it knows by `clientKey`. */
export const pdsAt = (port: number) => ({
  baseUrl: `http://127.0.0.1:${port}/personal-demographics/FHIR/R4`,
  tokenUrl: `http://127.0.0.1:${port}/oauth2/token`,
  ...demoClient,
  privateKey: clientKey().privateKey,
  callsPerSecond: 1_000,
  timeoutMs: 1_000,
});

/** The key pair by which the platform under test is known to the PDS double; made once for all. */
export function clientKey(): { publicKey: string; privateKey: string } {
  keys ??= generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return keys;
}

/** Everything between the hospital and the ERP, running. */
export type Site = Awaited<ReturnType<typeof startSite>>;

/** Starts the demo site with every role. `close` ends all of it. */
export async function startSite(logLevel: "debug" | "silent" = "silent", more: object = {}) {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const database = await testDatabase();
    closers.push(() => database.drop());
    await reviewNothingTwice(database.db);
    const dataDir = await mkdtemp(join(tmpdir(), "lockgate-journeys-"));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    let nav: NavDouble = await startNavDouble({ dataDirectory: join(dataDir, "nav") });
    closers.push(() => nav.close());
    const { odataPort, soapPort } = nav;
    let pds: PdsDouble = await startPdsDouble({ dataDirectory: join(dataDir, "pds") });
    closers.push(() => pds.close());
    const { port: pdsPort } = pds;
    const national = pdsDesk(pdsPort);
    await national.register(clientKey().publicKey);
    const people = await openTestIssuer();
    closers.push(async () => people.close());
    const config = configSchema.parse({
      dataDir,
      identity: people.settings,
      portBase: await freePortBase(),
      audit: { checkpointEveryMs: 50 },
      log: { level: logLevel },
      ...more,
      nav: {
        name: "nav",
        baseUrl: `http://127.0.0.1:${odataPort}/BC`,
        company: { name: "CRONUS UK Ltd." },
        user: demoCredentials.user,
        accessKey: demoCredentials.secret,
        timeoutMs: 1_000,
        maxConnections: 16,
      },
      pds: pdsAt(pdsPort),
    });
    const platform = await startPlatform({
      config,
      database: database.as("lockgate_app"),
      vault: testVault,
      channels: await loadChannels(config, root),
      roles: new Set(roles),
    });
    closers.push(() => platform.stop());
    const mllpPort = config.portBase + 1;
    const clients: MllpClient[] = [];
    const hospital = (connections = 1, port = mllpPort): MllpClient => {
      const client = mllpClient({
        host: "127.0.0.1",
        port,
        connections,
        connectTimeoutMs: 2_000,
        ackTimeoutMs: 10_000,
        maxFrameBytes: 100_000,
      });
      clients.push(client);
      return client;
    };
    closers.push(() => Promise.all(clients.map((client) => client.close())));
    const sender = hospital();
    const stores = hospital(1, config.portBase + 6);
    return {
      ...operatorDesk(`http://127.0.0.1:${config.portBase}`, people),
      people,
      nav: navDesk(odataPort),
      pds: national,
      db: database.db,
      /** A saga's instance as the store has it. */
      async instance(id: string): Promise<InstanceWithJournal> {
        const nobody = {} as Parameters<typeof openSagas>[0];
        return openSagas({ ...nobody, db: database.db, definitions: [] }).instance(id);
      },
      dataDir,
      mllpPort,
      hospital,
      /** Sends one message on a connection kept for it. */
      send: async (message: Buffer): Promise<Answer> => readAcknowledgement(await sender.send(message)),
      /** Sends one order of stock, likewise. */
      order: async (message: Buffer): Promise<Answer> => readAcknowledgement(await stores.send(message)),
      /** The ERP goes away; the function returned brings it back with what it held. */
      async stopNav(): Promise<() => Promise<void>> {
        await nav.close();
        return async () => {
          nav = await startNavDouble({ odataPort, soapPort, dataDirectory: join(dataDir, "nav") });
        };
      },
      /** The national service goes away; the function returned brings it back with whom it knew. */
      async stopPds(): Promise<() => Promise<void>> {
        await pds.close();
        return async () => {
          pds = await startPdsDouble({ port: pdsPort, dataDirectory: join(dataDir, "pds") });
          await national.register(clientKey().publicKey);
        };
      },
      verifyAudit: () => verify(database.as("lockgate_auditor"), dataDir),
      log: () => readFile(join(dataDir, "log", "lockgate.log"), "utf8"),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Which match is looked at twice goes by a journey's id: here none is, or what a test counts would hang on chance. */
async function reviewNothingTwice(db: Db): Promise<void> {
  const shipped = await readFile(join(root, "resources/matching/rules.yaml"), "utf8");
  const { all } = await openSiteRules({ db, clock: systemClock, log: openLog("silent") });
  const none = shipped.replace("share: 0.05", "share: 0").replace('version: "1"', 'version: "1-once"');
  await all.put(matchRulesName, none, "tests");
}

async function verify(auditor: pg.ClientConfig, dataDir: string): Promise<Verdict> {
  const client = new pg.Client(auditor);
  await client.connect();
  try {
    const verifierKey = await readFile(join(dataDir, "audit", "verifier.key"), "utf8");
    const pinned = await readCheckpointFile(checkpointPath(dataDir));
    return await verifyAudit({ ...(await databaseLog(client)), verifierKey, pinned: pinned ? [pinned] : [] });
  } finally {
    await client.end();
  }
}
