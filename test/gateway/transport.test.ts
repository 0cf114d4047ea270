// HTTP under TLS: nothing in the clear, certificates renewed in place, and a client that has to show its own.

import { createHash, randomUUID, X509Certificate } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { exportJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GatewayOptions, identitySettings, openGateway } from "#gateway";
import { manualClock } from "#kernel/clock";
import { openLog } from "#kernel/log";
import { type Desk, openDesk } from "../engine/work/desk.ts";
import { newKey, type SigningKey } from "./identity/issuer.ts";

const PUBLIC_URL = "https://hub.trust.example";
const fixture = (name: string) => join(import.meta.dirname, "../fixtures/tls", name);
const pem = (name: string) => readFile(fixture(name), "utf8");

type Asking = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string };

describe("the gateway under TLS", () => {
  // A little ahead, so that tokens made now are good.
  const clock = manualClock(Date.now());
  let folder: string;
  let desk: Desk;
  let robot: SigningKey;
  let gateway: Awaited<ReturnType<typeof openGateway>>;
  let port: number;

  const install = async (certificate: string, key = certificate) => {
    await copyFile(fixture(`${certificate}.cert.pem`), join(folder, "hub.pem"));
    await copyFile(fixture(`${key}.test-only-key.pem`), join(folder, "hub.key"));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lockgate-tls-"));
    [desk, robot] = await Promise.all([openDesk(), newKey("robot", "ES384")]);
    await install("server");
    const { raw } = new X509Certificate(await pem("client.cert.pem"));
    const keys = [{ ...(await exportJWK(robot.publicKey)), kty: "EC", kid: robot.kid }];
    const client = { keys, scopes: ["work.list" as const], purposes: ["administration" as const] };
    const options: Partial<GatewayOptions> = {
      host: "127.0.0.1",
      port: 0,
      tls: {
        certificateFile: join(folder, "hub.pem"),
        keyFile: join(folder, "hub.key"),
        clientAuthoritiesFile: fixture("ca.cert.pem"),
      },
      db: desk.db,
      work: desk.work,
      clock,
      log: openLog("silent"),
      policies: join(import.meta.dirname, "../../resources/policies"),
      identity: identitySettings.parse({
        publicUrl: PUBLIC_URL,
        issuers: [],
        clients: [
          { id: "free", ...client },
          { id: "bound", ...client, certificate: createHash("sha256").update(raw).digest("base64url") },
        ],
      }),
    };
    gateway = await openGateway(options as GatewayOptions);
    port = Number(new URL(gateway.address).port);
  });
  afterAll(async () => {
    await gateway?.close();
    await desk?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Asks under a certificate of one's own, or none. */
  async function ask(path: string, { method = "GET", headers = {}, body }: Asking = {}, own?: string) {
    const [ca, cert, key] = await Promise.all([
      pem("ca.cert.pem"),
      own && pem(`${own}.cert.pem`),
      own && pem(`${own}.test-only-key.pem`),
    ]);
    const agent = new Agent({ ca, ...(cert && key ? { cert, key } : {}), servername: "localhost" });
    return new Promise<{ status: number; headers: Record<string, unknown>; body: Record<string, unknown> }>(
      (resolve, reject) => {
        const asked = request({ host: "127.0.0.1", port, path, method, headers, agent }, (answer) => {
          let text = "";
          answer.on("data", (chunk) => {
            text += chunk;
          });
          answer.on("end", () =>
            resolve({ status: answer.statusCode!, headers: answer.headers, body: JSON.parse(text) }),
          );
        });
        asked.on("error", reject);
        asked.end(body);
      },
    );
  }

  async function tokenOf(client: string, own?: string) {
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: "ES384", kid: robot.kid })
      .setIssuer(client)
      .setSubject(client)
      .setAudience(`${PUBLIC_URL}/oauth2/token`)
      .setExpirationTime(Math.floor(clock.now() / 1_000) + 240)
      .sign(robot.privateKey);
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return (await ask("/oauth2/token", { method: "POST", headers, body }, own)).body;
  }
  const list = async (token: unknown, own?: string) => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "purpose-of-use": "administration",
    };
    return (await ask("/ops/v1/work/list", { method: "POST", headers, body: "{}" }, own)).status;
  };

  it("answers, and has browsers come by TLS only from then on", async () => {
    const { status, headers } = await ask("/health/live");
    expect(status).toBe(200);
    expect(headers["strict-transport-security"]).toMatch(/^max-age=63072000/);
  });

  it("answers nobody in the clear, and no TLS older than 1.2", async () => {
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
    const refused = await new Promise<string>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, minVersion: "TLSv1", maxVersion: "TLSv1.1" });
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
      socket.on("secureConnect", () => resolve("connected"));
    });
    expect(refused).toMatch(/PROTOCOL|VERSION/);
  });

  it("gives a client whose certificate is named its token, and an answer, under that certificate alone", async () => {
    const { access_token: token } = await tokenOf("bound", "client");
    expect(await list(token, "client")).toBe(200);
    expect(await list(token), "stolen").toBe(401);
    expect(await list(token, "stranger"), "under another's").toBe(401);
    expect((await tokenOf("bound")).error, "an assertion without it").toBe("invalid_client");
    expect((await tokenOf("bound", "stranger")).error).toBe("invalid_client");
  });

  it("asks no certificate of others", async () => {
    expect(await list((await tokenOf("free")).access_token)).toBe(200);
  });

  it("takes a renewed certificate up, and none that does not fit its key", async () => {
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().subject.CN as string);
          socket.destroy();
        });
        socket.on("error", reject);
      });
    await install("stranger", "server");
    await clock.advance(30_000);
    expect(await shown(), "half renewed").toBe("mllp.hospital.test");
    await install("stranger");
    await clock.advance(30_000);
    expect(await shown()).toBe("stranger.test");
  });
});
