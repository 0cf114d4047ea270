// A database, two doubles, and a platform between them that is killed and started again; and what a journey left behind.

import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { type MllpClient, mllpClient } from "#connectors/mllp";
import { checkpointPath, databaseLog, readCheckpointFile, type Verdict, verifyAudit } from "#engine/audit";
import type { Decider } from "#engine/work";
import { readAcknowledgement } from "#formats/hl7v2";
import { demoCredentials, startNavDouble } from "../../doubles/nav/index.ts";
import { demoClient, startPdsDouble } from "../../doubles/pds/index.ts";
import { testDatabase } from "../database.ts";
import { openTestIssuer } from "../gateway/identity/test-issuer.ts";
import { type Adt, adt } from "../journeys/adt.ts";
import { freePortBase, idOf, navDesk, operatorDesk, pdsDesk } from "../journeys/platform-rig.ts";
import { until } from "../until.ts";
import { openBoundaries } from "./boundaries.ts";
import type { NodeSetting } from "./node.ts";
import { kill, type Running, run } from "./processes.ts";
import type { Deed, Journey } from "./saga-journeys.ts";

const CALL_TIMEOUT_MS = 5_000;
const PATIENCE_MS = 60_000;
const ASK_EVERY_MS = 50;

/** Whether anything is left to read, to try again, or to be carried out; a question that waits for a person is not. */
const BUSY = `select exists (
    select from backbone.subscription s join backbone.cursor c on c.subscription = s.name
      cross join lateral (select from backbone.log l
        where l.topic = s.topic and l.partition = c.partition and l.position > c.position limit 1) l)
  or exists (select from backbone.parked where state <> 'dismissed')
  or exists (select from saga.instance where status in ('running', 'undoing') or awaiting ->> 'event' is not null)
  or exists (select from writeback.change where state = 'requested') as busy`;

/** Everything around the platform that is killed. */
export type SagaSite = Awaited<ReturnType<typeof startSagaSite>>;

