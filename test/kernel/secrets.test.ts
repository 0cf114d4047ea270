// Secrets: told at each use, fresh, from files that nobody else reads, from the environment, or from a key vault with faults.

import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock } from "#kernel/clock";
import type { Log, LogFields } from "#kernel/log";
import { keyVaultSecrets } from "#kernel/secret-key-vault";
import { makeSecretFile, secretEnvironment, secretFiles } from "#kernel/secret-sources";
import { openSecrets, type SecretVersion, secret, withSecrets } from "#kernel/secrets";

/** A log that keeps its warnings. */
function listening() {
  const warnings: { text: string; fields: LogFields | undefined }[] = [];
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (text, fields) => void warnings.push({ text, fields }),
    error: () => undefined,
    child: () => log,
  };
  return { log, warnings };
}

describe("secrets in files", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "lockgate-secrets-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const put = (name: string, text: string, mode = 0o600) => writeFile(join(directory, name), text, { mode });

  test("are read newest version first, with the end of the newest", async () => {
    await put("nav-key", "one\n");
    await put("nav-key.v2", "two");
    await put("nav-key.v10", "ten");
    await put("nav-key.expires", "2026-12-31T00:00:00Z");
    await put("nav-key-other", "no");
    const files = secretFiles(directory);
    expect(await files.read("nav-key")).toEqual([
      { version: "10", value: "ten", expiresAt: new Date("2026-12-31T00:00:00Z") },
      { version: "2", value: "two" },
      { version: "1", value: "one" },
    ]);
    expect(await files.read("nav-key", "2")).toEqual([expect.objectContaining({ value: "two" })]);
  });

  test.each([
    ["that others may read", 0o644],
    ["that the group may read", 0o640],
  ])("%s are refused", async (_, mode) => {
    await put("key", "value");
    await chmod(join(directory, "key"), mode);
    await expect(secretFiles(directory).read("key")).rejects.toMatchObject({ code: "SECRET_INVALID", at: "key" });
  });

  test("behind a link, empty, or not there are refused", async () => {
    await put("real", "value");
    await symlink(join(directory, "real"), join(directory, "linked"));
    await put("empty", "\n");
    const files = secretFiles(directory);
    await expect(files.read("linked")).rejects.toMatchObject({ code: "SECRET_INVALID" });
    await expect(files.read("empty")).rejects.toMatchObject({ code: "SECRET_INVALID" });
    await expect(files.read("absent")).rejects.toMatchObject({ code: "SECRET_UNKNOWN" });
    await expect(secretFiles(join(directory, "nowhere")).read("absent")).rejects.toMatchObject({
      code: "SECRET_UNKNOWN",
    });
  });

  test("are made once, closed to all others", async () => {
    expect(await makeSecretFile(directory, "made", "first")).toBe(true);
    expect(await makeSecretFile(directory, "made", "second")).toBe(false);
    expect((await secretFiles(directory).read("made"))[0].value).toBe("first");
  });
});

test("secrets in the environment have the version before them beside them", async () => {
  const environment = secretEnvironment({ LOCKGATE_SECRET_NAV_KEY: "new", LOCKGATE_SECRET_NAV_KEY_PREVIOUS: "old" });
  expect((await environment.read("nav-key")).map(({ value }) => value)).toEqual(["new", "old"]);
  await expect(environment.read("other")).rejects.toMatchObject({ code: "SECRET_UNKNOWN", at: "other" });
});

describe("a secret at use", () => {
  const served = (initial: SecretVersion[]) => {
    const state: { versions: SecretVersion[]; fails: boolean } = { versions: initial, fails: false };
    const read = async (): Promise<readonly [SecretVersion, ...SecretVersion[]]> => {
      if (state.fails) throw new Error("down");
      const [newest, ...others] = state.versions;
      return [newest!, ...others];
    };
    return { state, source: { read } };
  };

  test("is the new one at once after it was read again, and the old one is accepted meanwhile", async () => {
    const { state, source } = served([{ version: "1", value: "old" }]);
    const { log, warnings } = listening();
    const store = openSecrets(source, { clock: manualClock(), log, refreshMs: 3_600_000 });
    const settings = await withSecrets(
      { nav: { user: "u", key: "secret://nav-key" }, list: [{ key: "plain" }] },
      store,
    );
    expect(settings).toEqual({ nav: { user: "u", key: "old" }, list: [{ key: "plain" }] });
    state.versions = [{ version: "2", value: "new" }, ...state.versions];
    await store.refresh();
    expect(settings.nav.key).toBe("new");
    expect(store.accepted("secret://nav-key")).toEqual(["new", "old"]);
    state.fails = true;
    await store.refresh();
    expect(settings.nav.key).toBe("new");
    expect(store.states()).toMatchObject([{ reference: "secret://nav-key", versions: 2, isStale: true }]);
    expect(warnings.map(({ text }) => text)).toEqual(["a secret could not be read again"]);
    expect(JSON.stringify(warnings)).not.toMatch(/new|old/);
    store.close();
  });

  test("is warned of two weeks before its end, once a day", async () => {
    const clock = manualClock(Date.UTC(2026, 0, 1));
    const { source } = served([{ version: "1", value: "v", expiresAt: new Date(Date.UTC(2026, 0, 20)) }]);
    const { log, warnings } = listening();
    const store = openSecrets(source, { clock, log, refreshMs: 3_600_000 });
    await store.load("secret://a");
    expect(warnings).toEqual([]);
    for (const hours of [6 * 24, 1, 24]) {
      await clock.advance(hours * 3_600_000);
      await store.refresh();
    }
    expect(warnings.map(({ fields }) => fields?.reference)).toEqual(["secret://a", "secret://a"]);
    store.close();
  });

  test.each([
    ["secret://nav-key", true],
    ["secret://nav-key#v2", true],
    ["in the clear", true],
    ["secret://", false],
    ["secret://Nav Key", false],
    ["secret://nav/../key", false],
    ["", false],
  ])("may be given as %j: %j", (value, isTaken) => {
    expect(secret.safeParse(value).success).toBe(isTaken);
  });
});

