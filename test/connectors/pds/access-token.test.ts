// The application's token: what its assertion says, how long it is used, and what a refusal of it leads to.

import { generateKeyPairSync, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { pdsSettings } from "#connectors/pds";
import { manualClock } from "#kernel/clock";
import type { LockgateError } from "#kernel/errors";
import { type Asked, httpPeer, type Said } from "../nav/peer.ts";
import {
  asJson,
  context,
  found,
  isTokenCall,
  nhsNumber,
  outcome,
  pdsAt,
  pdsPeer,
  privateKey,
  publicKey,
  requestId,
} from "./peer.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(port: number, closePeer: () => Promise<void>, more = {}, parts: Parameters<typeof pdsAt>[2] = {}) {
  closers.push(closePeer);
  const pds = pdsAt(port, more, parts);
  closers.push(() => pds.close());
  return () => pds.retrieve(nhsNumber, requestId, context());
}
const decoded = (part: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8"));
const tokenCalls = (asked: readonly Asked[]): Asked[] => asked.filter(isTokenCall);

describe("the application's token", () => {
  test("is asked for by an assertion that keeps the platform's rules, each with an id of its own", async () => {
    const peer = await pdsPeer(({ headers }) =>
      headers.authorization === "Bearer token-1" ? outcome(401, "ACCESS_DENIED") : found(),
    );
    const retrieve = await open(peer.port, peer.close);
    await retrieve();
    const forms = tokenCalls(peer.asked).map(({ body }) => new URLSearchParams(body));
    expect(forms).toHaveLength(2);
    const ids = forms.map((form) => {
      expect(form.get("grant_type")).toBe("client_credentials");
      expect(form.get("client_assertion_type")).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      const [header, claims, signature = ""] = (form.get("client_assertion") ?? "").split(".");
      expect(decoded(header)).toEqual({ alg: "RS512", typ: "JWT", kid: "test-1" });
      const { exp, jti, ...said } = decoded(claims);
      const aud = `http://127.0.0.1:${peer.port}/oauth2/token`;
      expect(said).toEqual({ iss: "api-key", sub: "api-key", aud });
      expect(Number(exp) - Date.now() / 1000).toBeLessThanOrEqual(300);
      expect(Number(exp) - Date.now() / 1000).toBeGreaterThan(60);
      const signed = Buffer.from(`${header}.${claims}`);
      expect(verify("sha512", signed, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
      return jti;
    });
    expect(new Set(ids).size).toBe(2);
  });

  test("is fetched once for all who ask at the same time", async () => {
    const peer = await pdsPeer(() => found());
    const retrieve = await open(peer.port, peer.close);
    await Promise.all(Array.from({ length: 8 }, retrieve));
    expect(tokenCalls(peer.asked)).toHaveLength(1);
  });

  test("is used until shortly before it expires", async () => {
    const clock = manualClock();
    const peer = await pdsPeer(() => found());
    // The limit waits by the clock too; one call at a time and time moved between them leaves it nothing to wait for.
    const retrieve = await open(peer.port, peer.close, {}, { clock });
    await retrieve();
    await clock.advance(560_000);
    await retrieve();
    expect(tokenCalls(peer.asked)).toHaveLength(1);
    await clock.advance(10_000);
    await retrieve();
    expect(tokenCalls(peer.asked)).toHaveLength(2);
    expect(peer.calls().map(({ headers }) => headers.authorization)).toEqual([
      "Bearer token-1",
      "Bearer token-1",
      "Bearer token-2",
    ]);
  });

  test("that is refused is replaced once, and the request sent once more under its own id", async () => {
    const peer = await pdsPeer(() => outcome(401, "ACCESS_DENIED"));
    const retrieve = await open(peer.port, peer.close);
    await expect(retrieve()).rejects.toMatchObject({ code: "NATIONAL_UNAUTHORISED", reason: "ACCESS_DENIED" });
    expect(peer.calls().map(({ headers }) => [headers.authorization, headers["x-request-id"]])).toEqual([
      ["Bearer token-1", requestId],
      ["Bearer token-2", requestId],
    ]);
  });

  test.each<[string, Said, string]>([
    ["refuses the assertion", asJson(400, { error: "invalid_request" }), "NATIONAL_UNAUTHORISED"],
    ["does not know the application", asJson(401, { error: "invalid_client" }), "NATIONAL_UNAUTHORISED"],
    ["is busy", asJson(429, {}, { "retry-after": "3" }), "NATIONAL_THROTTLED"],
    ["is away", asJson(503, {}, { "retry-after": "3" }), "NATIONAL_UNAVAILABLE"],
    ["sends no token", asJson(200, { expires_in: 599 }), "NATIONAL_UNAVAILABLE"],
    ["sends a token that is no header", asJson(200, { access_token: "a\nb", expires_in: 599 }), "NATIONAL_UNAVAILABLE"],
    ["sends a token without an end", asJson(200, { access_token: "a" }), "NATIONAL_UNAVAILABLE"],
    ["sends a page", { status: 200, body: "<html>" }, "NATIONAL_UNAVAILABLE"],
  ])("is not had when its giver %s, and nothing is asked without it", async (_how, said, code) => {
    const peer = await httpPeer(() => said);
    const retrieve = await open(peer.port, peer.close);
    const error: LockgateError = await retrieve().then(
      () => expect.unreachable(),
      (thrown: LockgateError) => thrown,
    );
    expect(error.code).toBe(code);
    expect(peer.asked.every(isTokenCall)).toBe(true);
    expect(error.retryAfterMs).toBe(said?.headers?.["retry-after"] ? 3_000 : undefined);
  });

  test("is asked for again by the next caller after a failure", async () => {
    let isAway = true;
    const peer = await httpPeer((asked) => {
      if (!isTokenCall(asked)) return found();
      return isAway ? asJson(503, {}) : asJson(200, { access_token: "late", expires_in: 599 });
    });
    const retrieve = await open(peer.port, peer.close);
    await expect(retrieve()).rejects.toMatchObject({ code: "NATIONAL_UNAVAILABLE" });
    isAway = false;
    expect(await retrieve()).toMatchObject({ outcome: "found" });
  });
});

describe("the private key", () => {
  test("is read from a file as from its text", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lockgate-key-"));
    closers.push(() => rm(folder, { recursive: true }));
    const path = join(folder, "key.pem");
    writeFileSync(path, privateKey);
    const peer = await pdsPeer(() => found());
    const retrieve = await open(peer.port, peer.close, { privateKey: path });
    expect(await retrieve()).toMatchObject({ outcome: "found" });
  });

  const pem = { type: "pkcs8", format: "pem" } as const;
  test.each([
    ["is no file", "/nowhere/secret.pem"],
    ["is no key", "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----"],
    ["is public", publicKey],
    ["is of a curve", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export(pem) as string],
    ["is too short", generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey.export(pem) as string],
  ])("that %s stops the start, and is not shown", (_how, key) => {
    let error: unknown;
    try {
      pdsAt(1, { privateKey: key });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "CONFIG_INVALID", at: "pds.privateKey" });
    const { message, cause } = error as LockgateError;
    expect(`${message} ${String(cause)}`).not.toMatch(/secret|BEGIN/);
  });
});

describe("the settings", () => {
  const least = {
    baseUrl: "https://pds.example/FHIR/R4",
    tokenUrl: "https://pds.example/oauth2/token",
    apiKey: "key",
    kid: "1",
    privateKey: "/etc/key.pem",
  };
  test("need no more than addresses and credentials", () => {
    expect(pdsSettings.parse(least)).toEqual({ ...least, name: "pds", callsPerSecond: 5, timeoutMs: 12_000 });
  });

  test.each([
    [{ baseUrl: "https://pds.example/FHIR/R4/" }],
    [{ baseUrl: "ftp://pds.example" }],
    [{ baseUrl: "https://user:word@pds.example/FHIR/R4" }],
    [{ tokenUrl: "https://pds.example/token?x=1" }],
    [{ tokenUrl: "token" }],
    [{ apiKey: "two words" }],
    [{ callsPerSecond: 0 }],
    [{ retries: 3 }],
  ])("refuse what cannot be meant: %#", (more) => {
    expect(pdsSettings.safeParse({ ...least, ...more }).success).toBe(false);
  });
});