/** Starts it all. `close` ends it. */
export async function startSagaSite() {
  const dataDir = await mkdtemp(join(tmpdir(), "lockgate-saga-kill-"));
  const database = await testDatabase();
  const people = await openTestIssuer();
  const boundaries = await openBoundaries(database.as("superuser"));
  const navDouble = await startNavDouble();
  const pdsDouble = await startPdsDouble();
  const [nav, pds] = [navDesk(navDouble.odataPort), pdsDesk(pdsDouble.port)];
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  await pds.register(publicKey);
  const portBase = await freePortBase();
  const setting: NodeSetting = {
    database: database.as("lockgate_app"),
    config: {
      dataDir,
      identity: people.settings,
      portBase,
      audit: { checkpointEveryMs: 200 },
      database: { connections: 6 },
      log: { level: "silent" },
      nav: {
        name: "nav",
        baseUrl: `http://127.0.0.1:${navDouble.odataPort}/BC`,
        company: { name: "CRONUS UK Ltd." },
        user: demoCredentials.user,
        accessKey: demoCredentials.secret,
        timeoutMs: CALL_TIMEOUT_MS,
        maxConnections: 8,
      },
      pds: {
        baseUrl: `http://127.0.0.1:${pdsDouble.port}/personal-demographics/FHIR/R4`,
        tokenUrl: `http://127.0.0.1:${pdsDouble.port}/oauth2/token`,
        ...demoClient,
        privateKey,
        callsPerSecond: 1_000,
        timeoutMs: CALL_TIMEOUT_MS,
      },
    },
  };
  const processes: Running[] = [];
  const load = (): Running => {
    const process = run("test/chaos/node.ts", [], { NODE_COMPILE_CACHE: join(dataDir, "compiled") });
    processes.push(process);
    return process;
  };
  /** Loaded and not started: the next one need not wait for its files. */
  let next = load();
  let node: Running | undefined;
  const start = async (): Promise<void> => {
    node = next;
    if ((await node.line(/^loaded$/)) === undefined)
      throw new Error(`the platform did not load: ${node.errors.join("\n")}`);
    node.child.stdin!.write(`${JSON.stringify(setting)}\n`);
    if ((await node.line(/^ready$/)) === undefined)
      throw new Error(`the platform did not start: ${node.errors.join("\n")}`);
    next = load();
  };
  const desk = operatorDesk(`http://127.0.0.1:${portBase}`, people);
  const senderTo = (port: number): MllpClient =>
    mllpClient({
      host: "127.0.0.1",
      port,
      connections: 1,
      connectTimeoutMs: 1_000,
      ackTimeoutMs: 10_000,
      maxFrameBytes: 100_000,
    });
  const [hospital, stores] = [senderTo(portBase + 1), senderTo(portBase + 6)];

  /** Repeats what was not answered, as a hospital does and as a person does at a screen that hangs. */
  const insist = async <T>(attempt: () => Promise<T | undefined>): Promise<T> => {
    let got: T | undefined;
    await until(async () => {
      got = await attempt().catch((thrown: unknown) => {
        if (/^[A-Z]+_/.test((thrown as Error).message) && !/_UNAVAILABLE|INTERNAL/.test((thrown as Error).message))
          throw thrown;
        return undefined;
      });
      return got !== undefined;
    }, PATIENCE_MS);
    return got!;
  };
  const sendBy = (sender: MllpClient, message: Buffer) =>
    insist(async () => {
      const answer = readAcknowledgement(await sender.send(message).catch(() => Buffer.alloc(0)));
      return answer.code === "AA" ? true : undefined;
    });
  const send = (message: Adt) => sendBy(hospital, adt(message));
  const isBusy = async () => (await boundaries.sql<{ busy: boolean }>(BUSY))[0]!.busy;
  /** Asks seldom: the question costs the database more than the journey does. */
  const atRest = () => until(async () => !(await isBusy()) || pause(ASK_EVERY_MS, false), PATIENCE_MS);

  const journeyOf = async (controlId: string): Promise<string> => {
    const [row] = await boundaries.sql<{ id: string }>(
      "select journey_id as id from channels.intake where control_id = $1",
      [controlId],
    );
    return row!.id;
  };

  const doDeed = async (journeyId: string, deed: Deed): Promise<void> => {
    const [saga] = await boundaries.sql<{ id: string }>("select id from saga.instance where journey_id = $1", [
      journeyId,
    ]);
    if (deed === "cancel") {
      const stands = () => boundaries.sql("select from saga.instance where id = $1 and status = 'waiting'", [saga!.id]);
      await insist(async () => {
        if ((await stands()).length === 0) return true;
        await desk.call("POST", `/sagas/instances/${saga!.id}/cancel`, {});
        return true;
      });
      return;
    }
    const { as, action } = deed;
    const hasChosen = () =>
      boundaries.sql(
        "select from work.history h join work.item i on i.id = h.item_id where i.journey_id = $1 and h.deed = 'chose' and h.by = $2",
        [journeyId, idOf(as)],
      );
    await insist(async () => {
      if ((await hasChosen()).length > 0) return true;
      const [item] = await boundaries.sql<{ id: string; digest: string }>(
        "select id, digest from work.item where journey_id = $1 and state = 'open'",
        [journeyId],
      );
      if (item) await desk.decide(item, action, as);
      return undefined;
    });
  };

  /** Which matches are decided twice is drawn by lot; a course that is compared with another must not hang on it. */
  const noSecondReviews = async (): Promise<void> => {
    const shipped = await readFile(new URL("../../resources/matching/rules.yaml", import.meta.url), "utf8");
    const text = shipped.replace('version: "1"', 'version: "no-lot"').replace("share: 0.05", "share: 0");
    await desk.call("PUT", "/rules/matching", { text }, { name: "rita", roles: ["steward"] }, { "if-match": "*" });
  };

  return {
    nav,
    pds,
    boundaries,
    start,
    atRest,
    noSecondReviews,
    /** Sends an order of stock until it is acknowledged. */
    order: (message: Buffer) => sendBy(stores, message),
    /** Asks the platform until it answers: whatever is asked has to bear being asked twice. */
    ask: <T>(method: "GET" | "POST", path: string, body: unknown, as: Decider) =>
      insist(() => desk.call<T>(method, path, body, as)),
    /** Kills the platform, as a crash of its machine does; `meanwhile` happens before it is started again. */
    async crash(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
      kill(node!.pid, "SIGKILL");
      await node!.ended;
      await meanwhile();
      await boundaries.expireLeases();
      await start();
    },
    /** Makes the people of a journey, and what is known of them, whatever is stopped later. */
    async prepare({ known, before }: Journey): Promise<void> {
      if (known.length > 0) await pds.know(...known);
      for (const message of before) await send(message);
      await atRest();
    },
    /** Plays a journey to its end, over every crash on the way. */
    async play({ message, deeds }: Journey): Promise<void> {
      await send(message);
      const journeyId = await journeyOf(message.controlId);
      for (const deed of deeds) {
        await atRest();
        await doDeed(journeyId, deed);
      }
      await atRest();
    },
    journeyOf,
    reconcile: () => desk.reconcile(),
    async verifyAudit(): Promise<Verdict> {
      const client = new pg.Client({ ...database.as("lockgate_auditor") });
      await client.connect();
      try {
        const verifierKey = await readFile(join(dataDir, "audit", "verifier.key"), "utf8");
        const pinned = await readCheckpointFile(checkpointPath(dataDir));
        return await verifyAudit({ ...(await databaseLog(client)), verifierKey, pinned: pinned ? [pinned] : [] });
      } finally {
        await client.end();
      }
    },
    async close(): Promise<void> {
      for (const process of processes) kill(process.pid, "SIGKILL");
      await Promise.all(processes.map(({ ended }) => ended));
      await Promise.all([hospital.close(), stores.close()]);
      people.close();
      await Promise.all([navDouble.close(), pdsDouble.close(), boundaries.close()]);
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
