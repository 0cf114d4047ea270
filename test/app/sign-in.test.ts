// Signing in by command: where to approve it, what is kept on the machine, and in whose name other commands act.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { audience, commandClient, type IdpDouble, startIdpDouble } from "../../doubles/idp/index.ts";
import { type Config, configSchema } from "../../src/app/config.ts";
import { isOfDemo } from "../../src/app/demo-identity.ts";
import { writeRunning } from "../../src/app/installation.ts";
import { accessTokenOf, readSignedIn, signIn, signOut } from "../../src/app/signed-in.ts";
import { run } from "../chaos/processes.ts";

let idp: IdpDouble;
let dataDir: string;
let config: Config;
beforeAll(async () => {
  idp = await startIdpDouble({ gateway: "http://127.0.0.1:7400", lives: { accessTokenS: 300 } });
});
afterAll(async () => {
  await idp?.close();
});
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "lockgate-signed-in-"));
  const issuer = {
    name: "trust",
    kind: "oidc",
    issuer: idp.issuer,
    jwksUrl: `${idp.issuer}/jwks`,
    audience,
    signIn: { clientId: "not-for-commands", commandClientId: commandClient },
  };
  config = configSchema.parse({ dataDir, identity: { issuers: [issuer] } });
  return () => rmSync(dataDir, { recursive: true, force: true });
});
const admin = async (path: string, method: string, body: unknown) =>
  fetch(`${idp.issuer}/admin/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const subjectOf = (token: string): string | undefined => decodeJwt(token).sub;
/** Has the kept token be one that ends now. */
const age = (name: string): void => {
  const path = join(dataDir, "signed-in", `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), expiresAt: Date.now() }));
};

describe("at an identity provider of one's own", () => {
  const signInAs = (user: string, label?: string) =>
    signIn(config, label, ({ code }) => void admin("device", "POST", { userCode: code, user }));

  it("a person approves the command elsewhere, and commands act in that name from then on", async () => {
    await expect(accessTokenOf(config, undefined)).rejects.toMatchObject({ code: "SIGN_IN_REQUIRED" });
    expect(await signInAs("stella")).toMatchObject({ user: "stella" });
    expect(subjectOf(await accessTokenOf(config, undefined))).toBe("stella");
    await expect(accessTokenOf(config, "jane")).rejects.toMatchObject({ code: "SIGN_IN_REQUIRED" });
  });

  it("the sign-in is kept for its owner alone, and forgotten when asked", async () => {
    await signInAs("stella");
    expect(statSync(join(dataDir, "signed-in", "stella.json")).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, "signed-in")).mode & 0o777).toBe(0o700);
    signOut(config, "stella");
    expect(readSignedIn(config, "stella")).toBeUndefined();
    await expect(accessTokenOf(config, undefined)).rejects.toMatchObject({ code: "SIGN_IN_REQUIRED" });
  });

  it("a token that ends is renewed, each refresh token once", async () => {
    await signInAs("stella");
    const { refreshToken } = readSignedIn(config, "stella")!;
    age("stella");
    expect(subjectOf(await accessTokenOf(config, undefined))).toBe("stella");
    expect(readSignedIn(config, "stella")!.refreshToken).not.toBe(refreshToken);
  });

  it("a sign-in that the provider renews no more has to be made anew", async () => {
    await signInAs("stella");
    await admin("refresh-tokens", "DELETE", { user: "stella" });
    age("stella");
    await expect(accessTokenOf(config, undefined)).rejects.toMatchObject({ code: "SIGN_IN_REQUIRED" });
  });

  it("a provider that is away is told from a sign-in that is missing", async () => {
    await signInAs("stella");
    age("stella");
    await admin("faults", "PUT", []);
    const faults = await admin("faults", "PUT", [{ kind: "unavailable" }]);
    expect(faults.status).toBe(200);
    await expect(accessTokenOf(config, undefined)).rejects.toMatchObject({ code: "IDENTITY_UNAVAILABLE" });
    await admin("faults", "PUT", []);
  });

  it.each(["../stella", "a/b", "", ".current"])("a name that is no file's is refused: %j", async (name) => {
    await expect(accessTokenOf(config, name)).rejects.toMatchObject({ code: "REQUEST_INVALID" });
  });
});

describe("in the demo", () => {
  beforeEach(() => {
    writeRunning(dataDir, { pid: process.pid, http: "http://127.0.0.1:1", database: {}, demoIdentity: idp.issuer });
  });

  it("whoever is named is signed in without more ado, and the operator where nobody is", async () => {
    const invite = vi.fn<Parameters<typeof signIn>[2]>();
    expect(await signIn(config, "jane", invite)).toMatchObject({ user: "jane" });
    expect(invite).not.toHaveBeenCalled();
    expect(subjectOf(await accessTokenOf(config, "sam"))).toBe("sam");
    expect(subjectOf(await accessTokenOf(config, undefined))).toBe("olive");
    await expect(accessTokenOf(config, "nobody")).rejects.toMatchObject({ code: "SIGN_IN_REFUSED" });
  });

  it("the command line says in whose name it acts", async () => {
    const { ended, lines } = run("src/app/main.ts", ["whoami", "--as", "jane", "--json"], { LOCKGATE_DATA: dataDir });
    expect(await ended).toBe(0);
    expect(JSON.parse(lines.join("\n"))).toMatchObject({ subject: "jane", roles: ["approver"], issuer: idp.issuer });
  });

  it("the provider is known for the demo's, which a live site refuses", () => {
    expect(isOfDemo({ audience })).toBe(true);
  });
});
