// The storm: Lockgate killed again and again between a busy hospital, a faulty ERP and a faulty national service; then every
// message is accounted for.

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { demoCredentials, type FaultInput } from "../../doubles/nav/index.ts";
import type { FaultInput as PdsFault } from "../../doubles/pds/index.ts";
import { readRunning } from "../../src/app/installation.ts";
import { openTestIssuer } from "../gateway/identity/test-issuer.ts";
import { clientKey, freePortBase, navDesk, operatorDesk, pdsAt, pdsDesk } from "../journeys/platform-rig.ts";
import { account, journeyEnds } from "./account.ts";
import { feed, randomFrom } from "./feed.ts";
import { endAll, kill, postmasterOf, type Running, run } from "./processes.ts";

const kills = Number(process.env.CHAOS_KILLS ?? 50);
const count = Number(process.env.CHAOS_MESSAGES ?? 2_000);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const patients = Math.max(10, Math.round(count / 13));
const connections = 20;
/** Of the kills, those that hit PostgreSQL too, and those that hit it alone: then Lockgate must end by itself. */
const SERVER_TOO = 0.3;
const SERVER_ALONE = 0.15;
const [SHORTEST_MS, LONGEST_MS] = [60, 1_500];

const faults: FaultInput[] = (
  [
    ["commitThenDrop", 0.02],
    ["commitThenError", 0.01],
    ["truncatedBody", 0.01],
    ["dropBeforeCommit", 0.02],
    ["lock", 0.02],
    ["staleEtag", 0.02],
    ["throttle", 0.01],
    ["unavailable", 0.01],
    ["html", 0.01],
    ["slow", 0.02],
  ] as const
).map(([kind, probability], index) => ({ kind, probability, seed: seed + index, ms: kind === "slow" ? 400 : 0 }));

/** Each on one in so many of the calls. */
const nationalFaults: PdsFault[] = (
  [
    ["throttle", 41],
    ["unavailable", 53],
    ["dropBeforeCommit", 29],
    ["truncatedBody", 61],
    ["html", 67],
    ["unableToCall", 71],
    ["slow", 31],
    ["tokenExpired", 97],
  ] as const
).map(([kind, every]) => ({ kind, every, ...(kind === "slow" ? { delayMs: 400 } : {}) }));

test("nothing acknowledged is lost, doubled or out of order, whatever is killed and however ERP and national service fail", async () => {
  const startedAt = Date.now();
  const random = randomFrom(seed);
  const dataDir = await mkdtemp(join(tmpdir(), "lockgate-storm-"));
  const processes: Running[] = [];
  const people = await openTestIssuer();
  try {
    const nav = run("doubles/nav/main.ts", ["--data", join(dataDir, "nav"), "--with-parent"]);
    processes.push(nav);
    const { odataPort } = JSON.parse((await nav.line(/ready/))!) as { odataPort: number };
    const desk = navDesk(odataPort);
    const pds = run("doubles/pds/main.ts", ["--data", join(dataDir, "pds"), "--with-parent"]);
    processes.push(pds);
    const { port: pdsPort } = JSON.parse((await pds.line(/ready/))!) as { port: number };
    const nationalDesk = pdsDesk(pdsPort);
    await nationalDesk.register(clientKey().publicKey);
    const portBase = await freePortBase();
    const start = await starter(dataDir, portBase, odataPort, pdsPort, processes, people.settings);
    let platform = await start();
    await desk.faults(...faults);
    await nationalDesk.faults(...nationalFaults);

    const sent = feed(count, patients, seed);
    const sender = run("test/chaos/sender.ts", [portBase + 1, connections, count, patients, seed].map(String));
    processes.push(sender);
    const portions = kills + 1;
    const release = () => sender.child.stdin!.write(`${Math.ceil(count / portions)}\n`);
    let serverKills = 0;
    for (let round = 0; round < kills; round += 1) {
      release();
      await pause(SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS));
      expect(platform.child.exitCode, platform.errors.join("\n")).toBe(null);
      const dice = random();
      const server = dice < SERVER_TOO + SERVER_ALONE ? postmasterOf(dataDir) : undefined;
      if (server === undefined || dice < SERVER_TOO) kill(platform.pid, "SIGKILL");
      if (server !== undefined) {
        kill(server, "SIGKILL");
        serverKills += 1;
      }
      expect(await platform.ended).toBe(server !== undefined && dice >= SERVER_TOO ? 1 : "SIGKILL");
      platform = await start();
    }
    release();
    expect(await sender.line(/"done"/)).toBeDefined();
    const desks = operatorDesk(`http://127.0.0.1:${portBase}`, people);
    await desks.quiet(120_000);
    const fired = (await desk.fired()).reduce((sum, { fired: times }) => sum + times, 0);
    await desk.faults();
    const asked = await nationalDesk.ledger();

    const answers = new Map(
      sender.lines
        .map((line) => JSON.parse(line) as { controlId?: string; code?: string; retried?: number })
        .flatMap(({ controlId, code }) => (controlId && code ? [[controlId, code] as const] : [])),
    );
    const { database } = readRunning(dataDir)!;
    const evidence = {
      sent,
      answers,
      ends: await journeyEnds(database),
      ledger: await desk.ledger(),
      records: await desk.patients(),
    };
    const { faults: broken, sums } = account(evidence);
    const verified = run("src/app/main.ts", ["audit", "verify"], environment(dataDir, portBase));
    const verdict = await verified.ended;
    const { compared, discrepancies } = await desks.reconcile();
    const { retried } = JSON.parse(sender.lines.at(-1)!) as { retried: number };
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    process.stdout.write(
      `storm ${JSON.stringify({ seed, sent: count, ...sums, retried, ledger: evidence.ledger.length, asked: asked.length, compared, kills, serverKills, restarts: kills, fired, seconds })}\n`,
    );
    expect(asked.some(({ faults: struck }) => struck.length > 0)).toBe(true);
    expect({ broken, discrepancies, verdict, said: verified.lines }).toMatchObject({
      broken: [],
      discrepancies: [],
      verdict: 0,
    });
  } finally {
    await endAll(dataDir, processes);
    people.close();
  }
});

const environment = (dataDir: string, portBase: number) => ({
  LOCKGATE_CONFIG: join(dataDir, "storm.yaml"),
  LOCKGATE_DATA: dataDir,
  LOCKGATE_PORT_BASE: String(portBase),
});

/** Starts Lockgate on the data directory, with doubles that are not its own to start; resolves when it is ready. */
async function starter(
  dataDir: string,
  portBase: number,
  odataPort: number,
  pdsPort: number,
  processes: Running[],
  identity: object,
) {
  const nav = {
    name: "nav",
    baseUrl: `http://127.0.0.1:${odataPort}/BC`,
    company: { name: "CRONUS UK Ltd." },
    user: demoCredentials.user,
    accessKey: demoCredentials.secret,
    timeoutMs: 2_000,
    maxConnections: 16,
  };
  await writeFile(join(dataDir, "storm.yaml"), JSON.stringify({ nav, pds: pdsAt(pdsPort), identity }));
  return async (): Promise<Running> => {
    const platform = run("src/app/main.ts", ["start"], environment(dataDir, portBase));
    processes.push(platform);
    if ((await platform.line(/Lockgate is ready/)) === undefined)
      throw new Error(`Lockgate did not start: ${platform.errors.join("\n")}`);
    return platform;
  };
}
