// A whole platform in this process, on a database of its own, between a hospital that speaks MLLP and a NAV double.

import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { type MllpClient, mllpClient } from "#connectors/mllp";
import { checkpointPath, databaseLog, readCheckpointFile, type Verdict, verifyAudit } from "#engine/audit";
import type { Parked } from "#engine/backbone";
import type { Journey } from "#engine/monitor";
import { type InstanceWithJournal, openSagas } from "#engine/sagas";
import type { Decider, Item, ItemSummary } from "#engine/work";
import { readAcknowledgement } from "#formats/hl7v2";
import type { ErrorCode } from "#kernel/errors";
import {
  demoCredentials,
  type FaultInput,
  type LedgerEntry,
  type NavDouble,
  type SwitchesInput,
  startNavDouble,
} from "../../doubles/nav/index.ts";
import {
  demoClient,
  type PdsDouble,
  type LedgerEntry as PdsEntry,
  type FaultInput as PdsFault,
  type PersonInput,
  startPdsDouble,
} from "../../doubles/pds/index.ts";
import { configSchema } from "../../src/app/config.ts";
import { roles, startPlatform } from "../../src/app/platform.ts";
import { loadChannels } from "../../src/app/site.ts";
import { testDatabase } from "../database.ts";
import { until } from "../until.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const testToken = "a-token-for-tests-only";

/** A record of NAV by its JSON field names. */
export type NavRecord = Readonly<Record<string, string>>;

/** An acknowledgement as the hospital reads it. */
export type Answer = ReturnType<typeof readAcknowledgement>;

/** The first of `count` ports in a row that nobody listens on: HTTP, MLLP, and those of the demo's double. */
export async function freePortBase(count = 2): Promise<number> {
  for (;;) {
    const base = await portFree(0);
    if (base > 65_000) continue;
    const others = Array.from({ length: count - 1 }, (_, index) => portFree(base + 1 + index).catch(() => undefined));
    if (!(await Promise.all(others)).includes(undefined)) return base;
  }
}

function portFree(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, () => {
      const { port: given } = server.address() as { port: number };
      server.close(() => resolve(given));
    });
  });
}

/** The desk of a NAV double: its ledger, its records and its faults, over HTTP. */
export function navDesk(odataPort: number) {
  const admin = async (path: string, method = "GET", body?: unknown): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${odataPort}/admin/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the double answered ${answer.status}`);
    return text;
  };
  const patients = async (): Promise<NavRecord[]> => {
    const records: unknown = JSON.parse(await admin("records/patients"));
    return (Array.isArray(records) ? records : (records as { value: NavRecord[] }).value) as NavRecord[];
  };
  const ledger = async (): Promise<LedgerEntry[]> =>
    (await admin("ledger")).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as LedgerEntry]));
  return {
    ledger,
    patients,
    /** The patients of one local identifier: one, unless something went wrong. */
    patientsBy: async (mrn: string) => (await patients()).filter((record) => record.mrn === mrn),
    /** Changes to the patient of a local identifier that came from us. */
    changesOf: async (mrn: string) => {
      const numbers = new Set((await patients()).filter((one) => one.mrn === mrn).map((one) => one.number));
      return (await ledger()).filter(({ key, user }) => numbers.has(key) && user === demoCredentials.user);
    },
    /** Changes a record as a user of the ERP does. */
    edit: (record: Readonly<Record<string, string>>) => admin("records/patients", "PUT", record),
    faults: (...faults: FaultInput[]) => admin("faults", "PUT", faults),
    fired: async () => JSON.parse(await admin("faults")) as (FaultInput & { fired: number })[],
    /** Changes which NAV this is. */
    switches: (switches: SwitchesInput) => admin("switches", "PUT", switches),
  };
}

/** The desk of a PDS double: the people it knows, what was asked of it, and its faults. */
export function pdsDesk(port: number) {
  const admin = async (path: string, method = "GET", body?: unknown): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}/admin/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the double answered ${answer.status}`);
    return text;
  };
  return {
    /** Adds people, or replaces them. */
    know: (...persons: PersonInput[]) => admin("patients", "PUT", persons),
    supersede: (from: string, to: string) => admin("supersede", "POST", { from, to }),
    invalidate: (nhsNumber: string) => admin("invalidate", "POST", { nhsNumber }),
    faults: (...faults: PdsFault[]) => admin("faults", "PUT", faults),
    fired: async () => JSON.parse(await admin("faults")) as (PdsFault & { fired: number })[],
    register: (publicKeyPem: string) => admin("clients", "PUT", { ...demoClient, publicKeyPem }),
    ledger: async () =>
      (await admin("ledger")).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as PdsEntry])),
  };
}

