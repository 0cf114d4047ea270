// A gateway as a process of its own, with work items to comment on, and beside it a server that does nothing but answer.
//
// Started by gateway.ts with one JSON argument; says over IPC that it is ready, and ends on SIGTERM.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openBackbone } from "#engine/backbone";
import { openWork } from "#engine/work";
import { type GatewayOptions, identitySettings, openGateway, throttleSettings } from "#gateway";
import { systemClock } from "#kernel/clock";
import { type DatabaseAddress, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { sendTelemetry } from "#kernel/telemetry";
import { openTelemetryExport } from "#kernel/telemetry-export";
import { telemetrySettings } from "#kernel/telemetry-settings";
import { vaultOf } from "#kernel/vault";

/** What to serve: the gateway on this database, or bare HTTP. */
export type ServerSpec =
  | { readonly kind: "bare" }
  | {
      readonly kind: "gateway";
      readonly database: DatabaseAddress;
      readonly logFile: string;
      readonly issuer: object;
      readonly items: number;
      /** Where spans and figures are pushed; absent: there are none. */
      readonly collector?: string;
    };

/** What the process says when it is ready. */
export type ServerReady = { readonly port: number; readonly items: readonly string[] };

const ROOMY = { perSecond: 100_000, burst: 1_000_000, perDay: 10_000_000_000 };
const CONNECTIONS = 12;
const DAY_MS = 86_400_000;

/** Reads JSON, writes JSON: what any server of this kind does at the least. */
async function serveBare(): Promise<ServerReady> {
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { comment } = JSON.parse(Buffer.concat(chunks).toString()) as { comment: string };
      const text = JSON.stringify({ done: comment.length > 0 ? "commented" : "nothing" });
      answer.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": text.length });
      answer.end(text);
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as AddressInfo).port, items: [] };
}

async function serveGateway(spec: Extract<ServerSpec, { kind: "gateway" }>): Promise<ServerReady> {
  const vault = vaultOf({
    data: new Map([[1, Buffer.alloc(32, 1)]]),
    current: () => 1,
    search: Buffer.alloc(32, 2),
    opensUnsealed: false,
  });
  const db = openDatabase(spec.database, CONNECTIONS, vault);
  const log = openLog("info", spec.logFile);
  if (spec.collector !== undefined) {
    const settings = telemetrySettings.parse({ metrics: true, otlp: { url: spec.collector } });
    sendTelemetry(openTelemetryExport({ settings, resource: { "service.name": "bench" }, log }).sink);
  }
  const backbone = await openBackbone({ db, node: newId(), clock: systemClock, log, keepMs: DAY_MS });
  const work = openWork({ db, backbone, clock: systemClock, log });
  const items = Array.from({ length: spec.items }, () => newId());
  for (let from = 0; from < items.length; from += 100)
    await db.transaction(async (tx) => {
      for (const id of items.slice(from, from + 100)) await work.open(tx, id, newItem());
    });
  const options: Partial<GatewayOptions> = {
    host: "127.0.0.1",
    port: 0,
    db,
    backbone,
    work,
    clock: systemClock,
    log,
    environment: "live",
    identity: identitySettings.parse({
      issuers: [spec.issuer],
      publicUrl: "https://gateway.bench.example",
      allowedPrivateHosts: ["127.0.0.1"],
    }),
    throttle: throttleSettings.parse({ ops: ROOMY, addresses: { perSecond: 100_000, burst: 1_000_000 } }),
    policies: join(import.meta.dirname, "../resources/policies"),
  };
  // The routes of other things are there and are not asked for anything.
  const gateway = await openGateway(options as GatewayOptions);
  return { port: Number(new URL(gateway.address).port), items };
}

const newItem = () => ({
  queue: "approvals",
  domain: "demographics",
  reason: "RC-BENCH-001",
  criticality: "normal" as const,
  journeyId: newId(),
  title: "A change waits for approval",
  content: { rows: [{ field: "postcode", current: "AA1 1AA", proposed: "AA1 1AB" }] },
  tried: [],
  actions: [{ name: "approve", quorum: 1, roles: ["steward"] }],
  excluded: [],
  dueAt: new Date(systemClock.now() + 10 * DAY_MS),
  reply: { session: "bench", context: {} },
});

const spec = JSON.parse(process.argv[2] ?? "") as ServerSpec;
const ready = spec.kind === "bare" ? await serveBare() : await serveGateway(spec);
process.once("SIGTERM", () => process.exit(0));
process.once("disconnect", () => process.exit(0)); // the bench was killed
process.send?.(ready);
