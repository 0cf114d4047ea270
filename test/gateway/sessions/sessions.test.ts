// Sessions of people in a browser: how they begin, what they are good for, and that nobody gets into somebody else's.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test, vi } from "vitest";
import { readRoles } from "#gateway";
import { browserClient } from "../../../doubles/idp/index.ts";
import { type Browser, openBrowser, openSite, type SignInSite } from "./browser-rig.ts";

/** So much that no test meets a bound. */
const LAVISH = { addresses: { perSecond: 10_000, burst: 10_000 } };

const codeOf = ({ text }: { readonly text: string }): unknown => (JSON.parse(text) as { code?: string }).code;

describe("a session", () => {
  let site: SignInSite;
  let browser: Browser;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site?.close());
  beforeEach(async () => {
    browser = openBrowser();
    await site.admin("reset");
  });

  it("begins at the issuer, brings its person back to where they were going, and is on record", async () => {
    const back = await site.signIn(browser, "stella", "/auth/sign-in?return=/work%3Fitem%3D7");
    expect(back).toMatchObject({ status: 303 });
    expect(back.to!.href).toBe(`${site.gateway.address}/work?item=7`);
    expect(await site.session(browser)).toMatchObject({ person: { id: "demo:stella", roles: ["steward"] } });
    const [begun] = (await site.leaves("session.begun")).slice(-1);
    expect(begun).toMatchObject({ outcome: "ok", actor: "demo:stella", detail: { roles: "steward", assurance: 2 } });
  });

  it("keeps every token to itself: the browser holds one cookie that no script reads, and the store neither cookie nor token", async () => {
    const back = await site.signIn(browser, "stella");
    const [cookie] = back.cookies.filter((one) => one.startsWith("lockgate-session=") && !one.includes("Max-Age=0"));
    expect(cookie).toMatch(/^lockgate-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const said = JSON.stringify([back, await site.session(browser)]);
    expect(said).not.toContain("eyJ");
    const rows = await site.desk.db.query<{ kept: string; renewal: Buffer }>(
      "select s::text as kept, renewal from session.session s",
    );
    const kept = rows.map((row) => row.kept + row.renewal.toString("latin1")).join();
    expect(kept).toContain("demo:stella");
    expect(kept).not.toContain(cookie!.slice(17, 60));
    expect(kept).not.toContain("eyJ");
  });

  it("begins though the way back says more than anybody reads", async () => {
    const back = await site.atIssuer(browser, "stella");
    back.searchParams.set("client_info", "more");
    expect((await browser.go(back)).status).toBe(303);
  });

  it("asks by itself as a token does, and writes only with its own token against forgery", async () => {
    await site.signIn(browser, "stella");
    const { csrfToken } = await site.session(browser);
    const other = openBrowser();
    await site.signIn(other, "jane");
    const { csrfToken: others } = await site.session(other);
    expect((await site.list(browser, { "x-csrf-token": csrfToken })).status).toBe(200);
    for (const headers of [
      {},
      { "x-csrf-token": "" },
      { "x-csrf-token": others },
      { "x-csrf-token": `${csrfToken}x` },
    ]) {
      const refused = await site.list(browser, headers as Record<string, string>);
      expect([refused.status, codeOf(refused)]).toEqual([403, "CSRF_REFUSED"]);
    }
  });

  it("is refused beside a token of its own: one request is one person's", async () => {
    await site.signIn(browser, "stella");
    const { csrfToken } = await site.session(browser);
    const refused = await site.list(browser, { "x-csrf-token": csrfToken, authorization: "Bearer anything" });
    expect([refused.status, codeOf(refused)]).toEqual([401, "REQUEST_UNAUTHENTICATED"]);
  });

  it("never is one that the browser came with", async () => {
    const fixed = "A".repeat(43);
    browser.jarOf(site.gateway.address).set("lockgate-session", fixed);
    await site.signIn(browser, "stella");
    expect(browser.jarOf(site.gateway.address).get("lockgate-session")).not.toBe(fixed);
    const attacker = openBrowser();
    attacker.jarOf(site.gateway.address).set("lockgate-session", fixed);
    expect(await site.session(attacker)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
  });

  it("takes the place of the one before it in the same browser", async () => {
    await site.signIn(browser, "stella");
    const before = browser.jarOf(site.gateway.address).get("lockgate-session")!;
    await site.signIn(browser, "stella");
    const attacker = openBrowser();
    attacker.jarOf(site.gateway.address).set("lockgate-session", before);
    expect(await site.session(attacker)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
  });

  test("another browser that has the way back gets no session", async () => {
    const back = await site.atIssuer(browser, "stella");
    const thief = openBrowser();
    const refused = await thief.go(back);
    expect([refused.status, codeOf(refused)]).toEqual([400, "SIGN_IN_REFUSED"]);
    expect((await site.leaves("session.begun")).at(-1)).toMatchObject({ detail: { reason: "browser" } });
    // What was stolen is used up for its owner too.
    expect(codeOf(await browser.go(back))).toBe("SIGN_IN_REFUSED");
  });

  test("a browser is not signed in as somebody who sent it their way back", async () => {
    const attacker = openBrowser();
    const theirs = await site.atIssuer(attacker, "jane");
    await site.atIssuer(browser, "stella");
    expect(codeOf(await browser.go(theirs))).toBe("SIGN_IN_REFUSED");
  });

  test("a way back counts once, and only in its time", async () => {
    const back = await site.atIssuer(browser, "stella");
    const cookie = browser.jarOf(site.gateway.address).get("lockgate-sign-in")!;
    expect((await browser.go(back)).status).toBe(303);
    browser.jarOf(site.gateway.address).set("lockgate-sign-in", cookie);
    expect(codeOf(await browser.go(back))).toBe("SIGN_IN_REFUSED");
  });

  test.each([
    ["a code of somebody else's question", (url: URL) => url.searchParams.set("code", "another")],
    ["no code", (url: URL) => url.searchParams.delete("code")],
    ["another issuer's name", (url: URL) => url.searchParams.set("iss", "https://evil.example")],
    ["a state that nobody gave out", (url: URL) => url.searchParams.set("state", "x".repeat(43))],
    ["a refusal of the issuer", (url: URL) => url.searchParams.set("error", "access_denied")],
  ])("%s begins no session", async (_, change) => {
    const back = await site.atIssuer(browser, "stella");
    change(back);
    const refused = await browser.go(back);
    expect([refused.status, codeOf(refused)]).toEqual([400, "SIGN_IN_REFUSED"]);
    expect(browser.jarOf(site.gateway.address).has("lockgate-session")).toBe(false);
  });

  test.each([
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "evil",
    "/\tx",
    "/%0d%0aset-cookie:x\n",
  ])("nobody is brought back to %j", async (path) => {
    const refused = await browser.go(`${site.gateway.address}/auth/sign-in?return=${encodeURIComponent(path)}`);
    expect([refused.status, codeOf(refused)]).toEqual([400, "REQUEST_INVALID"]);
  });

  it("ends at sign-out, which needs its token, and tells where the issuer's own ends without telling a token", async () => {
    await site.signIn(browser, "stella");
    const { csrfToken } = await site.session(browser);
    const out = (headers: Record<string, string>) =>
      browser.go(`${site.gateway.address}/auth/sign-out`, { method: "POST", headers });
    expect(codeOf(await out({}))).toBe("CSRF_REFUSED");
    const kept = browser.jarOf(site.gateway.address).get("lockgate-session")!;
    const done = JSON.parse((await out({ "x-csrf-token": csrfToken })).text) as { continueAt: string };
    const continueAt = new URL(done.continueAt);
    expect(continueAt.origin).toBe(site.idp.issuer);
    expect([...continueAt.searchParams.keys()]).toEqual(["client_id", "post_logout_redirect_uri"]);
    browser.jarOf(site.gateway.address).set("lockgate-session", kept);
    expect(await site.session(browser)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
    expect((await site.leaves("session.ended")).at(-1)).toMatchObject({ detail: { reason: "signed-out" } });
  });

  it("ends at once on every node when the issuer says so", async () => {
    const second = await site.node();
    try {
      await site.signIn(browser, "stella");
      const { csrfToken } = await site.session(browser);
      const there = openBrowser();
      const cookie = browser.jarOf(site.gateway.address).get("lockgate-session")!;
      there.jarOf(new URL(second.address).origin).set("lockgate-session", cookie);
      expect((await site.list(there, { "x-csrf-token": csrfToken }, second.address)).status).toBe(200);
      await site.admin("sign-out", "POST", { user: "stella" });
      expect(codeOf(await site.list(there, { "x-csrf-token": csrfToken }, second.address))).toBe("SESSION_ENDED");
      expect(await site.session(browser)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
    } finally {
      await second.close();
    }
  });

  describe("is not ended by a logout token that", () => {
    const forge = async (claims: object, { typ = "logout+jwt", key }: { typ?: string; key?: KeyObject } = {}) => {
      const own =
        key ??
        createPrivateKey(
          generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export({ type: "pkcs8", format: "pem" }),
        );
      return new SignJWT({
        events: { "http://schemas.openid.net/event/backchannel-logout": {} },
        jti: "one",
        sub: "stella",
        ...claims,
      })
        .setProtectedHeader({ alg: "RS256", typ })
        .setIssuer(site.idp.issuer)
        .setAudience(browserClient)
        .setIssuedAt()
        .setExpirationTime("2m")
        .sign(own);
    };
    test.each<[string, () => Promise<string>]>([
      ["somebody else signed", () => forge({})],
      ["is none", async () => "a.b.c"],
      ["is not there", async () => ""],
    ])("%s", async (_, token) => {
      await site.signIn(browser, "stella");
      const refused = await browser.go(`${site.gateway.address}/auth/back-channel-logout`, {
        method: "POST",
        body: new URLSearchParams({ logout_token: await token() }),
      });
      expect([refused.status, codeOf(refused)]).toEqual([400, "REQUEST_INVALID"]);
      expect(await site.session(browser)).toMatchObject({ status: 200 });
    });
  });
});

describe("a session in time", () => {
  let site: SignInSite;
  let browser: Browser;
  beforeEach(async () => {
    site = await openSite({
      sessions: { idleMs: 900_000, longestMs: 3_600_000 },
      lives: { accessTokenS: 86_400, refreshTokenS: 864_000 },
    });
    browser = openBrowser();
    await site.signIn(browser, "stella");
  });
  afterAll(() => site?.close());

  it("is locked after a quarter of an hour without use, and stays so", async () => {
    site.pass(899_000);
    expect(await site.session(browser)).toMatchObject({ status: 200 });
    const cookie = browser.jarOf(site.gateway.address).get("lockgate-session")!;
    site.pass(901_000);
    expect(await site.session(browser)).toMatchObject({ status: 401, code: "SESSION_LOCKED" });
    browser.jarOf(site.gateway.address).set("lockgate-session", cookie);
    expect(await site.session(browser)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
    expect((await site.leaves("session.ended")).at(-1)).toMatchObject({
      actor: "demo:stella",
      detail: { reason: "idle" },
    });
    await site.close();
  });

  it("ends at its longest however much it is used", async () => {
    for (let minutes = 0; minutes < 60; minutes += 10) {
      expect(await site.session(browser)).toMatchObject({ status: 200 });
      site.pass(600_000);
    }
    expect(await site.session(browser)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
    expect((await site.leaves("session.ended")).at(-1)).toMatchObject({ detail: { reason: "longest" } });
  });
});

describe("a session that is renewed", () => {
  let site: SignInSite;
  let browser: Browser;
  beforeAll(async () => {
    // Each request finds the token about to end.
    site = await openSite({ lives: { accessTokenS: 40, refreshTokenS: 36_000 } });
  });
  afterAll(() => site?.close());
  beforeEach(async () => {
    await site.admin("reset");
    browser = openBrowser();
    await site.signIn(browser, "stella");
  });

  it("has other rights from the renewal on, and the change is on record", async () => {
    await site.admin("users", "PUT", { id: "stella", name: "Stella Steward", roles: ["approver"] });
    expect(await site.session(browser)).toMatchObject({ person: { roles: ["approver"] } });
    expect((await site.leaves("session.changed")).at(-1)).toMatchObject({ detail: { was: "steward", is: "approver" } });
  });

  it("is renewed once though many ask at the same moment, on two nodes", async () => {
    const second = await site.node();
    try {
      const { csrfToken } = await site.session(browser);
      const there = openBrowser();
      there.jarOf(second.address).set("lockgate-session", browser.jarOf(site.gateway.address).get("lockgate-session")!);
      const headers = { "x-csrf-token": csrfToken };
      const asked = Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0 ? site.list(browser, headers) : site.list(there, headers, second.address),
      );
      expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set([200]));
    } finally {
      await second.close();
    }
  });

  it("goes on while the issuer is away and its word still stands, and then waits for it", async () => {
    await site.admin("faults", "PUT", [{ kind: "unavailable" }]);
    expect(await site.session(browser)).toMatchObject({ status: 200 });
    site.pass(41_000);
    expect(await site.session(browser)).toMatchObject({ status: 503, code: "IDENTITY_UNAVAILABLE" });
    await site.admin("faults", "PUT", []);
    expect(await site.session(browser)).toMatchObject({ status: 200 });
  });

  it("ends where the issuer tells of somebody else all at once", async () => {
    await site.desk.db.query("update session.session set subject = 'somebody-else'");
    expect(await site.session(browser)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
  });

  it("ends where the issuer renews no more", async () => {
    await site.admin("refresh-tokens", "DELETE", { user: "stella" });
    expect(await site.session(browser)).toMatchObject({ status: 401, code: "SESSION_ENDED" });
  });

  it("leaves its person no role to act by where the issuer renews no more, until they sign in again", async () => {
    await site.session(browser);
    expect(await readRoles(site.desk.db, "demo:stella")).toEqual(["steward"]);
    await site.admin("refresh-tokens", "DELETE", { user: "stella" });
    await site.session(browser);
    expect(await readRoles(site.desk.db, "demo:stella")).toEqual([]);
    await site.signIn(browser, "stella");
    expect(await readRoles(site.desk.db, "demo:stella")).toEqual(["steward"]);
  });
});

describe("the identity provider's keys", () => {
  it("rotate under load without a failed request", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const site = await openSite({ lives: { accessTokenS: 40, refreshTokenS: 36_000 }, throttle: LAVISH });
    try {
      const browsers = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const browser = openBrowser();
          await site.signIn(browser, "stella");
          return browser;
        }),
      );
      const statuses: number[] = [];
      let isOver = false;
      const load = browsers.map(async (browser) => {
        while (!isOver) statuses.push((await site.session(browser)).status);
      });
      for (const step of ["announce", "sign", "retire"]) {
        await site.admin("keys", "POST", { step });
        // Nobody announces a key and signs with it in one second.
        vi.setSystemTime(Date.now() + 2_000);
        const before = statuses.length;
        while (statuses.length < before + 40) await new Promise((resolve) => setImmediate(resolve));
      }
      isOver = true;
      await Promise.all(load);
      expect(statuses.length).toBeGreaterThan(100);
      expect(new Set(statuses)).toEqual(new Set([200]));
    } finally {
      vi.useRealTimers();
      await site.close();
    }
  });
});

test("nobody begins to sign in while the issuer is away, and the answer says why", async () => {
  const site = await openSite();
  try {
    await site.admin("faults", "PUT", [{ kind: "unavailable" }]);
    const refused = await openBrowser().go(`${site.gateway.address}/auth/sign-in`);
    expect([refused.status, codeOf(refused)]).toEqual([503, "IDENTITY_UNAVAILABLE"]);
  } finally {
    await site.close();
  }
});
