// The demo site's stand-ins for the ERP, the national service and the identity provider: processes of their own, started beside the platform.

import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { NavSettings } from "#connectors/nav";
import type { PdsSettings } from "#connectors/pds";
import { systemClock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import type { Config } from "./config.ts";
import { type DemoPerson, demoIssuer, demoPeople } from "./demo-identity.ts";
import { endProcess, spawnReady } from "./demo-process.ts";

const HOST = "127.0.0.1";
/** After a kill the old double may hold its ports for a moment longer. */
const TRIES = 10;
const PAUSE_MS = 200;
/** The client that the demo's Lockgate is to the PDS double. */
const PDS_CLIENT = { apiKey: "lockgate-demo", kid: "lockgate-demo-1" } as const;

/** The doubles at work. */
export type Doubles = {
  /** The settings, with the doubles in place of what they leave out. */
  configure(config: Config): Config;
  /** Where people sign in; undefined where the settings name somebody else for that. */
  readonly identity: string | undefined;
  /** Who can sign in there. */
  readonly people: readonly DemoPerson[];
  readonly addresses: Readonly<Record<string, string>>;
  /** Where the national service and the ERP are told what to play. */
  readonly national: string;
  readonly erp: string;
  stop(): Promise<void>;
};

/** Starts the doubles of the demo site. @throws START_PORT_TAKEN */
export async function startDoubles(config: Config, root: string): Promise<Doubles> {
  const base = config.portBase;
  const ports = { odata: base + 2, soap: base + 3, pds: base + 4, idp: base + 5 };
  const hasIdentity = config.identity.issuers.length === 0;
  for (const port of Object.values(ports)) await untilFree(port);
  const starting = [
    spawnReady(root, "nav", ["--odata-port", `${ports.odata}`, "--soap-port", `${ports.soap}`], config),
    spawnReady(root, "pds", ["--port", `${ports.pds}`], config),
    ...(hasIdentity
      ? [spawnReady(root, "idp", ["--port", `${ports.idp}`, "--gateway", gatewayOf(config)], config)]
      : []),
  ];
  const stop = async (): Promise<void> => {
    for (const child of await Promise.allSettled(starting))
      if (child.status === "fulfilled") await endProcess(child.value);
  };
  try {
    await Promise.all(starting);
    const odata = `http://${HOST}:${ports.odata}`;
    const pds = `http://${HOST}:${ports.pds}`;
    const settings = { nav: navAt(odata), pds: await pdsAt(pds, join(config.dataDir, "pds-double")) };
    const identity = hasIdentity ? `http://${HOST}:${ports.idp}` : undefined;
    return {
      identity,
      people: identity ? await demoPeople(identity) : [],
      configure: (before) => ({
        ...before,
        ...settings,
        ...(identity ? { identity: { ...before.identity, issuers: [demoIssuer(identity)] } } : {}),
      }),
      addresses: {
        "NAV double, OData": odata,
        "NAV double, SOAP": `http://${HOST}:${ports.soap}`,
        "PDS double": pds,
        ...(identity ? { "identity provider double": identity } : {}),
      },
      national: pds,
      erp: odata,
      stop,
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** How browsers reach the gateway: the identity provider sends them back there. */
const gatewayOf = ({ identity, http, portBase }: Config): string =>
  identity.publicUrl ?? `http://${http.host}:${portBase}`;

const navAt = (odata: string): NavSettings => ({
  name: "nav",
  protocol: "odata",
  baseUrl: `${odata}/BC`,
  company: { name: "CRONUS UK Ltd." },
  user: "LOCKGATE",
  accessKey: "lockgate-demo-key",
  timeoutMs: 10_000,
  maxConnections: 16,
});

/** Registers the demo's client with its public key, as a developer does at the national portal. */
async function pdsAt(url: string, dataDir: string): Promise<PdsSettings> {
  const key = demoKey(dataDir);
  const answer = await fetch(`${url}/admin/clients`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...PDS_CLIENT, publicKeyPem: createPublicKey(key).export({ type: "spki", format: "pem" }) }),
  });
  if (!answer.ok) throw new LockgateError("INTERNAL", { at: "PDS double" });
  return {
    name: "pds",
    baseUrl: `${url}/personal-demographics/FHIR/R4`,
    tokenUrl: `${url}/oauth2/token`,
    ...PDS_CLIENT,
    privateKey: key,
    // The real service agrees on five; a double is nobody's bottleneck.
    callsPerSecond: 1_000,
    timeoutMs: 10_000,
  };
}

/** The demo client's private key; made at the first start. */
function demoKey(dataDir: string): string {
  const path = join(dataDir, "client.key");
  try {
    return readFileSync(path, "utf8");
  } catch {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2_048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(path, privateKey, { mode: 0o600 });
    return privateKey;
  }
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
