// Rotation under load: keys and secrets change while requests come, and none of them fails.

import { randomUUID } from "node:crypto";
import { exportJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openBackbone } from "#engine/backbone";
import { openWork } from "#engine/work";
import { identitySettings } from "#gateway";
import { manualClock, systemClock } from "#kernel/clock";
import { type Db, openDatabase } from "#kernel/db";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { withSecrets } from "#kernel/secrets";
import { openVault } from "#kernel/vault-keys";
import { signInIssuer } from "../../src/gateway/sessions/issuer.ts";
import { BEGUN_AT, newItem } from "../engine/work/desk.ts";
import { storeOf, underLoad } from "../under-load.ts";
import { openYard, type Yard } from "./door.ts";
import { newKey, publishKeys, signed } from "./identity/issuer.ts";

const DAY_MS = 86_400_000;
const LAVISH = Object.fromEntries(
  ["ops", "identity"].map((product) => [product, { perSecond: 50_000, burst: 100_000, perDay: 1_000_000_000 }]),
);
const log = openLog("silent");

let yard: Yard;
beforeAll(async () => {
  yard = await openYard();
});
afterAll(() => yard?.close());

test("the signing keys of a machine rotate under load without a failed request", async () => {
  const [keys, old, young] = [await publishKeys(), await newKey("old", "ES384"), await newKey("young", "ES384")];
  await keys.publish(old);
  const publicUrl = "https://hub.trust.example";
  const clients = [{ id: "robot", jwksUrl: keys.jwksUrl, scopes: ["work.list"], purposes: ["administration"] }];
  const gateway = await yard.open(LAVISH, {
    identity: identitySettings.parse({ publicUrl, clients }),
    clock: systemClock,
  });
  let key = old;
  vi.useFakeTimers({ toFake: ["Date"] });
  const asked = async (): Promise<string> => {
    const nowS = Math.floor(Date.now() / 1_000);
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: "ES384", kid: key.kid })
      .setIssuer("robot")
      .setSubject("robot")
      .setAudience(`${publicUrl}/oauth2/token`)
      .setExpirationTime(nowS + 120)
      .sign(key.privateKey);
    const granted = await fetch(`${gateway.address}/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion,
      }),
    });
    const { access_token: token } = (await granted.json()) as { access_token?: string };
    const listed = await fetch(`${gateway.address}/ops/v1/work/list`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: "{}",
    });
    return `${granted.status} ${listed.status}`;
  };
  try {
    const outcomes = await underLoad(asked, [
      () => keys.publish(old, young),
      () => {
        // Nobody announces a key and signs with it at once: unknown keys are asked for twice a minute at most.
        vi.setSystemTime(Date.now() + 31_000);
        key = young;
      },
      () => keys.publish(young),
    ]);
    expect(new Set(outcomes)).toEqual(new Set(["200 200"]));
  } finally {
    vi.useRealTimers();
    await gateway.close();
    keys.close();
  }
});

describe("the keys of data at rest", () => {
  const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString("base64");
  let wrappers = [keyOf(1)];
  const clock = manualClock(BEGUN_AT);
  const closers: (() => unknown)[] = [];
  /** A node's own view of the keys, and its pool. */
  async function node() {
    const secrets = storeOf({ kek: () => wrappers, search: () => [keyOf(9)] });
    const names = { keyEncryptionKey: "secret://kek", searchKey: "secret://search" };
    const opened = await openVault({ db: yard.desk.db, secrets, ...names, clock, log });
    const db = openDatabase(yard.desk.database.as("lockgate_app"), 6, opened.vault);
    closers.push(secrets.close, opened.close, () => db.close());
    return { ...opened, secrets, db };
  }
  afterAll(async () => {
    for (const close of closers) await close();
  });

  const item = newId();
  async function gatewayOn(db: Db) {
    const backbone = await openBackbone({ db, node: newId(), clock: systemClock, log, keepMs: DAY_MS });
    const work = openWork({ db, backbone, clock: yard.desk.clock, log });
    const gateway = await yard.open(LAVISH, { db, work });
    return { work, gateway, close: () => gateway.close().then(() => backbone.close()) };
  }

  test("rotate under load without a failed request: what was sealed is read, and what was answered is answered again", async () => {
    const [worker, keeper] = [await node(), await node()];
    const { work, gateway, close } = await gatewayOn(worker.db);
    await worker.db.transaction((tx) => work.open(tx, item, newItem({ domain: "demographics" })));
    const token = await yard.token("ann");
    const post = async (path: string, body: object, more: Record<string, string> = {}) => {
      const answer = await fetch(`${gateway.address}/ops/v1/work/${item}/${path}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "purpose-of-use": "administration",
          "content-type": "application/json",
          ...more,
        },
        body: JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const first = { "idempotency-key": "before-all-rotation" };
    const answered = await post("comment", { comment: "before" }, first);
    const asked = async (): Promise<unknown> => {
      const shown = await post("show", {});
      const told = await post("comment", { comment: "meanwhile" }, { "idempotency-key": randomUUID() });
      const again = await post("comment", { comment: "before" }, first);
      return [shown.status, told.status, again.status, again.text === answered.text].join(" ");
    };
    const readAgain = async () => {
      await worker.secrets.refresh();
      await worker.refresh();
    };
    const before = keeper.state().keys;
    const outcomes = await underLoad(asked, [
      () => {
        wrappers = [keyOf(2), keyOf(1)];
      },
      () => keeper.rewrap(),
      readAgain,
      () => clock.advance(DAY_MS),
      () => keeper.refresh(),
      () => {
        wrappers = [keyOf(2)];
      },
      readAgain,
    ]);
    expect(new Set(outcomes)).toEqual(new Set(["200 200 200 true"]));
    expect(keeper.state().keys).toBeGreaterThan(before);
    await close();
    // A node that has never known the old key reads what was sealed before all of it.
    const young = await node();
    const after = await gatewayOn(young.db);
    const shown = await fetch(`${after.gateway.address}/ops/v1/work/${item}/show`, {
      method: "POST",
      headers: { authorization: `Bearer ${await yard.token("ann")}`, "purpose-of-use": "administration" },
    });
    expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining("before")]);
    await after.close();
  });
});

