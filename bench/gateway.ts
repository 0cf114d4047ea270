// What the front door costs: a JSON write with token, policy, schema, throttle, audit and trace, beside bare HTTP in the same run;
// and how much more where every request is told to a collector.
//
// `--requests 1000000` sends so many and shows memory as it goes.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { onFreshDatabase } from "./fresh-database.ts";
import type { RequestOrder, RequestResult } from "./gateway-load.ts";
import type { ServerReady, ServerSpec } from "./gateway-server.ts";
import { cpuMsOf, hashesPerMs, memory, othersCores, report, syncMs, usage, waitedMsOf } from "./measure.ts";
import { ask, end, profiling, start } from "./rig.ts";

const ISSUER = "https://id.bench.example";
const AUDIENCE = "urn:lockgate";
const ITEMS = 2_000;
const CONNECTIONS = 64;
const WARM = 10_000;
const MEASURED = 30_000;
const LONG_STEP = 100_000;
const TOKEN_S = 86_400;

const { values } = parseArgs({ options: { requests: { type: "string" } } });
const wanted = values.requests === undefined ? undefined : Number(values.requests);

/** An issuer's published key, and a person's token that it signed. */
async function openIssuer() {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "bench" }] });
  const server = createServer((_, answer) => void answer.setHeader("content-type", "application/json").end(keys));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const now = Math.floor(Date.now() / 1_000);
  const token = await new SignJWT({ client_id: "console", scope: "lockgate", roles: ["stewards"] })
    .setProtectedHeader({ alg: "ES256", kid: "bench", typ: "at+jwt" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject("bench")
    .setIssuedAt(now)
    .setExpirationTime(now + TOKEN_S)
    .sign(privateKey);
  const settings = {
    name: "bench",
    kind: "oidc",
    issuer: ISSUER,
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    algorithms: ["ES256"],
    audience: AUDIENCE,
    roles: { stewards: "steward" },
    assurance: { default: 2 },
  };
  return { token, settings, close: () => server.close() };
}

/** Takes whatever is pushed. */
async function openCollector() {
  const server = createServer((request, answer) => void request.on("end", () => answer.end("{}")).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const serve = (spec: ServerSpec, execArgv: string[] = []) =>
  start<ServerReady>("gateway-server.ts", [JSON.stringify(spec)], execArgv);

const rounded = (value: number): number => Number(value.toFixed(1));

await onFreshDatabase(async (owner, postmaster) => {
  const issuer = await openIssuer();
  const collector = await openCollector();
  const load = await start("gateway-load.ts");
  const bare = await serve({ kind: "bare" });
  const database = { ...owner, role: "lockgate_app" };
  const logFile = join(tmpdir(), `lockgate-bench-${process.pid}`, "lockgate.log");
  const spec = { kind: "gateway", database, logFile, issuer: issuer.settings, items: ITEMS } as const;
  const gateway = await serve(spec, profiling());
  const rig = [process.pid, load.child.pid!, bare.child.pid!];

  const send = (more: Partial<RequestOrder>): Promise<RequestResult> =>
    ask<RequestResult>(load.child, {
      port: gateway.ready.port,
      token: issuer.token,
      items: gateway.ready.items,
      connections: CONNECTIONS,
      requests: MEASURED,
      ...more,
    } satisfies RequestOrder);

  /** Sends to a gateway and tells what it cost. */
  async function measured(
    name: string,
    more: Partial<RequestOrder>,
    { child, ready } = gateway,
  ): Promise<{ cost: number; result: RequestResult }> {
    const watched = { node: child.pid!, postmaster, rig };
    const [speed, disk] = [hashesPerMs(), syncMs()];
    const before = usage(watched);
    const waited = waitedMsOf(watched.node);
    const result = await send({ port: ready.port, items: ready.items, ...more });
    const after = usage(watched);
    // A tail that is there only while Node waits for a core is the machine's, and where the load comes late it is the bench's own.
    const waitedForCore = (waitedMsOf(watched.node) - waited) / (after.atMs - before.atMs);
    const cost = ((after.nodeMs - before.nodeMs) * 1_000) / result.answered;
    report({
      bench: "gateway",
      case: name,
      requests: result.answered,
      wrong: result.wrong,
      perSecond: Math.round(result.answered / result.seconds),
      cpuMicros: rounded(cost),
      perCpuSecond: Math.round(1_000_000 / cost),
      postgresMicros: rounded(((after.postgresMs - before.postgresMs) * 1_000) / result.answered),
      p50Ms: rounded(result.p50Ms),
      p99Ms: rounded(result.p99Ms),
      waitedForCore: Number(waitedForCore.toFixed(2)),
      loadLateP99Ms: rounded(result.lateP99Ms),
      memory: memory(watched),
      others: othersCores(before, after),
      hashesPerMs: [speed, hashesPerMs()],
      syncMs: [disk, syncMs()],
    });
    return { cost, result };
  }

  /** What bare HTTP costs a request, CPU microseconds. */
  async function bareCost(): Promise<number> {
    await send({ port: bare.ready.port, items: [], requests: WARM });
    const before = cpuMsOf(bare.child.pid!);
    const { answered } = await send({ port: bare.ready.port, items: [] });
    return ((cpuMsOf(bare.child.pid!) - before) * 1_000) / answered;
  }

  /** What it costs more to tell a collector of every request. */
  async function telling(): Promise<void> {
    const traced = await serve({ ...spec, collector: collector.url });
    await send({ port: traced.ready.port, items: traced.ready.items, requests: WARM });
    const before = await measured("untold, before", {});
    const told = await measured("told to a collector", {}, traced);
    const after = await measured("untold, after", {});
    const ratio = told.cost / ((before.cost + after.cost) / 2);
    report({ bench: "gateway", case: "telemetry on beside off", ratio: Number(ratio.toFixed(2)) });
    await end(traced.child);
  }

  if (wanted === undefined) {
    await send({ requests: WARM });
    const bareBefore = await bareCost();
    const full = await measured("comment on a work item", {});
    const bareAfter = await bareCost();
    const bareMicros = (bareBefore + bareAfter) / 2;
    report({
      bench: "gateway",
      case: "beside bare node:http",
      bareMicros: rounded(bareMicros),
      timesBare: rounded(full.cost / bareMicros),
    });
    const half = full.result.answered / full.result.seconds / 2;
    await measured("at half that rate", { perSecond: half, requests: Math.round(half * 8) });
    await measured("with an idempotency key each", { withKeys: true, requests: MEASURED / 2 });
    await telling();
  } else {
    await send({ requests: WARM });
    for (let sent = 0; sent < wanted; sent += LONG_STEP)
      await measured(`after ${sent}`, { requests: Math.min(LONG_STEP, wanted - sent) });
  }

  for (const { child } of [load, bare, gateway]) await end(child);
  issuer.close();
  collector.close();
});