/** A person who decides, as a test names one. */
export const person = (name: string, ...own: string[]): Decider => ({
  name,
  roles: own.length > 0 ? own : ["approver"],
});

/** The operator's way into a running platform. */
export function operatorDesk(http: string, token: string) {
  const call = async <T>(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${http}/ops/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content = (await answer.json()) as T & { code?: ErrorCode };
    if (!answer.ok) throw new Error(content.code ?? `HTTP ${answer.status}`);
    return content;
  };
  const journeys = async (key: string): Promise<Journey[]> =>
    (await call<{ journeys: Journey[] }>("POST", "/journeys/search", { key })).journeys;
  const letterPath = ({ subscription, position }: Parked) => `/dead-letters/${subscription}/${position}`;
  return {
    call,
    journeys,
    journey: async (key: string): Promise<Journey> => (await journeys(key))[0]!,
    /** The newest journey of `key`, once it has come to rest. */
    async settled(key: string, withinMs = 20_000): Promise<Journey> {
      let journey: Journey | undefined;
      await until(async () => {
        journey = (await journeys(key).catch(() => []))[0];
        return journey !== undefined && journey.state !== "running";
      }, withinMs);
      return journey!;
    },
    deadLetters: async () => (await call<{ deadLetters: Parked[] }>("GET", "/dead-letters")).deadLetters,
    async deadLetterOf(key: string): Promise<Parked> {
      const { id } = (await journeys(key))[0]!;
      const { deadLetters } = await call<{ deadLetters: Parked[] }>("GET", "/dead-letters");
      return deadLetters.find((letter) => letter.journeyId === id)!;
    },
    /** The open work items of a journey. */
    async asked(key: string): Promise<ItemSummary[]> {
      const { id } = (await journeys(key))[0]!;
      const { items } = await call<{ items: ItemSummary[] }>("POST", "/work/list", { journeyId: id });
      return items.filter(({ state }) => state === "open" || state === "claimed");
    },
    show: async (id: string, as: Decider): Promise<Item> =>
      (await call<{ item: Item }>("POST", `/work/${id}/show`, { as })).item,
    decide: async (item: Pick<ItemSummary, "id" | "digest">, action: string, as: Decider, comment?: string) =>
      (
        await call<{ item: ItemSummary }>("POST", `/work/${item.id}/decide`, {
          as,
          action,
          digest: item.digest,
          comment,
        })
      ).item,
    /** Approves whatever a journey asks, in the name of each of `people`, until it has come to its end. */
    async approved(key: string, ...people: Decider[]): Promise<Journey> {
      let journey: Journey | undefined;
      await until(async () => {
        journey = (await journeys(key))[0]!;
        for (const { id } of journey.work) {
          const { items } = await call<{ items: ItemSummary[] }>("POST", "/work/list", { id });
          for (const one of people)
            await call("POST", `/work/${id}/decide`, { as: one, action: "approve", digest: items[0]!.digest });
        }
        return journey.state === "complete";
      });
      return journey!;
    },
    replay: (letter: Parked) => call("POST", `${letterPath(letter)}/replay`),
    dismiss: (letter: Parked) => call("POST", `${letterPath(letter)}/dismiss`),
    /** Resolves when nothing is queued or waits for its next attempt. */
    quiet: (withinMs = 20_000) =>
      until(async () => {
        const { backlog } = await call<{ backlog: { unread: number; waiting: number }[] }>("GET", "/channels");
        return backlog.every(({ unread, waiting }) => unread + waiting === 0);
      }, withinMs),
    setChannel: (state: "started" | "paused" | "stopped") => call("POST", "/channels/adt/state", { state }),
    reconcile: () => call<{ compared: number; discrepancies: unknown[] }>("POST", "/reconcile/nav"),
  };
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
export async function startSite(logLevel: "debug" | "silent" = "silent") {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const database = await testDatabase();
    closers.push(() => database.drop());
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
    const config = configSchema.parse({
      dataDir,
      portBase: await freePortBase(),
      audit: { checkpointEveryMs: 50 },
      log: { level: logLevel },
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
      channels: await loadChannels(config, root),
      operatorToken: testToken,
      roles: new Set(roles),
    });
    closers.push(() => platform.stop());
    const mllpPort = config.portBase + 1;
    const clients: MllpClient[] = [];
    const hospital = (connections = 1): MllpClient => {
      const client = mllpClient({
        host: "127.0.0.1",
        port: mllpPort,
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
    return {
      ...operatorDesk(`http://127.0.0.1:${config.portBase}`, testToken),
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