test("the secret by which an identity provider knows this platform rotates under load without a failed request", async () => {
  const issuer = "https://id.trust.example";
  const key = await newKey("one");
  const accepted = new Set(["first-secret"]);
  const outbound = (async (input: unknown, init: RequestInit = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.endsWith("/keys")) return Response.json({ keys: [{ ...(await exportJWK(key.publicKey)), kid: key.kid }] });
    if (!url.endsWith("/token"))
      return Response.json({ issuer, authorization_endpoint: `${issuer}/go`, token_endpoint: `${issuer}/token` });
    const { client_secret: secret, refresh_token: refresh } = Object.fromEntries(
      new URLSearchParams(String(init.body)),
    );
    if (!accepted.has(secret!)) return Response.json({ error: "invalid_client" }, { status: 401 });
    const nowS = Date.now() / 1_000;
    const claims = { sub: "ann", client_id: "hub", scope: "lockgate", roles: ["stewards"] };
    const token = await signed(claims, { key, issuer, audience: "urn:lockgate", fromS: nowS - 5, tillS: nowS + 300 });
    return Response.json({ access_token: token, expires_in: 300, refresh_token: refresh });
  }) as typeof fetch;
  let versions = ["first-secret"];
  const store = storeOf({ idp: () => versions });
  const parsed = identitySettings.parse({
    issuers: [
      {
        name: "trust",
        kind: "oidc",
        issuer,
        jwksUrl: `${issuer}/keys`,
        audience: "urn:lockgate",
        roles: { stewards: "steward" },
        signIn: { clientId: "hub", clientSecret: "secret://idp" },
      },
    ],
  });
  const { issuers } = await withSecrets(parsed, store);
  const { signIn, ...others } = issuers[0]!;
  const at = signInIssuer({ ...others, signIn: signIn! }, { clock: systemClock, outbound });
  const renewed = () =>
    at.renew("a-refresh-token", { subject: "ann", sid: undefined }).then(
      (one) => (one ? "renewed" : "ended"),
      (thrown: { code?: string }) => thrown.code ?? "failed",
    );
  const outcomes = await underLoad(renewed, [
    () => accepted.add("second-secret"),
    () => {
      versions = ["second-secret", "first-secret"];
    },
    () => store.refresh(),
    () => accepted.delete("first-secret"),
  ]);
  expect(new Set(outcomes)).toEqual(new Set(["renewed"]));
  store.close();
});