describe("secrets of a key vault", () => {
  type Answer = { status: number; body?: unknown; headers?: Record<string, string>; hangs?: true };
  let server: Server;
  let url: string;
  let asked: { path: string; authorization: string | undefined }[];
  /** Answers that come before the right ones, by the beginning of the path. */
  let faults: { path: string; answer: Answer }[];
  let tokens = 0;

  const attributes = (created: number, more: object = {}) => ({ enabled: true, created, ...more });
  const right = (path: string, authorization: string | undefined): Answer => {
    if (path.startsWith("/token"))
      return { status: 200, body: { access_token: `token-${++tokens}`, expires_in: "3600" } };
    if (authorization !== `Bearer token-${tokens}`) return { status: 401 };
    const id = (version: string) => `${url}/secrets/nav-key/${version}`;
    if (path.startsWith("/secrets/nav-key/versions?page2"))
      return {
        status: 200,
        body: { value: [{ id: id("c"), attributes: attributes(3, { exp: 2_000_000_000 }) }], nextLink: null },
      };
    if (path.startsWith("/secrets/nav-key/versions"))
      return {
        status: 200,
        body: {
          value: [
            { id: id("a"), attributes: attributes(1) },
            { id: id("b"), attributes: attributes(2, { enabled: false }) },
            { id: id("d"), attributes: attributes(4, { nbf: 4_000_000_000 }) },
          ],
          nextLink: `${url}/secrets/nav-key/versions?page2`,
        },
      };
    const version = /^\/secrets\/nav-key\/([ac])\?/.exec(path)?.[1];
    if (version)
      return {
        status: 200,
        body: { value: `value ${version}`, attributes: version === "c" ? { exp: 2_000_000_000 } : {} },
      };
    return { status: 404 };
  };

  beforeEach(async () => {
    asked = [];
    faults = [];
    tokens = 0;
    server = createServer((request: IncomingMessage, response: ServerResponse) => {
      const [path, { authorization }] = [request.url!, request.headers];
      asked.push({ path, authorization });
      const fault = faults.findIndex((one) => path.startsWith(one.path));
      const answer = fault >= 0 ? faults.splice(fault, 1)[0]!.answer : right(path, authorization);
      if (answer.hangs) return;
      response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
      response.end(JSON.stringify(answer.body ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const open = () =>
    keyVaultSecrets({
      url,
      as: { kind: "managed", endpoint: `${url}/token` },
      timeoutMs: 300,
      pausesMs: [1, 1],
    });

  test("are the enabled versions that are good now, over all pages, the newest first", async () => {
    expect(await open().read("nav-key")).toEqual([
      { version: "c", value: "value c", expiresAt: new Date(2_000_000_000_000) },
      { version: "a", value: "value a" },
    ]);
    expect(asked.every(({ path }) => !path.includes("value"))).toBe(true);
  });

  test.each<[string, Answer]>([
    ["says 401", { status: 401 }],
    ["says 429", { status: 429, headers: { "retry-after": "0" } }],
    ["says 503", { status: 503 }],
    ["does not answer in time", { status: 200, hangs: true }],
  ])("are read at another attempt where the vault %s", async (_, answer) => {
    faults = [{ path: "/secrets", answer }];
    expect((await open().read("nav-key"))[0].value).toBe("value c");
  });

  test.each<[string, string, Answer, string]>([
    ["refuses us", "/secrets", { status: 403 }, "SECRET_INVALID"],
    ["knows no such secret", "/secrets", { status: 404 }, "SECRET_UNKNOWN"],
    ["gives no token", "/token", { status: 400 }, "SECRET_UNAVAILABLE"],
    ["is down for long", "/secrets", { status: 503 }, "SECRET_UNAVAILABLE"],
  ])("are told as what they are where the vault %s", async (_, path, answer, code) => {
    faults = Array.from({ length: 9 }, () => ({ path, answer }));
    await expect(open().read("nav-key")).rejects.toMatchObject({ code });
  });

  test("are not asked for elsewhere, whatever a page says", async () => {
    const body = { value: [], nextLink: "http://elsewhere.test/secrets/nav-key" };
    faults = Array.from({ length: 3 }, () => ({ path: "/secrets/nav-key/versions", answer: { status: 200, body } }));
    await expect(open().read("nav-key")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  test("are asked for with a federated token, read anew each time, where there is one", async () => {
    const directory = await mkdtemp(join(tmpdir(), "lockgate-token-"));
    const tokenFile = join(directory, "token");
    await writeFile(tokenFile, "assertion\n");
    faults = [
      {
        path: "/tenant/oauth2/v2.0/token",
        answer: { status: 200, body: { access_token: "token-0", expires_in: 3_600 } },
      },
    ];
    const vault = keyVaultSecrets({
      url,
      as: { kind: "federated", authority: url, tenantId: "tenant", clientId: "client", tokenFile },
      timeoutMs: 300,
      pausesMs: [],
    });
    expect((await vault.read("nav-key", "a"))[0].value).toBe("value a");
    await rm(directory, { recursive: true });
  });
});
